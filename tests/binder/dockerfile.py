"""Reads a Dockerfile into steps, as far as ours goes; what it does not know is an error, not skipped.

Reference: docs.docker.com/reference/dockerfile (the instructions, and where variables are replaced).
"""

from __future__ import annotations

import json
import re
import shlex
from typing import NamedTuple

KNOWN = frozenset({"FROM", "ARG", "ENV", "RUN", "USER", "WORKDIR", "COPY", "CMD"})
REPLACED = frozenset({"ENV", "USER", "WORKDIR", "COPY"})
"""In these the builder replaces variables; in RUN the shell does."""


class Step(NamedTuple):
    """One instruction: its word, and the rest of its line."""

    word: str
    rest: str


class UnknownInstructionError(Exception):
    """The Dockerfile says something that this reader does not perform."""


def steps(text: str) -> list[Step]:
    """Read the instructions, in their order."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    found = [Step(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]
    for step in found:
        if step.word not in KNOWN:
            raise UnknownInstructionError(f"{step.word} {step.rest}")
    return found


def replaced(step: Step, variables: dict[str, str]) -> str:
    """The rest of a step with ``${NAME}`` and ``$NAME`` replaced where the builder does so.

    A name that no ARG or ENV has set is a KeyError: the builder would put nothing there, and say nothing.
    """
    if step.word not in REPLACED:
        return step.rest
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: variables[found[1] or found[2]], step.rest)


def settings(rest: str) -> dict[str, str]:
    """``A=1 B="2 3"`` of an ENV, or the ``A=1`` of an ARG."""
    return dict(word.split("=", 1) for word in shlex.split(rest))


def command(rest: str) -> list[str]:
    """The words of a CMD in its JSON form, the only one that starts no shell."""
    words = json.loads(rest)
    return [str(word) for word in words]
