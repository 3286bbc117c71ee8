"""Transcripts on a real dockerd: what the simulator says comes true there, and nothing of it is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mountlab import cli
from mountlab.runtimes.backend import DockerBackend
from mountlab.runtimes.dockerd import docker_missing
from mountlab.runtimes.host import Host
from mountlab.shell.runner import Counterpart, StepResult, play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse
from tests.runtimes.live import needs
from tests.runtimes.test_host import children, gone, groups_of

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]
DOCKERS_OWN = ("/var/lib/docker", "/run/docker", "/run/docker.sock", "/run/containerd", "/var/run/docker.pid")

S14 = """\
host# docker volume create data_vol
a# docker run -it --name A --privileged -v data_vol:/mnt centos bash
a# mkdir /mnt/etc
a# mount --bind /etc /mnt/etc
b# docker run -it --name B --privileged -v data_vol:/mnt centos bash
b# ls /mnt/etc
b# findmnt
host# findmnt -o TARGET,SOURCE,FSTYPE,PROPAGATION
host# ls /var/lib/docker/overlay2/A/merged/mnt
host# mount -t tmpfs late /var/lib/docker/volumes/data_vol/_data/etc
a# cat /proc/self/mountinfo
a# exit
a# docker ps -a
a# docker start A
host# docker rm -f A B
host# umount /var/lib/docker/volumes/data_vol/_data/etc
b# docker volume rm data_vol
"""
OPTION = """\
#: init=systemd
host# mkdir /disk
host# mount -t tmpfs disk /disk
host# mkdir /disk/host /disk/inside /disk/sub
host# mount -t tmpfs sub /disk/sub
host# mkdir /disk/sub/host
a# docker run -it --name A --privileged -v /disk:/mnt:{option} alpine
b# docker run -it --name B -v /disk:/mnt:{option} alpine
host# mount -t tmpfs from_host /disk/host
host# mount -t tmpfs from_host /disk/sub/host
a# mount -t tmpfs from_inside /mnt/inside
a# true
a# exit
"""
# facts of docker 20.10: does a mount of the host arrive, also below the submount; does one from inside leave
HEARD = {
    "private": (False, True, False),
    "rprivate": (False, False, False),
    "slave": (True, True, False),
    "rslave": (True, True, False),
    "shared": (True, True, True),
    "rshared": (True, True, True),
}
KILLED = """
import sys, time
sys.path.insert(0, sys.argv[1])
from mountlab.runtimes.backend import DockerBackend
from mountlab.shell.runner import play
from mountlab.shell.transcript import parse
world = DockerBackend("systemd")
lines = ("a# docker run -it --name A --privileged -v v1:/mnt alpine", "a# mount -t tmpfs x /mnt")
for _ in play(parse("\\n".join(lines)), world):
    pass
print(world._machine.host._keeper.pid, world._machine.host.pid, flush=True)
time.sleep(1000)
"""


@pytest.fixture(autouse=True)
def _possible() -> None:
    needs(docker_missing())


def beside(text: str, init: str) -> list[StepResult]:
    """Run it in the simulator, and beside it on a real dockerd."""
    transcript = parse(text)
    real = DockerBackend(init)
    try:
        return list(play(transcript, SimulatorBackend(init), Counterpart(real)))
    finally:
        real.close()


def real_steps(text: str, init: str) -> list[StepResult]:
    real = DockerBackend(init)
    try:
        return list(play(parse(text), real))
    finally:
        real.close()


@pytest.fixture
def outside() -> Iterator[None]:
    """Nothing of the machine itself changes: no mount, and nothing of a docker it may have."""

    def state() -> tuple[str, list[object]]:
        own = [os.stat(path).st_mtime_ns if os.path.lexists(path) else None for path in DOCKERS_OWN]
        return Path("/proc/self/mountinfo").read_text(), [*own]

    before = state()
    yield
    assert state() == before


def differing(results: list[StepResult]) -> list[str]:
    return [f"{result.step.text}: {result.differs}" for result in results if result.step and result.differs]


@pytest.mark.parametrize("init", ["bare", "systemd"])
@pytest.mark.usefixtures("outside")
def test_the_articles_test_of_a_shared_volume_goes_as_simulated(init: str) -> None:
    results = beside(S14, init)

    assert differing(results) == []
    seen_by_b = next(each.outcome for each in results if each.step and each.step.text == "ls /mnt/etc")
    assert seen_by_b
    assert seen_by_b.stdout == ""


@pytest.mark.parametrize("option", HEARD)
def test_a_propagation_option_does_what_is_simulated_and_recorded(option: str) -> None:
    results = beside(OPTION.format(option=option), "systemd")
    tables = next(each.tables for each in results if each.step and each.step.text == "true")
    outside, inside = ({row.mountpoint for row in table.mounts} for table in tables[:2])

    assert differing(results) == []
    assert all(result.outcome.exit == 0 for result in results if result.outcome)
    heard = ("/mnt/host" in inside, "/mnt/sub/host" in inside, "/disk/inside" in outside)
    assert heard == HEARD[option]


def test_only_the_lessons_mounts_are_shown() -> None:
    text = "a# docker run -it --name A --privileged -v /:/host:rslave alpine\na# findmnt -rno TARGET\n"
    step = real_steps(text, "systemd")[-1]
    host, container = step.tables
    layer = "/var/lib/docker/overlay2/A/merged"

    assert [row.mountpoint for row in host.mounts] == ["/", layer]
    assert {row.mountpoint for row in container.mounts} == {"/", "/host", f"/host{layer}"}
    assert [(each.kind, each.name) for each in container.holders] == [("container", "A")]
    assert (host.shells, container.shells) == ((), ("a",))
    assert step.outcome
    assert {*step.outcome.stdout.split()} == {"/", "/host", f"/host{layer}"}


def test_a_terminal_is_where_its_shell_is() -> None:
    text = """\
