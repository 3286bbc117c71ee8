"""Random pods: the simulator and the kernel's sandbox agree on who sees what, after each line.

`mountlab agree --pods` does the same from the command line, for as long as one likes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mountlab.agree.containers import first_difference_of_containers
from mountlab.agree.pod_lines import POD_MACHINES, POD_SETTING, random_pod_lines
from mountlab.agree.shrink import shrink
from mountlab.agree.worlds import Difference
from mountlab.kernel.backend import KernelBackend
from mountlab.shell.backend import BackendUnavailableError
from mountlab.shell.transcript import parse

EXAMPLES = int(os.environ.get("MOUNTLAB_AGREE_PODS", "25"))
LINES = 12


@pytest.fixture(scope="module")
def kernel() -> Iterator[KernelBackend]:
    try:
        backend = KernelBackend()
    except BackendUnavailableError as error:
        pytest.skip(str(error))
    yield backend
    backend.close()


@pytest.mark.kernel
@pytest.mark.programs
def test_they_agree_on_outputs_statuses_and_tables_after_every_line(kernel: KernelBackend) -> None:
    tally: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 2**31), init=st.sampled_from(sorted(set(POD_MACHINES))))
    def search(seed: int, init: str) -> None:
        lines = random_pod_lines(Random(seed), LINES)
        if first_difference_of_containers(lines, init, kernel, tally) is not None:
            pytest.fail(_told(lines, init, kernel, seed))

    search()
    print(dict(tally))
    assert tally["lines"] >= EXAMPLES * LINES * 0.5
    assert 0 < tally["failed"] < tally["lines"] * 0.8
    for met in ("kubectl", "mount"):
        assert tally[met], met


def _told(lines: list[str], init: str, kernel: KernelBackend, seed: int) -> str:
    """The shortest transcript that shows the difference."""

    def differs(some: Sequence[str]) -> Difference | None:
        return first_difference_of_containers(some, init, kernel)

    shortest, found = shrink(lines, differs)
    return "\n".join([f"seed {seed}: {found.words}", f"#: init={init}", *shortest])


@pytest.mark.kernel
@pytest.mark.programs
def test_a_world_whose_kubelet_forgets_a_mode_is_found_out(
    kernel: KernelBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = "{name: c, image: nginx, volumeMounts: [{name: v, mountPath: /m, mountPropagation: %s}]}"
    manifest = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: one}\nspec:\n  containers:\n  - %s\n  volumes:\n  - %s"
    )
    text = manifest % (container % "HostToContainer", "{name: v, hostPath: {path: /data}}")
    lines = [*POD_SETTING, f"host# kubectl apply -f - <<'Y'\n{text}\nY"]
    assert first_difference_of_containers(lines, "systemd", kernel) is None

    monkeypatch.setattr(
        "mountlab.kernel.daemonworld.SandboxWorld.mount",
        lambda world, process, source, target, fstype, flags, data="": world._call(
            process, "mount", source, target, fstype, flags & ~(1 << 19), data or None
        ),
    )

    assert first_difference_of_containers(lines, "systemd", kernel) is not None


@pytest.mark.parametrize("seed", range(20))
def test_random_lines_are_of_the_language(seed: int) -> None:
    lines = random_pod_lines(Random(seed), 50)

    assert len(parse("".join(line + "\n" for line in lines)).steps) == 50 + len(POD_SETTING)
