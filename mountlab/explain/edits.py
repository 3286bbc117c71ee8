"""The catalogue of changes that are tried: what somebody would write instead in one earlier command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from mountlab.explain.replay import Edit, Script, Typed
from mountlab.shell.lexer import lex
from mountlab.shell.syntax import Command, CommandLine

WORDS = ("shared", "slave", "private", "unbindable")
BETTER = {
    "private": ("shared", "slave"),
    "unbindable": ("private", "shared", "slave"),
    "slave": ("shared",),
    "shared": ("slave",),
}
"""What is tried instead of a propagation word, most likely first."""
MAKE = re.compile(r"--make-(r?)(shared|slave|private|unbindable)")
UNSHARED = ("slave", "shared", "unchanged")
GOES = ("unshare", "nsenter", "chroot", "pivot_root", "cd", "exit", "docker")
"""Programs after which the same words mean something else."""
CONTAINER = ("rslave", "rshared")
"""What is tried as the propagation of a directory of the host in a container."""
PROPAGATION = re.compile(r"r?(shared|slave|private)")
DROPPED = ("--make-private", "--make-rprivate", "--make-unbindable", "--make-runbindable", "--make-slave",
           "--make-rslave", "--move", "-M")  # fmt: skip


def of_line(typed: Typed) -> Iterator[Edit]:
    """The line with other words."""
    for words in _variants(typed):
        line = read(shlex.join(words))
        yield Edit("replace", typed.number or 0, Typed(typed.shell, line, typed.number))


def read(text: str) -> CommandLine:
    """A command line of our own making."""
    return lex([text], 0, 0).line


def command_of(typed: Typed) -> Command | None:
    """The one plain command of a line; None when it is more than that."""
    if typed.line is None or len(typed.line.commands) != 1:
        return None
    command = typed.line.commands[0]
    return None if command.redirects or command.stdin is not None else command


def _variants(typed: Typed) -> Iterator[list[str]]:
    command = command_of(typed)
    if command is None:
        return
    words = list(command.argv)
    if words[0] == "unshare" and any(re.match(r"--mount|-\w*m", word) for word in words):
        yield from _unshare(words)
    elif words[0] == "docker" and words[1:2] in (["run"], ["create"]):
        for index, word in enumerate(words):
            for new in _volume(word, words[index - 1]):
                yield [*words[:index], new, *words[index + 1 :]]
    elif words[0] == "mount":
        for index, word in enumerate(words):
            for new in _word(word, words[index - 1] == "-o"):
                yield [*words[:index], new, *words[index + 1 :]]


def _unshare(words: list[str]) -> Iterator[list[str]]:
    """Another word after --propagation, or the option where it is missing."""
    at = next((i for i, word in enumerate(words) if word.startswith("--propagation")), None)
    for new in UNSHARED:
        if at is None:
            yield [*words, "--propagation", new]
        elif "=" in words[at]:
            yield [*words[:at], f"--propagation={new}", *words[at + 1 :]]
        else:
            yield [*words[: at + 1], new, *words[at + 2 :]]


def _volume(word: str, before: str) -> Iterator[str]:
    """A directory of the host given to a container with another propagation."""
    if before in ("-v", "--volume") and word.startswith("/") and ":" in word:
        source, target, *modes = word.split(":")
        kept = [mode for mode in ",".join(modes).split(",") if mode and not PROPAGATION.fullmatch(mode)]
        yield from (":".join((source, target, ",".join([*kept, new]))) for new in CONTAINER)
    elif before == "--mount" and "type=bind" in word.split(","):
        fields = [field for field in word.split(",") if not field.startswith("bind-propagation=")]
        yield from (",".join([*fields, f"bind-propagation={new}"]) for new in CONTAINER)


def _word(word: str, is_option_list: bool) -> Iterator[str]:
    """What else could stand for one word of a mount command."""
    if word in ("--bind", "-B"):
        yield "--rbind" if word == "--bind" else "-R"
    match = MAKE.fullmatch(word)
    if match:
        yield from (f"--make-{match[1]}{new}" for new in BETTER[match[2]])
        if not match[1]:
            yield f"--make-r{match[2]}"
    if is_option_list:
        options = word.split(",")
        for index, option in enumerate(options):
            for new in _option(option, options):
                yield ",".join([*options[:index], new, *options[index + 1 :]])


def _option(option: str, options: list[str]) -> Iterator[str]:
    if option == "bind" and "remount" not in options:
        yield "rbind"
    plain = option.removeprefix("r")
    if plain in WORDS:
        yield from (option.removesuffix(plain) + new for new in BETTER[plain])


def dropped(typed: Typed) -> Iterator[Edit]:
    """The line left out, if it is one that takes something away."""
    command = command_of(typed)
    if command is None:
        return
    is_make = command.argv[0] == "mount" and any(word in DROPPED for word in command.argv)
    if is_make or command.argv[0] == "umount" or _is_mount(command):
        yield Edit("drop", typed.number or 0)


def _is_mount(command: Command) -> bool:
    """A mount of a new filesystem: it may cover something."""
    return command.argv[0] == "mount" and "-t" in command.argv


def moves(lines: Script, numbers: list[int]) -> Iterator[Edit]:
    """Of two lines the later one right before the earlier, or the earlier one right after the later."""
    by_number = {typed.number: typed for typed in lines if typed.number is not None}
    for early in numbers:
        for late in reversed(numbers):
            if late <= early:
                continue
            between = [by_number[number] for number in range(early, late + 1)]
            if _means_the_same(between[-1], between[:-1]):
                yield Edit("move", early, by_number[late])
            if _means_the_same(between[0], between[1:]):
                yield Edit("move", late + 1, by_number[early])


def _means_the_same(moved: Typed, passed: list[Typed]) -> bool:
    """A command that passes its own shell's move into another namespace or directory would be another one."""
    own = [typed for typed in passed if typed.shell == moved.shell]
    return not own if _goes(moved) else not any(_goes(typed) for typed in own)


def _goes(typed: Typed) -> bool:
    """Whether the shell is somewhere else after the line."""
    return typed.line is not None and any(command.argv[0] in GOES for command in typed.line.commands)


def inserted(shell: str, path: str, before: int) -> Iterator[Edit]:
    """A mount made shared before a line."""
    for word in ("shared", "rshared"):
        line = read(shlex.join(["mount", f"--make-{word}", path]))
        yield Edit("insert", before, Typed(shell, line))