a# docker run -it --name A alpine
a# cd /nowhere
a# cd /mnt
a# echo text > /no/such
a# echo text > file; cat file /nowhere
b# docker exec -it A sh
b# ls -d /mnt/file; cd /mnt && cat file
b# exit 7
b# cat /mnt/file
b# docker exec -it A sh
host# docker stop A
a# cd; ls /mnt
b# docker exec A true
c# unshare --mount --propagation private
c# nsenter --target nobody --mount
c# mount -t tmpfs c /mnt
host# findmnt /mnt
host# nsenter --target c --mount
host# tee /mnt/f <<EOF
it's \\$HOME
EOF
"""
    assert differing(beside(text, "bare")) == []


def test_containers_without_rights_mount_nothing_and_those_without_an_image_name_start_too() -> None:
    text = """\
host# docker run --rm alpine mount -t tmpfs x /mnt
host# docker run --rm --privileged alpine mount -t tmpfs x /mnt
host# docker run -d -v /foo shop/nginx:2
host# docker exec unnamed_3 findmnt /foo
host# docker run --rm -v /mnt:/mnt:rshared,rslave alpine true
host# docker run -it alpine nosuch
host# docker run -d --name A alpine; docker run -d --name A alpine
"""
    assert differing(beside(text, "systemd")) == []


def test_the_command_line_prints_the_same_kind_of_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "some.mnt"
    file.write_text("host# docker run -d --name A -v v1:/mnt nginx\n#? exit 0\nhost# ls /\n")
    records = {}
    for world in ("sim", "docker"):
        assert cli.main(["run", "--backend", world, "--format", "jsonl", "--check", str(file)]) == 0
        records[world] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    sim, real = records["sim"][0], records["docker"][0]
    assert {*sim} - {*real} == {"calls"}
    assert [sorted(mount) for mount in sim["namespaces"][1]["mounts"]] == [
        sorted(mount) for mount in real["namespaces"][1]["mounts"]
    ]

    # a machine on which a dockerd runs has more in its `/`: that is told, and the status is 3
    assert cli.main(["run", "--backend", "both-docker", str(file)]) == cli.DIFFERED
    told = "differs: stdout: line 5 is 'mnt' in the simulator and 'lib' in the docker"
    assert told in capsys.readouterr().out


@pytest.mark.usefixtures("outside")
def test_killed_it_leaves_no_process_and_no_mount_and_the_next_start_sweeps() -> None:
    words = [sys.executable, "-c", KILLED, str(ROOT)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        keeper, first = map(int, owner.stdout.readline().split())
        inside = [first, *children(first)]
        names = {Path(f"/proc/{pid}/comm").read_text().strip() for pid in inside}
        os.kill(owner.pid, signal.SIGKILL)
        os.kill(keeper, signal.SIGKILL)  # which would have swept

    assert {"dockerd", "containerd", "containerd-shim"} <= names
    assert gone(keeper, *inside), "processes are left"
    assert groups_of(keeper), "nothing is left that could be swept"
    with Host():
        assert not groups_of(keeper)


def test_closed_it_leaves_no_process() -> None:
    real = DockerBackend()
    for _ in play(parse("a# docker run -it --name A alpine\nhost# true\n"), real):
        pass
    host = real._machine.host
    inside = [host.pid, *children(host.pid)]
    assert len(inside) > 5
    real.close()

    assert gone(host._keeper.pid, *inside)
