"""The recordings, and the fixtures that more than one runtime needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mountlab.runtimes.host import Host, why_not
from tests.runtimes.live import needs

RECORDED = Path(__file__).parents[1] / "containers" / "recorded"


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    needs(why_not())
    with Host() as made:
        yield made


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], dict[str, Any]]:
    """The recording of a runtime."""

    def read(name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
        return found

    return read
