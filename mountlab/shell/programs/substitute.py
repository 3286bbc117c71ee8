"""sed(1)'s s command: POSIX regular expressions in terms of Python's."""

from __future__ import annotations

import re
from typing import NamedTuple

REASONS = (
    ("parenthesis", "Unmatched ( or \\("),
    ("unterminated subpattern", "Unmatched ( or \\("),
    ("character set", "Unmatched [, [^, [:, [., or [="),
)
"""A word of Python's complaint, and what sed says then."""
OTHER_REASON = "Invalid preceding regular expression"


class ScriptError(Exception):
    """The script is refused; the text is sed's message."""


class NotUnderstood(Exception):
    """The script is more than substitutions: outside the language."""


class Substitution(NamedTuple):
    """One ``s/pattern/replacement/flags``."""

    pattern: re.Pattern[str]
    replacement: list[str | int]
    """Texts, and numbers of groups."""
    first: int
    """Replace from this match on."""
    every: bool
    """And all that follow, not that one alone."""

    def apply(self, text: str) -> str:
        """The text with its matches replaced."""
        count = 0

        def replace(match: re.Match[str]) -> str:
            nonlocal count
            count += 1
            if count < self.first or (count > self.first and not self.every):
                return match[0]
            return "".join(part if isinstance(part, str) else match[part] or "" for part in self.replacement)

        return self.pattern.sub(replace, text)


class _Reader:
    def __init__(self, script: str, number: int) -> None:
        self.script, self.number, self.at = script, number, 0

    def error(self, text: str, at: int | None = None) -> ScriptError:
        return ScriptError(f"-e expression #{self.number}, char {self.at if at is None else at}: {text}")

    def part(self, delimiter: str) -> str:
        """Up to the next delimiter; an escaped one is an ordinary character."""
        found, in_class = "", False
        while self.at < len(self.script):
            char = self.script[self.at]
            self.at += 1
            if char == "\\" and self.at < len(self.script):
                following = self.script[self.at]
                self.at += 1
                found += following if following == delimiter else char + following
            elif char == delimiter and not in_class:
                return found
            else:
                found += char
        raise self.error("unterminated `s' command")


def parse_script(script: str, number: int = 1, *, extended: bool = False) -> list[Substitution]:
    """The substitutions of a script.

    Raises:
        ScriptError: as sed refuses it.
        NotUnderstood: for any other command.
    """
    reader = _Reader(script, number)
    commands: list[Substitution] = []
    while True:
        while reader.at < len(script) and script[reader.at] in "; \t\n":
            reader.at += 1
        if reader.at >= len(script):
            return commands
        if script[reader.at] != "s":
            raise NotUnderstood(script)
        reader.at += 1
        commands.append(_substitution(reader, extended))


def _substitution(reader: _Reader, extended: bool) -> Substitution:
    if reader.at >= len(reader.script):
        raise reader.error("unterminated `s' command")
    delimiter = reader.script[reader.at]
    reader.at += 1
    source, replacement = reader.part(delimiter), reader.part(delimiter)
    flags, first, every = 0, 1, False
    while reader.at < len(reader.script) and reader.script[reader.at] not in ";\n":
        char = reader.script[reader.at]
        reader.at += 1
        if char == "g":
            every = True
        elif char in "Ii":
            flags |= re.IGNORECASE
        elif char.isdigit() and char != "0":
            first = int(char)
        elif char in " \t":
            continue
        elif char in "pewmM":
            raise NotUnderstood(reader.script)
        else:
            raise reader.error("unknown option to `s'")
    pattern = _compile(reader, source, flags, extended)
    return Substitution(pattern, _replacement(reader, replacement, pattern.groups), first, every)


def _compile(reader: _Reader, source: str, flags: int, extended: bool) -> re.Pattern[str]:
    try:
        return re.compile(to_python(source, extended), flags)
    except re.error as error:
        reason = next((said for word, said in REASONS if word in str(error)), OTHER_REASON)
        raise reader.error(reason) from None


def _replacement(reader: _Reader, text: str, groups: int) -> list[str | int]:
    parts: list[str | int] = []
    index = 0
    while index < len(text):
        char = text[index]
        index += 1
        if char == "&":
            parts.append(0)
        elif char == "\\" and index < len(text):
            following = text[index]
            index += 1
            if following.isdigit():
                if int(following) > groups:
                    raise reader.error(f"invalid reference \\{following} on `s' command's RHS")
                parts.append(int(following))
            else:
                parts.append({"n": "\n", "t": "\t"}.get(following, following))
        else:
            parts.append(char)
    return parts


def to_python(source: str, extended: bool) -> str:
    """A basic (or extended) regular expression in Python's notation."""
    result, index = "", 0
    while index < len(source):
        char = source[index]
        index += 1
        if char == "[":
            end = source.find("]", index + (source[index : index + 1] == "^") + 1)
            if end < 0:
                return "["
            result += "[" + source[index:end].replace("\\", "\\\\").replace("[", "\\[") + "]"
            index = end + 1
        elif char == "\\" and index < len(source):
            following = source[index]
            index += 1
            result += _escape(following, extended)
        elif char in "+?(){}|" and not extended:
            result += "\\" + char
        elif char == "*" and (not result or result.endswith("(")) and not extended:
            result += "\\*"
        elif char == "^" and result and not result.endswith(("(", "|")) and not extended:
            result += "\\^"
        elif char == "$" and index < len(source) and not extended:
            result += "\\$"
        else:
            result += char
    return result


def _escape(char: str, extended: bool) -> str:
    if char in "+?(){}|":
        return "\\" + char if extended else char
    if char in "wWsSbB" or char.isdigit():
        return "\\" + char
    return {"n": "\n", "t": "\t", "<": r"\b(?=\w)", ">": r"\b(?<=\w)"}.get(char, re.escape(char))
