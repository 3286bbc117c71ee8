"""One sandbox for all levels, reset before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.probe import probe


@pytest.fixture(scope="session")
def kernel() -> Iterator[KernelBackend]:
    found = probe()
    if found.kind is None:
        pytest.skip(found.reason)
    backend = KernelBackend()
    yield backend
    backend.close()
