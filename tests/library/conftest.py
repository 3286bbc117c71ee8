"""One sandbox for all transcripts of the library, reset before each; and one in user-mode Linux."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.probe import probe, probe_uml
from tests.guests import sample

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in the guest takes minutes: `make test` takes every twelfth, and what shows a quirk."""
    sample(items, HERE / "test_library.py", 12, ["quirk-", "overlay-upper"])
    sample(items, HERE / "test_tables.py")


@pytest.fixture(scope="session", params=["kernel", pytest.param("uml", marks=pytest.mark.uml)])
def kernel(request: pytest.FixtureRequest) -> Iterator[KernelBackend]:
    found = probe_uml() if request.param == "uml" else probe()
    if found.kind is None:
        pytest.skip(found.reason)
    backend = KernelBackend(found=found)
    yield backend
    backend.close()
