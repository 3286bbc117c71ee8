"""One sandbox for all tests of the real kernel, a fresh machine for each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.probe import probe
from tests.kernel.laboratory import Lab


@pytest.fixture(scope="session")
def sandbox() -> Iterator[KernelBackend]:
    found = probe()
    if found.kind is None:
        pytest.skip(found.reason)
    backend = KernelBackend()
    yield backend
    backend.close()


@pytest.fixture
def lab(sandbox: KernelBackend) -> Lab:
    sandbox.reset("bare")
    return Lab(sandbox)
