"""What a shell would do with a word or an operator, and this language does not: each with its sentence."""

from __future__ import annotations

import re

from mountlab.shell.complaints import shown
from mountlab.shell.words import Word

PLAIN_COMMANDS = "understood are plain commands, ';', '&&', '>', '>>' and here-documents"

REFUSED_OPERATORS = {
    "<<<": "'<<<' is refused: use a here-document (<<EOF) instead",
    "||": f"'||' is refused: {PLAIN_COMMANDS}",
    "|": f"'|' is refused: there are no pipes; {PLAIN_COMMANDS}",
    ">|": "'>|' is refused: write '>'",
    ">&": "'>&' is refused: write the file's name after '>' or '2>'",
    "&>": "'&>' is refused: write the file's name after '>' and after '2>'",
    "(": f"'(' is refused: there are no subshells or functions; {PLAIN_COMMANDS}",
    ")": f"')' is refused: there are no subshells or functions; {PLAIN_COMMANDS}",
    ";;": f"';;' is refused: {PLAIN_COMMANDS}",
}
"""Longer operators stand before shorter ones that begin in the same way."""

GRAMMAR = frozenset({
    "!", "{", "}", "[[", "if", "then", "elif", "else", "fi", "case", "esac",
    "for", "in", "while", "until", "do", "done", "select", "function",
})  # fmt: skip
GLOB = re.compile(r"[*?]|\[.+\]")
BRACES = re.compile(r"\{.*,.*\}|\{(-?\d+\.\.-?\d+|[A-Za-z]\.\.[A-Za-z])(\.\.-?\d+)?\}")
ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
TILDE = re.compile(rf"~|{ASSIGNMENT.pattern}(.*:)?~")


def what_a_shell_would_do(word: Word, *, is_program: bool) -> str | None:
    """Why the word is refused, or None when a shell takes it as it stands.

    Braces and ``~`` are judged as an interactive bash would, as that is the shell people type into.
    """
    name = shown(word.text)
    if is_program and word.mask in GRAMMAR:
        return f"{name} is refused: there is no shell programming; {PLAIN_COMMANDS}"
    if is_program and ASSIGNMENT.match(word.mask):
        return f"{name} is refused: there are no variables; begin with the program's name"
    if GLOB.search(word.mask):
        return f"{name} is refused: globs are not expanded; write the names out, or quote the word"
    if BRACES.search(word.mask):
        return f"{name} is refused: braces are not expanded; write the words out, or quote the word"
    if TILDE.match(word.mask):
        return f"{name} is refused: '~' is not expanded; write the path out, or quote the word"
    return None
