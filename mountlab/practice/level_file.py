"""Reads a level: one transcript that plays the start, with goal, hints and failures in its ``#?`` lines.

    #: title="A slave listens" notebook=04 order=1 par=1 init=systemd teaches="slave-sends"
    #: terminals="host c1" forbidden="umount -l, unshare"
    # The story: the comments above the first prompt.
    host# mkdir /a /b
    #? host: /a absent
    #? goal c1: /b hears host: /a => What host mounts below /a arrives below /b in c1.
    #? hint host: /b absent => There is no mount at /b yet, and a directory has no propagation type.
    #? | A sentence goes on like this.
    #? fail host: /a absent => You took the host's disk away.

`mountlab run` plays such a file as it is: to it the words goal, hint, fail and ``|`` are comments.
Hints are tried from the top; a failure is looked for after every command.  What stands behind ``=>`` is
said to the learner; a goal may do without.  A condition speaks of containers by their names, as of terminals,
when the header names them: ``containers="A B"``; ``docker.service`` is the namespace of that unit, if it has
one.  ``order`` follows the notebook: first the levels in its cells,
then those that it only names; it decides which level comes next.
Conditions: `mountlab.practice.level_conditions`.
The ways to the goal stand apart: `mountlab.practice.level_answers`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mountlab.practice.level_conditions import Condition, read_condition
from mountlab.practice.level_counted import Forbidden, read_forbidden
from mountlab.shell.complaints import Place, TranscriptError, shown
from mountlab.shell.expect import SHELL
from mountlab.shell.simbackend import INITIAL_STATES
from mountlab.shell.transcript import Transcript, parse
from mountlab.shell.words import Word

ARROW = "=>"
KINDS = ("goal", "hint", "fail")
NEEDED = ("title", "notebook", "par", "teaches")
ALSO = ("init", "needs", "order", "terminals", "containers", "forbidden", "source")
UNIT = ".service"
NOTEBOOKS = re.compile(r"[0-9]{2}[a-z]?")
GOES_ON = "|"


class Rule(NamedTuple):
    """A line of a level: when the condition holds, the sentence is said."""

    kind: str
    """``goal``, ``hint`` or ``fail``."""
    condition: Condition
    sentence: str
    """What the learner reads; a goal without one is told as its condition."""
    line: int


class Level(NamedTuple):
    """A start, a goal, and what is said on the way."""

    name: str
    file: str
    title: str
    notebook: str
    order: int
    par: int
    init: str
    story: str
    teaches: tuple[str, ...]
    """Misconceptions that it corrects, as slugs."""
    terminals: tuple[str, ...]
    """Where the learner may type."""
    forbidden: tuple[Forbidden, ...]
    start: Transcript
    goal: tuple[Rule, ...]
    hints: tuple[Rule, ...]
    failures: tuple[Rule, ...]
    needs: tuple[str, ...] = ()
    source: str = ""
    """The incident or the page that it comes from."""
    answers: str | None = None
    """The text of the file with the ways to the goal; None when there is none."""
    answers_file: str = ""


def read_level(text: str, file: str, name: str, answers: str | None = None, answers_file: str = "") -> Level:
    """Read a level.

    Raises:
        TranscriptError: for the first line that is not understood: file, line, word, what would work.
    """
    try:
        return _Reader(text, file).level(name)._replace(answers=answers, answers_file=answers_file)
    except TranscriptError as error:
        error.file = file
        raise


class _Reader:
    """One level file."""

    def __init__(self, text: str, file: str) -> None:
        self.lines = text.replace("\r\n", "\n").split("\n")
        self.transcript = parse(text, file)

    def level(self, name: str) -> Level:
        header = self.transcript.header
        self._check_header(header)
        rules = self._rules()
        chosen = {kind: tuple(rule for rule in rules if rule.kind == kind) for kind in KINDS}
        if not chosen["goal"]:
            raise TranscriptError("a level needs a line such as: #? goal host: /b mounted")
        story = self._story()
        if not story:
            raise TranscriptError("a level needs its story: a comment (# …) above the first prompt")
        terminals = self._terminals(header)
        self._check_terminals(rules, terminals, self._names(header, "containers"))
        return Level(
            name, self.transcript.file, header["title"], header["notebook"], self._number("order", 0),
            self._number("par", 1), header.get("init", INITIAL_STATES[0]), story,
            tuple(header["teaches"].split()), terminals, self._forbidden(),
            self.transcript, chosen["goal"], chosen["hint"], chosen["fail"], self.transcript.needs,
            header.get("source", ""),
        )  # fmt: skip

    # -- the header ----------------------------------------------------------------------------------------

    def _check_header(self, header: Mapping[str, str]) -> None:
        for key in header:
            if key not in (*NEEDED, *ALSO):
                sentence = f"{shown(key)}: the header of a level has {_listed(NEEDED, ALSO)}"
                raise self._refuse_key(key, sentence)
        missing = [key for key in NEEDED if not header.get(key)]
        if missing:
            example = f"#: {' '.join(f'{key}=…' for key in missing)}"
            raise TranscriptError(f"the header lacks {', '.join(missing)}; write: {example}")
        if not NOTEBOOKS.fullmatch(header["notebook"]):
            raise self._refuse_key("notebook", f"notebook={shown(header['notebook'])}: for example 01 or 04b")
        init = header.get("init", INITIAL_STATES[0])
        if init not in INITIAL_STATES:
            raise self._refuse_key("init", f"init={shown(init)}: there are {', '.join(INITIAL_STATES)}")

    def _refuse_key(self, key: str, sentence: str) -> TranscriptError:
        place = self.transcript.places[key]
        return TranscriptError(sentence, place=place, word=key, source=self.lines[place.line - 1])

    def _number(self, key: str, least: int) -> int:
        value = self.transcript.header.get(key, "0")
        if not re.fullmatch("[0-9]{1,3}", value) or int(value) < least:
            raise self._refuse_key(key, f"{key}={shown(value)}: a number from {least} on is expected")
        return int(value)

    def _forbidden(self) -> tuple[Forbidden, ...]:
        try:
            return read_forbidden(self.transcript.header.get("forbidden", ""))
        except ValueError as error:
            raise self._refuse_key("forbidden", str(error)) from None

    def _terminals(self, header: Mapping[str, str]) -> tuple[str, ...]:
        """Those of the header, or those that the start has opened."""
        opened = tuple(dict.fromkeys(step.shell for step in self.transcript.steps))
        return self._names(header, "terminals") or opened or ("host",)

    def _names(self, header: Mapping[str, str], key: str) -> tuple[str, ...]:
        """The names that stand behind a key; none without it."""
        named = tuple(re.split(r"[,\s]+", header.get(key, "").strip()))
        if named == ("",):
            return ()
        for word in named:
            if not re.fullmatch(SHELL, word):
                raise self._refuse_key(key, f"{key}: {shown(word)} is no name for a {key.removesuffix('s')}")
        return named

    # -- the lines -----------------------------------------------------------------------------------------

    def _story(self) -> str:
        """The comments above the first prompt, as running text."""
        first = self.transcript.steps[0].line if self.transcript.steps else len(self.lines)
        said = [text for line, text in self.transcript.comments if line < first and not text.startswith("?")]
        return " ".join(text for text in said if text)

    def _rules(self) -> list[Rule]:
        rules: list[Rule] = []
        for line, text in self.transcript.comments:
            if not text.startswith("?"):
                continue
            word, _, rest = text[1:].strip().partition(" ")
            if word == GOES_ON and rules:
                rules[-1] = rules[-1]._replace(sentence=f"{rules[-1].sentence} {rest.strip()}".strip())
            elif word in KINDS:
                rules.append(self._rule(word, line))
            else:
                raise self._unknown(word, line)
        return rules

    def _unknown(self, word: str, line: int) -> TranscriptError:
        source = self.lines[line - 1]
        near = difflib.get_close_matches(word, KINDS, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        forms = f"behind #? a level has an expectation, {', '.join(KINDS)}, or {GOES_ON} to go on{meant}"
        place = Place(line, source.find(word, source.index("#?") + 2) + 1 if word else 0)
        return TranscriptError(f"{shown(word)}: {forms}", place=place, word=word, source=source)

    def _rule(self, kind: str, line: int) -> Rule:
        source = self.lines[line - 1]
        start = source.index(kind, source.index("#?")) + len(kind)
        arrow = source.find(ARROW, start)
        sentence = source[arrow + len(ARROW) :].strip() if arrow >= 0 else ""
        if not sentence and kind != "goal":
            text = f"a {kind} reads: #? {kind} CONDITION {ARROW} what is said then"
            raise TranscriptError(text, place=Place(line, start - len(kind) + 1), word=kind, source=source)
        condition = read_condition(source, line, start, arrow if arrow >= 0 else len(source))
        return Rule(kind, condition, sentence, line)

    def _check_terminals(
        self, rules: Iterable[Rule], terminals: Iterable[str], containers: Iterable[str]
    ) -> None:
        """A condition that names a terminal nobody can open would never hold."""
        opened = {*terminals, *(step.shell for step in self.transcript.steps)}
        known = {*opened, *containers}
        for rule in rules:
            for term in rule.condition.terms:
                for word in term.shells:
                    name = word.text.removesuffix(":")
                    if name not in known and not name.endswith(UNIT):
                        there = ", ".join(sorted(known))
                        sentence = f"no terminal {shown(name)}: there are {there}; the line {name}# opens it"
                        raise self._refuse_word(word, name, sentence)
                    if term.looks_for_file and name not in opened:
                        sentence = f"{shown(name)}: a file is looked for by a terminal: {', '.join(opened)}"
                        raise self._refuse_word(word, name, sentence)

    def _refuse_word(self, word: Word, name: str, sentence: str) -> TranscriptError:
        return TranscriptError(sentence, place=word.place, word=name, source=self.lines[word.place.line - 1])


def _listed(*groups: Iterable[str]) -> str:
    return ", ".join(f"{word}=" for group in groups for word in group)
