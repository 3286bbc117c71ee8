"""The simulator and the kernel agree on random system calls: errors, tables, their order.

Hypothesis chooses and shrinks; `mountlab agree` does the same from the command line, for as long
as one likes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mountlab.agree import first_difference
from mountlab.agree.operations import KINDS, Op, random_op, setting
from mountlab.kernel.backend import KernelBackend
from mountlab.shell.backend import BackendUnavailableError

pytestmark = pytest.mark.kernel
EXAMPLES = int(os.environ.get("MOUNTLAB_AGREE_EXAMPLES", "500"))
WANTED = 40 * EXAMPLES
TALLY: Counter[str] = Counter()


@pytest.fixture(scope="module")
def kernel() -> Iterator[KernelBackend]:
    try:
        backend = KernelBackend()
    except BackendUnavailableError as error:
        pytest.skip(str(error))
    yield backend
    backend.close()


@st.composite
def operations(draw: st.DrawFn) -> list[Op]:
    """Some kinds are left out of each list, so that the others meet more often."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=3, unique=True))
    picks = draw(st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 2**20)), min_size=20, max_size=60))
    return [op for kind, seed in picks for op in random_op(Random(seed), kind)]


def test_they_agree_on_errors_tables_and_order(kernel: KernelBackend) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ops=operations(), init=st.sampled_from(["bare", "systemd"]))
    def search(ops: list[Op], init: str) -> None:
        found = first_difference(setting() + ops, init, kernel, TALLY)
        assert found is None, f"{found}\n#: init={init}\n" + "\n".join(op.command() for op in setting() + ops)

    search()
    _compare_until_enough(kernel)

    print(dict(TALLY))
    assert TALLY["operations"] >= WANTED
    assert 0 < TALLY["errors"] < TALLY["operations"] * 0.8
    for met in ("with user namespaces", "with stacked mounts", "with slaves of slaves", "pivots done"):
        assert TALLY[met], met


def _compare_until_enough(kernel: KernelBackend) -> None:
    """Runs that end early make room for more."""
    seed = 0
    while TALLY["operations"] < WANTED:
        ops = setting() + [op for kind in KINDS for n in range(3) for op in random_op(Random(seed + n), kind)]
        assert first_difference(ops, "systemd", kernel, TALLY) is None, seed
        seed += 3
