"""One sandbox for all tests of the real kernel, a fresh machine for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mountlab.kernel import reuse
from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.limits import Limits
from mountlab.kernel.probe import Probe, probe, probe_uml
from tests.guests import sample
from tests.kernel.laboratory import Lab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hundreds of commands in the guest take minutes."""
    sample(items, Path(__file__).with_name("test_golden.py"))


@pytest.fixture(scope="session")
def host_kernel() -> Probe:
    """For what is not said of a guest: it asks this computer's own kernel."""
    found = probe()
    if found.kind is None:
        pytest.skip(found.reason)
    return found


@pytest.fixture(scope="session", params=["kernel", pytest.param("uml", marks=pytest.mark.uml)])
def sandbox(request: pytest.FixtureRequest) -> Iterator[KernelBackend]:
    found = probe_uml() if request.param == "uml" else probe()
    if found.kind is None:
        pytest.skip(found.reason)
    backend = KernelBackend(found=found)
    yield backend
    backend.close()


@pytest.fixture
def another(sandbox: KernelBackend) -> Iterator[Callable[..., KernelBackend]]:
    """Makes further machines on the same kind of kernel, whose guest ends with the test."""
    made: list[KernelBackend] = []

    def make(init: str = "bare", limits: Limits | None = None) -> KernelBackend:
        made.append(KernelBackend(init, limits, sandbox.found))
        return made[-1]

    yield make
    for backend in made:
        backend.close()
    reuse.end_all()


@pytest.fixture
def lab(sandbox: KernelBackend) -> Lab:
    sandbox.reset("bare")
    return Lab(sandbox)
