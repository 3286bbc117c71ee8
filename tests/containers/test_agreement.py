"""The simulator and the kernel agree on random lines of docker, systemctl and mount, after each of them.

`mountlab agree --containers` does the same from the command line, for as long as one likes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

import pytest

from mountlab.agree.container_lines import MACHINES, SETTING, random_container_lines
from mountlab.agree.containers import first_difference_of_containers
from mountlab.agree.shrink import shrink
from mountlab.agree.worlds import Difference
from mountlab.kernel.backend import KernelBackend
from mountlab.shell.backend import BackendUnavailableError
from mountlab.shell.transcript import parse

TRANSCRIPTS = int(os.environ.get("MOUNTLAB_AGREE_CONTAINERS", "30"))
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
    for seed in range(TRANSCRIPTS):
        init = MACHINES[seed % len(MACHINES)]
        lines = random_container_lines(Random(seed), LINES)
        if first_difference_of_containers(lines, init, kernel, tally) is not None:
            pytest.fail(_told(lines, init, kernel, seed))

    assert tally["lines"] >= TRANSCRIPTS * LINES * 0.8
    assert 0 < tally["failed"] < tally["lines"] * 0.7
    for met in ("docker", "systemctl", "mount", "umount", "findmnt", "exit"):
        assert tally[met], met


def _told(lines: list[str], init: str, kernel: KernelBackend, seed: int) -> str:
    """The shortest transcript that shows the difference."""

    def differs(some: Sequence[str]) -> Difference | None:
        return first_difference_of_containers(some, init, kernel)

    shortest, found = shrink(lines, differs)
    return "\n".join([f"seed {seed}: {found.words}", f"#: init={init}", *shortest])


@pytest.mark.kernel
@pytest.mark.programs
def test_a_world_whose_docker_forgets_a_propagation_is_found_out(
    kernel: KernelBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [*SETTING, "host# docker run -d --name A -v /data:/mnt:rslave nginx"]
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
    lines = random_container_lines(Random(seed), 50)

    assert len(parse("".join(line + "\n" for line in lines)).steps) == 50 + len(SETTING)
