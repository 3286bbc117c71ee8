"""The options of one docker command, read as spf13/pflag reads them, with its complaints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mountlab.containers.docker import go

_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "bool": go.parse_bool,
    "int": go.parse_int,
    "uint16": go.unsigned(16),
    "uint64": go.unsigned(64),
    "bytes": go.size_in_bytes,
    "duration": go.check_duration,
    "rational": go.check_rational,
    "string": str,
    "list": str,
}


REPEATED: Final = frozenset({"list", "env", "host", "label", "mount", "stream"})
"""Kinds of which every value counts, not the last one."""


class FlagError(Exception):
    """pflag's complaint about an option."""


class HelpAsked(Exception):
    """``-h`` or ``--help`` was written where it asks for the help text."""


@dataclass(frozen=True)
class Flag:
    """An option of a command.

    Attributes:
        use: the field of the request that it fills; "" when it changes nothing that is modelled.
        refused: why mountlab does not model it; "" when it does.
    """

    name: str
    short: str
    kind: str
    use: str = ""
    refused: str = ""


@dataclass
class Given:
    """What stood on a command line.

    Attributes:
        values: last value of each option that was given, by field of the request; all of them for a list.
        ignored: options that fill no field, as written.
        refused: the first option that is not modelled, as written, and why.
        rest: arguments that are no options.
    """

    values: dict[str, Any] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    refused: tuple[str, str] | None = None
    rest: list[str] = field(default_factory=list)


def table(text: str) -> dict[str, Flag]:
    """Options from lines of ``NAME[/SHORT] KIND [FIELD | - | !why it is not modelled]``."""
    flags = {}
    for line in filter(None, text.splitlines()):
        names, kind, use = line.split(None, 2)
        name, _, short = names.partition("/")
        refused = use[1:] if use.startswith("!") else ""
        flags[name] = Flag(name, short, kind, "" if refused or use == "-" else use, refused)
    return flags


class _Reader:
    """One walk over the arguments of a command."""

    def __init__(self, flags: Mapping[str, Flag], readers: Mapping[str, Callable[[str], Any]]) -> None:
        self.flags = flags
        self.shorts = {flag.short: flag for flag in flags.values() if flag.short}
        self.readers = {**_READERS, **readers}
        self.given = Given()

    def long(self, word: str, waiting: list[str]) -> None:
        name, equals, value = word[2:].partition("=")
        if not name or name[0] == "-":
            raise FlagError(f"bad flag syntax: {word}")
        flag = self.flags.get(name)
        if flag is None:
            if name == "help":
                raise HelpAsked
            raise FlagError(f"unknown flag: --{name}")
        if equals:
            self.set(flag, value, (word,))
        elif flag.kind == "bool":
            self.set(flag, "true", (word,))
        elif waiting:
            value = waiting.pop(0)
            self.set(flag, value, (word, value))
        else:
            raise FlagError(f"flag needs an argument: {word}")

    def short(self, letters: str, waiting: list[str]) -> None:
        while letters:
            letter, after = letters[0], letters[1:]
            flag = self.shorts.get(letter)
            if flag is None:
                if letter == "h":
                    raise HelpAsked
                raise FlagError(f"unknown shorthand flag: '{letter}' in -{letters}")
            if len(after) > 1 and after[0] == "=":
                self.set(flag, after[1:], ("-" + letters,))
                return
            if flag.kind == "bool":
                self.set(flag, "true", ("-" + letter,))
                letters = after
                continue
            if not after and not waiting:
                raise FlagError(f"flag needs an argument: '{letter}' in -{letters}")
            if after:
                self.set(flag, after, ("-" + letters,))
            else:
                value = waiting.pop(0)
                self.set(flag, value, ("-" + letter, value))
            return

    def set(self, flag: Flag, text: str, written: tuple[str, ...]) -> None:
        try:
            value = self.readers[flag.kind](text)
        except ValueError as error:
            shown = f"-{flag.short}, --{flag.name}" if flag.short else f"--{flag.name}"
            raise FlagError(
                f"invalid argument {go.quoted(text)} for {go.quoted(shown)} flag: {error}"
            ) from None
        if flag.refused:
            self.given.refused = self.given.refused or (written[0], flag.refused)
        elif not flag.use:
            self.given.ignored += written
        elif flag.kind in REPEATED:
            self.given.values.setdefault(flag.use, []).append(value)
        else:
            self.given.values[flag.use] = value


def read(
    flags: Mapping[str, Flag],
    arguments: Sequence[str],
    interspersed: bool = True,
    readers: Mapping[str, Callable[[str], Any]] | None = None,
) -> Given:
    """Read the arguments that follow the name of a command.

    Args:
        flags: its options.
        arguments: what was written.
        interspersed: whether options may stand after the first argument that is none.
        readers: what reads a kind of value that is not one of Go's own; raises ValueError.

    Raises:
        FlagError: with pflag's words.
        HelpAsked: for the help text.
    """
    reader = _Reader(flags, readers or {})
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            reader.given.rest += waiting
            break
        if word in ("", "-") or word[0] != "-":
            reader.given.rest.append(word)
            if not interspersed:
                reader.given.rest += waiting
                break
        elif word[1] == "-":
            reader.long(word, waiting)
        else:
            reader.short(word[1:], waiting)
    return reader.given
