"""How kubectl says that something is wrong, and where in the file that is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Place(NamedTuple):
    """A spot in a manifest, counted as editors do."""

    source: str
    line: int
    column: int = 0
    path: str = ""
    """The field: ``spec.containers[0].volumeMounts[0].mountPropagation``."""
    what: str = ""
    """What is wrong there, where the text alone does not show it."""

    def __str__(self) -> str:
        spot = f"{self.source}:{self.line}" + (f":{self.column}" if self.column else "")
        return ": ".join(part for part in (spot, self.path, self.what) if part)


class KubernetesError(Exception):
    """kubectl failed, or what it asked for was refused.

    Attributes:
        text: what kubectl prints to stderr, whole lines without the last newline.
        status: its exit status.
        places: where in the manifest; kubectl itself does not tell.
        hint: what would work, in our own words; "" when there is nothing to say.
    """

    def __init__(self, text: str, places: Iterable[Place] = (), hint: str = "", status: int = 1) -> None:
        super().__init__(text)
        self.text, self.places, self.hint, self.status = text, tuple(places), hint, status

    @property
    def told(self) -> str:
        """kubectl's text, then the places and the hint."""
        lines = [self.text, *(f"  {place}" for place in self.places)]
        return "\n".join([*lines, *([f"  {self.hint}"] if self.hint else [])])


class CustomKindError(KubernetesError):
    """An object of a kind that Kubernetes itself does not have; its definition may be in a cluster.

    Attributes:
        kind: the kind.
    """

    def __init__(self, kind: str, text: str, places: Iterable[Place] = (), hint: str = "") -> None:
        super().__init__(text, places, hint)
        self.kind = kind
