"""A notebook for each test, in one world or in both."""

from __future__ import annotations

import pytest

from mountlab.kernel.probe import probe
from tests.course.notebook import Notebook


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    monkeypatch.delenv("MOUNTLAB_BACKEND", raising=False)
    return Notebook()


@pytest.fixture(params=["sim", pytest.param("kernel", marks=pytest.mark.kernel)])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """The same test in the simulator, and with the kernel beside it."""
    if request.param == "kernel" and probe().kind is None:
        pytest.skip(probe().reason)
    monkeypatch.setenv("MOUNTLAB_BACKEND", request.param)
    return Notebook()
