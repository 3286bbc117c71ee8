"""What a transcript expects of the state (the ``#?`` lines): read them, check them, say what is there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mountlab.mountinfo import MountInfo
from mountlab.shell.backend import UNKNOWN, NamespaceTable, Outcome, table_of
from mountlab.shell.complaints import TranscriptError, shown
from mountlab.shell.lookup import Found, find
from mountlab.shell.words import Word, split

SHELL = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
PLACE = re.compile(rf"({SHELL}):")
STATUS = re.compile(r"[0-9]{1,3}")
ERRNO = re.compile(r"E[A-Z0-9]+")
ATTRIBUTES = ("propagation", "root", "fstype", "source")
KNOWN_STATES = (["mounted"], ["absent"], ["same-as"])
PROPAGATIONS = ("shared", "private", "slave", "unbindable", "shared,slave")

MOUNT_FORM = "SHELL: PATH mounted|absent [propagation=… root=… fstype=… source=…]"
SAME_FORM = "SHELL: PATH same-as SHELL: PATH"
EXIT_FORM = "exit N [ERRNO]"


class MountExpected(NamedTuple):
    """``c1: /b mounted propagation=slave``, or ``c1: /b absent``."""

    shell: str
    path: str
    mounted: bool
    attributes: tuple[tuple[str, str], ...] = ()


class SameExpected(NamedTuple):
    """``host: /a same-as c1: /b``: both paths lead to one directory (or file) of one filesystem."""

    shell: str
    path: str
    other_shell: str
    other_path: str


class ExitExpected(NamedTuple):
    """``exit 32 EBUSY``: how the command above ended."""

    status: int
    errno: str | None = None


class Expectation(NamedTuple):
    """One ``#?`` line."""

    line: int
    text: str
    """As written, without the ``#?``."""
    claim: MountExpected | SameExpected | ExitExpected


def read_expectation(source: str, line: int) -> Expectation | None:
    """The expectation in a line that begins with ``#?``; None when its words are not one of ours."""
    column = source.index("#?") + 2
    text = source[column:].strip()
    if not re.match(rf"(exit(\s|$)|{SHELL}:\s*\S)", text):
        return None
    try:
        words = split(source, line, column)
    except TranscriptError:
        if text.startswith("exit") or re.match(rf"{SHELL}:\s*['\"]?/", text):
            raise
        return None
    claim = _exit(words, source) if words[0].text == "exit" else _place(words, source)
    return Expectation(line, text, claim) if claim else None


def _malformed(sentence: str, word: Word, source: str) -> TranscriptError:
    return TranscriptError(sentence, place=word.place, word=word.text, source=source)


def _exit(words: Sequence[Word], source: str) -> ExitExpected:
    for word, pattern in zip(words[1:], (STATUS, ERRNO), strict=False):
        if not pattern.fullmatch(word.text):
            raise _malformed(f"{shown(word.text)} is not understood; the form is: {EXIT_FORM}", word, source)
    match [word.text for word in words]:
        case [_, status]:
            return ExitExpected(int(status))
        case [_, status, errno]:
            return ExitExpected(int(status), errno)
    raise _malformed(f"{shown(words[-1].text)}: the form is: {EXIT_FORM}", words[-1], source)


def _place(words: Sequence[Word], source: str) -> MountExpected | SameExpected | None:
    """The two forms that begin with ``SHELL: PATH``; None when it is something else with a colon."""
    match [word.text for word in words]:
        case [glued, *rest] if "/" in glued and rest[:1] in KNOWN_STATES:
            raise _no_shell(words[0], source)
        case [_, second, *rest] if second.startswith("/") or rest[:1] in KNOWN_STATES:
            shell, path = _shell(words[0], source), _path(words[1], source)
        case _:
            return None
    match words[2:]:
        case []:
            raise _malformed(f"{shown(path)}: the form is: {MOUNT_FORM}", words[1], source)
        case [Word("same-as"), other, other_path]:
            return SameExpected(shell, path, _shell(other, source), _path(other_path, source))
        case [Word("same-as"), *_]:
            raise _malformed(f"'same-as': the form is: {SAME_FORM}", words[2], source)
        case [Word("absent")]:
            return MountExpected(shell, path, mounted=False)
        case [Word("absent"), what, *_]:
            raise _malformed(f"{shown(what.text)}: nothing follows 'absent'", what, source)
        case [Word("mounted"), *attributes]:
            wanted = tuple(_attribute(word, source) for word in attributes)
            return MountExpected(shell, path, mounted=True, attributes=wanted)
    sentence = f"{shown(words[2].text)} is not understood; the forms are: {MOUNT_FORM} and {SAME_FORM}"
    raise _malformed(sentence, words[2], source)


