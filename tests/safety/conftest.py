"""All attacks on a guest take minutes: `make test` takes some of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guests import sample


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    sample(items, Path(__file__).with_name("test_attacks.py"), 16)
