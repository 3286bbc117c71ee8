"""What an explanation is made of: links of a chain, a cure, an answer."""

from __future__ import annotations

from typing import NamedTuple

from mountlab.rules import RULES

LABEL = "  "
"""Before each line of an answer's parts."""


class QuestionError(ValueError):
    """The question cannot be asked of this machine; the message says what could be."""


class Link(NamedTuple):
    """One link of the chain: a sentence or two, the rule behind it, the step it speaks of."""

    text: str
    rule: str | None = None
    """Id of the rule, a key of `mountlab.rules.RULES`."""
    step: int | None = None
    """The line of the machine's history, counted from 1."""

    @property
    def sentence(self) -> str | None:
        """What the rule says."""
        return RULES[self.rule].sentence if self.rule else None

    @property
    def source(self) -> str | None:
        """Who says so: man page, document, kernel function."""
        return RULES[self.rule].source if self.rule else None


class Cure(NamedTuple):
    """A change of the earlier commands that lets the mount through; replayed, and seen to work."""

    edits: tuple[str, ...]
    """Each edit in words."""
    transcript: str
    """The changed transcript as a whole."""

    def __str__(self) -> str:
        from mountlab.explain.words import say  # noqa: PLC0415 - words need nothing of this module

        return say("cure", edits=say("and.then").join(self.edits))


class Answer(NamedTuple):
    """Why a mount is at a path, or why it is not."""

    shell: str
    path: str
    step: int | None
    """The state after this line is meant; None before the first."""
    mounted: bool
    """Whether a mount is there."""
    links: tuple[Link, ...]
    cure: Cure | None = None
    replays: int = 0
    """How many changed transcripts were tried."""

    def __str__(self) -> str:
        lines = [f"{LABEL}{number}. {link.text}" for number, link in enumerate(self.links, 1)]
        if self.cure:
            lines += ["", str(self.cure), *(LABEL + line for line in self.cure.transcript.splitlines())]
        return "\n".join(lines)
