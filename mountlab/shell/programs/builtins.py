"""bash's own commands: cd, echo, true, exit."""

from __future__ import annotations

import re

from mountlab.errors import MountError
from mountlab.shell.programs.context import Context, Leave, strerror
from mountlab.shell.programs.paths import logical

ESCAPE = re.compile(
    r"\\(?:0([0-7]{0,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|(.))", re.DOTALL
)
LETTERS = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\",
}  # fmt: skip
HOME = "/root"


def cd(context: Context) -> int:
    """Go to a directory, ``..`` taken off the text as bash does it."""
    words = list(context.words)
    if words[:1] == ["--"]:
        words = words[1:]
    if len(words) > 1:
        return _complain(context, "cd: too many arguments")
    path = words[0] if words else HOME
    if path == "":
        return 0
    try:
        context.sim.chdir(context.proc, logical(context, path))
    except MountError as error:
        try:
            context.sim.chdir(context.proc, path)
        except MountError:
            context.note(error)
            return _complain(context, f"cd: {path}: {strerror(error)}")
    return 0


def _complain(context: Context, text: str) -> int:
    context.program = "bash"
    context.complain(text)
    return 1


def echo(context: Context) -> int:
    """Print the words; -n without a newline, -e with escapes."""
    words, newline, escapes = list(context.words), True, False
    while words and re.fullmatch(r"-[neE]+", words[0]):
        for letter in words.pop(0)[1:]:
            newline = newline and letter != "n"
            escapes = letter == "e" if letter in "eE" else escapes
    text = " ".join(words)
    if escapes:
        text, is_cut = _escaped(text)
        newline = newline and not is_cut
    context.say(text + "\n" * newline)
    return 0


def _escaped(text: str) -> tuple[str, bool]:
    """The text with its escapes replaced, and whether an escaped c ended it."""
    result, position = "", 0
    for match in ESCAPE.finditer(text):
        result += text[position : match.start()]
        position = match.end()
        octal, byte, short, long, letter = match.groups()
        if letter == "c":
            return result, True
        if letter is not None:
            result += LETTERS.get(letter, match[0])
        else:
            result += _character(octal, byte, short or long)
    return result + text[position:], False


def _character(octal: str | None, byte: str | None, code: str | None) -> str:
    if code is not None:
        try:
            return chr(int(code, 16)).encode().decode()
        except (ValueError, OverflowError):  # beyond Unicode, or half a surrogate pair
            return ""
    value = int(octal or "0", 8) & 0xFF if octal is not None else int(byte or "0", 16)
    return bytes([value]).decode("utf-8", "surrogateescape")


def true(_context: Context) -> int:
    """Succeed, whatever the words."""
    return 0


def leave(context: Context) -> int:
    """``exit``: the terminal is closed, unless the words are wrong."""
    words = context.words
    if words and not re.fullmatch(r"\s*[-+]?\d+\s*", words[0]):
        _complain(context, f"exit: {words[0]}: numeric argument required")
        context.sim.exit(context.proc)
        raise Leave(2)
    if len(words) > 1:
        return _complain(context, "exit: too many arguments")
    context.sim.exit(context.proc)
    return int(words[0]) & 0xFF if words else 0
