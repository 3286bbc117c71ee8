"""The shortest transcripts on which simulator and kernel still differ: the kernel is right.

An entry leaves this list, for the library or the agreement tests, when the engine is mended.
"""

from __future__ import annotations

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.shell.transcript import parse
from tests.library.replay import differences

OPEN = {
    "a new terminal has the root of process 1, not what was mounted over it": """
host# mount -t tmpfs over /
new# ls -d /bin
""",
}


@pytest.mark.kernel
@pytest.mark.programs
@pytest.mark.xfail(strict=True, reason="the engine is still to be mended")
@pytest.mark.parametrize("what", OPEN)
def test_the_kernel_agrees(kernel: KernelBackend, what: str) -> None:
    assert differences(parse(OPEN[what], what), kernel) == []
