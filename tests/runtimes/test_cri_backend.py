"""Transcripts on the real CRI: pods fare there as simulated, and nothing of it is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mountlab import cli
from mountlab.runtimes.cri import cri_missing
from mountlab.runtimes.cri_backend import CriBackend, check
from mountlab.runtimes.host import Host
from mountlab.shell.complaints import TranscriptError
from mountlab.shell.runner import Counterpart, StepResult, play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse
from tests.kubernetes.played import lines, pod
from tests.kubernetes.stories import STORIES, watcher
from tests.runtimes.live import needs
from tests.runtimes.test_host import children, gone, groups_of

pytestmark = pytest.mark.containerd

ROOT = Path(__file__).parents[2]
QUICK = ("plain pod", "two pods", "files", "init", "hooks")
CONTAINERDS_OWN = ("/var/lib/containerd", "/run/containerd", "/var/lib/kubelet")
DRIVER = """
- name: app
  image: nginx
  securityContext: {privileged: true}
  volumeMounts:
  - {name: data, mountPath: /mnt, mountPropagation: Bidirectional}
"""
DATA = "- {name: data, hostPath: {path: /data}}"
PRIVATE_ROOT = [
    *lines("mkdir /data"),
    watcher("HostToContainer"),
    *lines("kubectl get pods\nkubectl get events"),
]
MODES = [
    *lines("mkdir -p /data/sub /data/in"),
    *(watcher(mode, pod_name=mode.lower()) for mode in ("None", "HostToContainer")),
    pod("driver", DRIVER, DATA),
    *lines("mount -t tmpfs late /data/sub\nkubectl exec driver -- mount -t tmpfs own /mnt/in"),
    watcher("HostToContainer", pod_name="after"),
    "a# kubectl exec -it hosttocontainer -- sh",
    "a# findmnt -o TARGET,SOURCE,PROPAGATION",
    "a# mount -t tmpfs no /mnt/sub",
    "a# exit 3",
    *lines("kubectl exec none -- findmnt\nkubectl delete pod driver\nkubectl get pods"),
    "a# kubectl exec -it after -- sh",
    *lines("kubectl delete pod after"),
    "a# ls /data",
]
KILLED = """
import sys, time
sys.path.insert(0, sys.argv[1])
from mountlab.runtimes.cri_backend import CriBackend
from mountlab.shell.runner import play
from mountlab.shell.transcript import parse
world = CriBackend("systemd")
for _ in play(parse(sys.argv[2]), world):
    pass
print(world._machine.host._keeper.pid, world._machine.host.pid, flush=True)
time.sleep(1000)
"""


@pytest.fixture(autouse=True)
def _possible() -> None:
    needs(cri_missing())


@pytest.fixture
def outside() -> Iterator[None]:
    """Nothing of the machine itself changes: no mount, and nothing of a containerd it may have."""

    def state() -> tuple[str, list[object]]:
        own = [os.stat(path).st_mtime_ns if os.path.lexists(path) else None for path in CONTAINERDS_OWN]
        return Path("/proc/self/mountinfo").read_text(), [*own]

    before = state()
    yield
    assert state() == before


def text_of(some: list[str]) -> str:
    return "".join(line + "\n" for line in some)


def beside(some: list[str], init: str = "systemd") -> list[StepResult]:
    """Run it in the simulator, and beside it on the real CRI."""
    real = CriBackend(init)
    try:
        return list(play(parse(text_of(some)), SimulatorBackend(init), Counterpart(real)))
    finally:
        real.close()


def differing(some: list[str], init: str = "systemd") -> list[str]:
    """Where the simulator and the real CRI differ."""
    return differences(beside(some, init))


def differences(results: list[StepResult]) -> list[str]:
    return [f"{each.step.text}: {each.differs}" for each in results if each.step and each.differs]


@pytest.mark.usefixtures("outside")
def test_three_modes_fare_as_simulated_and_a_terminal_goes_inside() -> None:
    results = beside(MODES)

    assert differences(results) == []
    mounted = next(each for each in results if each.step and "mount -t tmpfs own" in each.step.text)
    assert mounted.outcome
    assert mounted.outcome.exit == 0
    places = [[row.mountpoint for row in table.mounts] for table in mounted.tables]
    assert ["/mnt/in" in each for each in places] == [False, False, True, True]


@pytest.mark.usefixtures("outside")
def test_a_node_with_a_private_root_refuses_in_containerds_words() -> None:
    assert differing(PRIVATE_ROOT, "bare") == []


@pytest.mark.parametrize("name", QUICK)
def test_a_story_goes_as_simulated(name: str) -> None:
    assert differing(STORIES[name]) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in STORIES if name not in QUICK])
def test_every_story_goes_as_simulated(name: str) -> None:
    assert differing(STORIES[name]) == []


def test_what_a_csi_driver_would_mount_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "csi.mnt"
    volume = "- {name: data, csi: {driver: d.io}}"
    plugins = "- {name: data, hostPath: {path: /var/lib/kubelet/plugins/d.io, type: DirectoryOrCreate}}"
    file.write_text(text_of(["#: init=systemd", pod("plugin", DRIVER, plugins), pod("user", DRIVER, volume)]))

    assert cli.main(["run", "--backend", "cri", str(file)]) == cli.UNAVAILABLE
    assert "what a CSI driver mounts is the model's own: use --backend kernel" in capsys.readouterr().err


def test_what_it_cannot_do_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TranscriptError, match="docker' is not understood by --backend cri"):
        check(parse("host# docker ps\n"))
    with pytest.raises(TranscriptError, match="cannot be redirected"):
        check(parse("host# kubectl get pods > f\n"))
    file = tmp_path / "some.mnt"
    file.write_text("#: init=k3d\nhost# kubectl get pods\n")
    assert cli.main(["run", "--backend", "cri", str(file)]) == cli.UNAVAILABLE
    assert "init=k3d: --backend cri has bare, systemd" in capsys.readouterr().err

    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    file.write_text("host# true\n")
    assert cli.main(["run", "--backend", "both-cri", str(file)]) == cli.UNAVAILABLE
    assert "pip install grpcio" in capsys.readouterr().err


@pytest.mark.usefixtures("outside")
def test_killed_it_leaves_no_process_and_no_mount_and_the_next_start_sweeps() -> None:
    some = [*lines("mkdir -p /data/in"), pod("driver", DRIVER, DATA)]
    some += lines("kubectl exec driver -- mount -t tmpfs own /mnt/in")
    words = [sys.executable, "-c", KILLED, str(ROOT), text_of(some)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        keeper, first = map(int, owner.stdout.readline().split())
        inside = [first, *children(first)]
        names = {Path(f"/proc/{pid}/comm").read_text().strip() for pid in inside}
        os.kill(owner.pid, signal.SIGKILL)
        os.kill(keeper, signal.SIGKILL)  # which would have swept

    assert {"containerd", "containerd-shim"} <= names
    assert gone(keeper, *inside), "processes are left"
    assert groups_of(keeper), "nothing is left that could be swept"
    with Host():
        assert not groups_of(keeper)
