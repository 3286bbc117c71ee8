"""Which tests `make test` runs in a guest of user-mode Linux, where everything is slow; the others wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest


def sample(
    items: Iterable[pytest.Item], path: Path, every: int | None = None, always: Sequence[str] = ()
) -> None:
    """Of a file's tests in a guest, mark as slow all but some.

    Args:
        items: all tests that were collected.
        path: the file.
        every: keep each so-manieth; without it none.
        always: keep those with such a word in their names.
    """
    in_the_guest = [item for item in items if item.path == path and item.get_closest_marker("uml")]
    for number, item in enumerate(in_the_guest):
        is_chosen = every is not None and number % every == 0
        if not is_chosen and not any(word in item.name for word in always):
            item.add_marker(pytest.mark.slow)
