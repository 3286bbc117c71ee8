"""Makes a list of operations that shows a difference as short as it can be made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from mountlab.agree.worlds import Difference

Step = TypeVar("Step")


def shrink(
    ops: Sequence[Step], differs: Callable[[Sequence[Step]], Difference | None]
) -> tuple[list[Step], Difference]:
    """Leave out operations, in ever smaller pieces, as long as some difference remains.

    Raises:
        ValueError: when the operations show no difference.
    """
    found = differs(ops)
    if found is None:
        raise ValueError("the worlds agree on these operations")
    shortest = list(ops[: found.step + 1])
    piece = max(1, len(shortest) // 2)
    while True:
        start, removed = 0, False
        while start < len(shortest):
            shorter = shortest[:start] + shortest[start + piece :]
            difference = differs(shorter) if shorter else None
            if difference is not None:
                shortest, found, removed = shorter[: difference.step + 1], difference, True
            else:
                start += piece
        if piece == 1 and not removed:
            return shortest, found
        piece = max(1, piece // 2)
