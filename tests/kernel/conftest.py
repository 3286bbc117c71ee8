"""One sandbox for all tests of the real kernel, a fresh machine for each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.probe import probe, probe_uml
from tests.kernel.laboratory import Lab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hundreds of commands in the guest take minutes."""
    for item in items:
        if item.get_closest_marker("uml") and item.path.name == "test_golden.py":
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", params=["kernel", pytest.param("uml", marks=pytest.mark.uml)])
def sandbox(request: pytest.FixtureRequest) -> Iterator[KernelBackend]:
    found = probe_uml() if request.param == "uml" else probe()
    if found.kind is None:
        pytest.skip(found.reason)
    backend = KernelBackend(found=found)
    yield backend
    backend.close()


@pytest.fixture
def lab(sandbox: KernelBackend) -> Lab:
    sandbox.reset("bare")
    return Lab(sandbox)
