"""The worlds in which a playground can be, and a comm without a notebook."""

from __future__ import annotations

import pytest

from mountlab.kernel.probe import probe


@pytest.fixture(params=["sim", pytest.param("kernel", marks=pytest.mark.kernel)])
def world(request: pytest.FixtureRequest) -> str:
    """The same test with the simulator, and with the real kernel."""
    if request.param == "kernel" and probe().kind is None:
        pytest.skip(probe().reason)
    return str(request.param)
