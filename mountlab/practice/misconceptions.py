"""What people believe of mounts that is not so: each with the truth, and the shortest transcript against it.

A misconception is a file of ``catalogue/misconceptions``: a transcript whose header has ``title``, ``topic``,
``rules`` and ``source``, with two comments, ``# Believed:`` in people's words and ``# True:`` in two
sentences.  Its expectations hold in the simulator and on a kernel, and not in the mind of a believer
(`mountlab.practice.beliefs`, under the same name).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from mountlab.containers.rules import RULES as RUNTIME
from mountlab.practice.words import SUBJECTS, say
from mountlab.rules import RULES as KERNEL
from mountlab.rules import Rule
from mountlab.shell.complaints import TranscriptError
from mountlab.shell.transcript import Transcript, parse

BELIEVED, TRUE = "Believed:", "True:"
KEYS = ("title", "topic", "rules", "source")
RULES = KERNEL | {name: Rule(*rule) for name, rule in RUNTIME.items()}
"""What may be missed: rules of the kernel, and of the programs that start containers and units."""


class Misconception(NamedTuple):
    """One belief, and what stands against it."""

    slug: str
    title: str
    """The belief in a few words."""
    topic: str
    believed: str
    """As somebody would say it who believes it."""
    truth: str
    """In two sentences."""
    rules: tuple[str, ...]
    """Ids of `RULES`; the first is the one that is missed."""
    source: str
    text: str
    """The transcript, as a file that `mountlab run --check` runs."""

    @property
    def rule(self) -> Rule:
        """The rule that the believer misses."""
        return RULES[self.rules[0]]

    @property
    def transcript(self) -> Transcript:
        """The transcript, read."""
        return parse(self.text, f"{self.slug}.mnt")


@cache
def misconceptions() -> Mapping[str, Misconception]:
    """All of them by slug, in the order of topics and then of the alphabet."""
    folder = files("mountlab.practice") / "catalogue" / "misconceptions"
    found = [file for file in folder.iterdir() if file.name.endswith(".mnt")]
    read = [read_one(file.name.removesuffix(".mnt"), file.read_text(encoding="utf-8")) for file in found]
    read.sort(key=lambda each: (list(SUBJECTS).index(each.topic), each.slug))
    return MappingProxyType({each.slug: each for each in read})


def read_one(slug: str, text: str) -> Misconception:
    """One misconception from its file.

    Raises:
        TranscriptError: when the transcript is none, or something is missing.
    """
    transcript = parse(text, f"{slug}.mnt")
    header = transcript.header
    said = [comment for _, comment in transcript.comments]
    believed, truth = (_after(word, said) for word in (BELIEVED, TRUE))
    missing = [key for key in KEYS if key not in header]
    missing += [word for word, text in ((BELIEVED, believed), (TRUE, truth)) if not text]
    if missing:
        raise TranscriptError(say("misconception.lacks", what=", ".join(missing)), file=transcript.file)
    rules = tuple(header["rules"].split())
    unknown = [rule for rule in rules if rule not in RULES]
    if unknown or header["topic"] not in SUBJECTS:
        word = (unknown or [header["topic"]])[0]
        raise TranscriptError(say("misconception.unknown", word=word), file=transcript.file)
    return Misconception(
        slug, header["title"], header["topic"], believed, truth, rules, header["source"], text
    )


def _after(word: str, comments: list[str]) -> str:
    """The comment that begins with a word, without it."""
    return next((text.removeprefix(word).strip() for text in comments if text.startswith(word)), "")