def _shell(word: Word, source: str) -> str:
    match = PLACE.fullmatch(word.text)
    if not match:
        raise _no_shell(word, source)
    return match[1]


def _no_shell(word: Word, source: str) -> TranscriptError:
    sentence = f"{shown(word.text)} is no shell's name with a colon; for example: c1: /b"
    return _malformed(sentence, word, source)


def _path(word: Word, source: str) -> str:
    if not word.text.startswith("/"):
        raise _malformed(f"{shown(word.text)} is not an absolute path", word, source)
    return word.text


def _attribute(word: Word, source: str) -> tuple[str, str]:
    key, equals, value = word.text.partition("=")
    if key not in ATTRIBUTES or not equals:
        known = ", ".join(f"{name}=…" for name in ATTRIBUTES)
        raise _malformed(f"{shown(word.text)} is not understood; understood are: {known}", word, source)
    if key == "propagation":
        value = _propagation_word(value)
        if value not in PROPAGATIONS:
            sentence = f"{shown(word.text)} is no propagation type; there are: {' | '.join(PROPAGATIONS)}"
            raise _malformed(sentence, word, source)
    return key, value


def _propagation_word(value: str) -> str:
    """One spelling for ``shared+slave``, ``slave,shared`` and findmnt's ``private,slave``."""
    parts = set(re.split(r"[,+]", value))
    if len(parts) > 1:
        parts.discard("private")
    return ",".join(sorted(parts))


def failure(
    expectation: Expectation, outcome: Outcome | None, tables: Sequence[NamespaceTable]
) -> str | None:
    """Why the expectation does not hold, saying what is there instead; None when it holds."""
    claim = expectation.claim
    if isinstance(claim, ExitExpected):
        return _exit_failure(claim, outcome)
    if isinstance(claim, SameExpected):
        return _same_failure(claim, tables)
    return _mount_failure(claim, tables)


def _exit_failure(claim: ExitExpected, outcome: Outcome | None) -> str | None:
    if outcome is None:
        return "there is no command above whose exit status could be looked at"
    if outcome.exit != claim.status:
        return f"expected exit status {claim.status}, it is {outcome.exit}"
    if claim.errno and outcome.errno is not UNKNOWN and outcome.errno != claim.errno:
        return f"expected {claim.errno}, the first failing system call gave {outcome.errno or 'no error'}"
    return None


def _same_failure(claim: SameExpected, tables: Sequence[NamespaceTable]) -> str | None:
    ends = []
    for shell, path in ((claim.shell, claim.path), (claim.other_shell, claim.other_path)):
        rows = table_of(tables, shell)
        if rows is None:
            return f"no terminal {shell} is open"
        found = find(rows, path)
        if found is None:
            return f"{shell}: {path} lies in no mount that {shell} sees"
        ends.append(found)
    here, there = ends
    if (here.mount.dev, here.inside) == (there.mount.dev, there.inside):
        return None
    return (
        f"expected one directory, but {claim.shell}: {claim.path} is {_described(here)} "
        f"and {claim.other_shell}: {claim.other_path} is {_described(there)}"
    )


def _described(found: Found) -> str:
    row = found.mount
    return f"{found.inside} of {row.fstype} {row.source} ({row.dev})"


def _mount_failure(claim: MountExpected, tables: Sequence[NamespaceTable]) -> str | None:
    rows = table_of(tables, claim.shell)
    if rows is None:
        return f"no terminal {claim.shell} is open"
    found = find(rows, claim.path)
    row = found.mount if found and found.is_mountpoint else None
    if not claim.mounted:
        return f"expected no mount at {claim.path} in {claim.shell}, there is {_row(row)}" if row else None
    if row is None:
        return f"expected a mount at {claim.path} in {claim.shell}, there is none"
    there = {"propagation": row.propagation, "root": row.root, "fstype": row.fstype, "source": row.source}
    wrong = [(key, value) for key, value in claim.attributes if there[key] != value]
    if not wrong:
        return None
    parts = [f"{key}={value}, it is {there[key]}" for key, value in wrong]
    return f"{claim.path} in {claim.shell} is mounted, but expected " + "; expected ".join(parts)


def _row(row: MountInfo) -> str:
    return f"{row.fstype} {row.source}, root {row.root}, {row.propagation}"
