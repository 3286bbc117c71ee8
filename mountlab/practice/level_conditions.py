"""What a level says about the state: conditions, read from a line and held against the mount tables.

A SHELL is a terminal, a container, or a unit that has a mount namespace of its own.
A condition is one or several terms joined by ``and``; ``not`` in front of a term turns it round.  A term is
an expectation of the transcript language, or one of the forms in `FORMS`, which only levels have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mountlab.practice.level_reach import hears
from mountlab.shell.backend import NamespaceTable, Outcome, table_of
from mountlab.shell.complaints import Place, TranscriptError, shown
from mountlab.shell.expect import (
    EXIT_FORM,
    MOUNT_FORM,
    SAME_FORM,
    SHELL,
    Expectation,
    failure,
    read_expectation,
)
from mountlab.shell.lookup import find
from mountlab.shell.words import Word, split

FORMS = (
    MOUNT_FORM.replace("source=…]", "source=… options=… super=…]"),
    SAME_FORM,
    "SHELL: PATH hears|deaf-to SHELL: PATH",
    "SHELL: PATH exists|missing",
    "SHELL: PATH layers N",
    "SHELL: at-most N mounts",
    "SHELL: apart-from|together-with SHELL",
    "SHELL: open|closed",
    EXIT_FORM,
    "always",
)
AND, NOT = "and", "not"
OPTIONS = ("options", "super")


class Moment(NamedTuple):
    """What conditions are held against: the tables, the last command, and a way to look for a file."""

    tables: Sequence[NamespaceTable]
    outcome: Outcome | None
    exists: Callable[[str, str], bool]
    """Whether that terminal finds something at that path."""


Reason = Callable[[Moment], str | None]
"""Why it does not hold; None when it holds."""


class Term(NamedTuple):
    """One claim."""

    text: str
    shells: tuple[Word, ...]
    """The terminals that it speaks of."""
    reason: Reason
    negated: bool = False
    looks_for_file: bool = False
    """Whether it asks more than the mount tables can say."""

    def why_not(self, moment: Moment) -> str | None:
        """Why it does not hold; None when it holds."""
        why = self.reason(moment)
        if not self.negated:
            return why
        return None if why else f"{self.text}: so it is"


class Condition(NamedTuple):
    """Terms that hold together."""

    text: str
    terms: tuple[Term, ...]

    @property
    def shells(self) -> frozenset[str]:
        """The terminals of which it speaks."""
        return frozenset(word.text.removesuffix(":") for term in self.terms for word in term.shells)

    def why_not(self, moment: Moment) -> str | None:
        """Why it does not hold: the first term that does not; None when it holds."""
        return next((why for term in self.terms if (why := term.why_not(moment))), None)

    def holds(self, moment: Moment) -> bool:
        """True when every term holds."""
        return self.why_not(moment) is None


def read_condition(source: str, line: int, start: int, end: int) -> Condition:
    """The condition that stands in a line between two columns.

    Raises:
        TranscriptError: with the word that is not understood, and the forms that are.
    """
    words = split(source[:end], line, start)
    if not words:
        sentence = "here a condition is missing; the forms are: " + "; ".join(FORMS)
        raise TranscriptError(sentence, place=Place(line, start + 1), source=source)
    groups: list[list[Word]] = [[]]
    for word in words:
        if word.text == AND and not word.is_quoted:
            groups.append([])
        else:
            groups[-1].append(word)
    terms = tuple(_term(group, source, line, end) for group in groups)
    return Condition(source[words[0].place.column - 1 : end].strip(), terms)


def _term(words: list[Word], source: str, line: int, end: int) -> Term:
    negated = bool(words) and words[0].text == NOT
    rest = words[1:] if negated else words
    if not rest:
        sentence = f"a condition is missing beside '{AND}' or '{NOT}'"
        raise TranscriptError(sentence, place=Place(line, end), source=source)
    made = _own_form(rest, source) or _expectation(rest, source, line)
    return made._replace(negated=negated)


def _refuse(word: Word, source: str, sentence: str | None = None) -> TranscriptError:
    sentence = sentence or f"{shown(word.text)} is not understood; the forms are: " + "; ".join(FORMS)
    return TranscriptError(sentence, place=word.place, word=word.text, source=source)


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _own_form(words: list[Word], source: str) -> Term | None:
    """A form that only levels have; None when it is none."""
    shells, claim = _reason(words, source)
    if claim is None:
        return None
    return Term(_text(words), shells, claim, looks_for_file=words[-1].text in ("exists", "missing"))


def _reason(words: list[Word], source: str) -> tuple[tuple[Word, ...], Reason | None]:
    match [word.text for word in words]:
        case ["always"]:
            return (), lambda _moment: None
        case [shell, "at-most", _, "mounts"]:
            count = _number(words[2], source)
            return _shells(source, words[0]), lambda moment: _too_many(moment, shell[:-1], count)
        case [shell, ("open" | "closed") as wanted]:
            return _shells(source, words[0]), lambda moment: _openness(moment, shell[:-1], wanted)
        case [shell, ("apart-from" | "together-with") as wanted, other]:
            places = (*_shells(source, words[0]), words[2])
            return places, lambda moment: _namespaces(moment, shell[:-1], wanted, other)
        case [shell, path, ("exists" | "missing") as wanted]:
            return _shells(source, words[0]), lambda moment: _existence(moment, shell[:-1], path, wanted)
        case [shell, path, "layers", _]:
            layers = _number(words[3], source)
            return _shells(source, words[0]), lambda moment: _layers(moment, shell[:-1], path, layers)
        case [shell, path, ("hears" | "deaf-to") as wanted, other, other_path]:
            places = _shells(source, words[0], words[3])
            ends = ((shell[:-1], path), (other[:-1], other_path))
            return places, lambda moment: _hearing(moment, ends, deaf=wanted == "deaf-to")
    return (), None


def _shells(source: str, *words: Word) -> tuple[Word, ...]:
    for word in words:
        if not re.fullmatch(rf"{SHELL}:", word.text):
            sentence = f"{shown(word.text)} is no shell's name with a colon; for example: c1: /b"
            raise _refuse(word, source, sentence)
    return words


def _number(word: Word, source: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", word.text):
        raise _refuse(word, source, f"{shown(word.text)} is no number")
    return int(word.text)


def _too_many(moment: Moment, shell: str, most: int) -> str | None:
    rows = table_of(moment.tables, shell)
    if rows is None:
        return f"no terminal {shell} is open"
    return None if len(rows) <= most else f"{shell} sees {len(rows)} mounts, and {most} are enough"


def _openness(moment: Moment, shell: str, wanted: str) -> str | None:
    is_open = table_of(moment.tables, shell) is not None
    return None if is_open == (wanted == "open") else f"{shell} is {'open' if is_open else 'closed'}"


def _namespaces(moment: Moment, shell: str, wanted: str, other: str) -> str | None:
    homes = {name: table.id for table in moment.tables for name in table.shells}
    for name in (shell, other):
        if name not in homes:
            return f"no terminal {name} is open"
    apart = homes[shell] != homes[other]
    if apart == (wanted == "apart-from"):
        return None
    return f"{shell} and {other} are in {'two mount namespaces' if apart else 'one mount namespace'}"


def _existence(moment: Moment, shell: str, path: str, wanted: str) -> str | None:
    if table_of(moment.tables, shell) is None:
        return f"no terminal {shell} is open"
    there = moment.exists(shell, path)
    if there == (wanted == "exists"):
        return None
    return f"{shell} {'finds' if there else 'does not find'} {path}"


def _layers(moment: Moment, shell: str, path: str, wanted: int) -> str | None:
    rows = table_of(moment.tables, shell)
    if rows is None:
        return f"no terminal {shell} is open"
    there = sum(row.mountpoint == path for row in rows)
    return None if there == wanted else f"{there} mounts are stacked at {path} in {shell}, expected {wanted}"


def _hearing(moment: Moment, ends: Sequence[tuple[str, str]], *, deaf: bool) -> str | None:
    for shell, _ in ends:
        if table_of(moment.tables, shell) is None:
            return f"no terminal {shell} is open"
    (shell, path), (other, other_path) = ends
    if hears(moment.tables, *ends) != deaf:
        return None
    arrives = "would arrive" if deaf else "would not arrive"
    return f"what is mounted below {other_path} in {other} {arrives} below {path} in {shell}"


def _expectation(words: list[Word], source: str, line: int) -> Term:
    """An expectation as transcripts have it, and with ``options=`` and ``super=`` too."""
    options = [word for word in words[3:] if word.text.partition("=")[0] in OPTIONS]
    cut = _cut(source, words, options)
    try:
        expectation = read_expectation(cut, line)
    except TranscriptError as error:
        error.source = source
        raise
    if expectation is None:
        raise _refuse(words[0], source)
    shells = tuple(word for word in words if re.fullmatch(rf"{SHELL}:", word.text))
    if not options:
        return Term(_text(words), shells, lambda moment: _failure(expectation, moment))
    pairs = [word.text.partition("=") for word in options]
    wanted = [(key, set(value.split(","))) for key, _, value in pairs]
    shell, path = words[0].text[:-1], words[1].text
    return Term(
        _text(words),
        shells,
        lambda moment: _failure(expectation, moment) or _options(moment, shell, path, wanted),
    )


def _cut(source: str, words: list[Word], without: list[Word]) -> str:
    """The line with these words alone, as an expectation: each stays at its column, so that messages fit."""
    start = words[0].place.column - 1
    last = words[-1]
    text = " " * (start - 2) + "#?" + source[start : last.place.column - 1 + _length(source, last)]
    for word in without:
        at = word.place.column - 1
        text = text[:at] + " " * len(word.text) + text[at + len(word.text) :]
    return text


def _length(source: str, word: Word) -> int:
    """How many characters a word takes in the line, its quotes included."""
    at = word.place.column - 1
    match = re.match(r"(?:'[^']*'|\"[^\"]*\"|\\.|[^\s'\"\\])+", source[at:])
    return len(match[0]) if match else len(word.text)


def _failure(expectation: Expectation, moment: Moment) -> str | None:
    return failure(expectation, moment.outcome, moment.tables)


def _options(moment: Moment, shell: str, path: str, wanted: Sequence[tuple[str, set[str]]]) -> str | None:
    """Whether the mount (``options``) and its filesystem (``super``) have these among their options."""
    rows = table_of(moment.tables, shell)
    found = find(rows, path) if rows is not None else None
    if found is None:
        return f"no terminal {shell} is open"
    there = {"options": found.mount.options, "super": found.mount.super_options}
    for key, words in wanted:
        if missing := words - set(there[key].split(",")):
            return f"{path} in {shell} is mounted {key}={there[key]}, without {', '.join(sorted(missing))}"
    return None
