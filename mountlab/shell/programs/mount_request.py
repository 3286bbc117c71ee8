"""What a mount(8) command line asks for."""

from __future__ import annotations

from dataclasses import dataclass, field

from mountlab.shell.programs.context import Context
from mountlab.shell.programs.mount_options import split_options
from mountlab.shell.programs.mount_table import is_tag
from mountlab.shell.programs.options import Options, OptionTable

MAKES = (
    "make-shared make-slave make-private make-unbindable"
    " make-rshared make-rslave make-rprivate make-runbindable"
).split()
TABLE = OptionTable(
    "aBcfFhilL:m::Mno:O:rRsU:vVwt:T:N:",
    "all=a fake=f fstab=T: fork=F help=h no-mtab=n read-only=r ro=r verbose=v version=V read-write=w rw=w"
    " options=o: test-opts=O: types=t: uuid=U: label=L: bind=B move=M rbind=R "
    + " ".join(MAKES)
    + " mkdir=m:: no-canonicalize=c internal-only=i show-labels=l target: target-prefix: source:"
    " options-mode: options-source: options-source-force namespace=N:",
    "B f l M m n o r R t v w i target source " + " ".join(MAKES),
)
PATHS = 2
"""Source and target."""
NOT_SIMULATED = frozenset(
    "sync async dirsync mand nomand iversion noiversion lazytime nolazytime loop offset sizelimit"
    " encryption uhelper"
    " helper context fscontext defcontext rootcontext user users owner group".split()
)
"""Options of -o that would change what is not modelled."""


@dataclass
class Request:
    """What the command line asks for."""

    source: str | None = None
    target: str | None = None
    fstype: str | None = None
    words: list[str] = field(default_factory=list)
    """The option list, in order."""
    is_operation: bool = False
    """Bind, rbind or move."""
    is_move: bool = False
    changes_propagation: bool = False
    verbose: bool = False
    fake: bool = False
    read_write: bool = False
    names_paths: bool = False
    """--source or --target was given: an operand is no longer either of them."""


def objection(options: Options) -> tuple[str, str] | None:
    """A word of -o that is outside the language."""
    for option in options.given:
        for word in split_options(option.value or "") if option.key == "o" else ():
            name, _, value = word.partition("=")
            if name in NOT_SIMULATED or (name.startswith("X-mount.") and name != "X-mount.mkdir"):
                return word, "this mount option is not simulated"
            if name == "size" and value.endswith("%"):
                return word, "a part of the memory is no size here: give a number with k, m or g"
    return None


def read(context: Context, options: Options) -> Request:
    """What the options say."""
    request = Request(options.last("source"), options.last("target"), options.last("t"))
    seen: set[str] = set()
    for option in options.given:
        key, value = option.key, option.value or ""
        if key in ("B", "M", "R"):
            seen.add(key)
            if len(seen) > 1:
                raise context.fail(1, "mutually exclusive arguments: --bind --move --rbind")
            request.is_operation = True
            request.is_move |= key == "M"
            request.words += {"B": ["bind"], "R": ["rbind"], "M": []}[key]
        elif key == "o":
            _add_options(context, request, value)
        elif key in ("r", "w"):
            request.words.append("ro" if key == "r" else "rw")
            request.read_write = key == "w"
        elif key == "m":
            mode = value.removeprefix("=")
            request.words.append("X-mount.mkdir" + (f'="{mode}"' if mode else ""))
        elif key in MAKES:
            request.words.append(key.removeprefix("make-"))
            request.changes_propagation = True
    request.verbose, request.fake = options.has("v"), options.has("f")
    request.names_paths = options.has("source", "target")
    return request


def _add_options(context: Context, request: Request, value: str) -> None:
    if value[:1] in ("=", "'", '"', " ", "\t") and value:
        raise context.fail(1, f"unsupported option format: {value}")
    words = split_options(value)
    if "move" in words:
        words.remove("move")
        request.is_operation = request.is_move = True
    request.words += words


def take_operands(context: Context, request: Request, operands: list[str]) -> None:
    """Settle which operand is the source and which the target."""
    has_source, has_target = request.source is not None, request.target is not None
    if not operands:
        return
    if len(operands) == 1 and not (has_source and has_target):
        names_label = is_tag(operands[0])
        if names_label and has_source:
            raise context.fail(1, "source specified more than once")
        if names_label or has_target:
            request.source = operands[0]
        else:
            request.target = operands[0]
        return
    if has_source or has_target or len(operands) > PATHS:
        raise context.usage(1, "bad usage")
    request.source, request.target = operands
