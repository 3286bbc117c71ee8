"""What removing takes along.  The texts and the lost files are those of the real dockerd 20.10.24."""

from __future__ import annotations

from mountlab.shell.runner import StepResult, play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse

DATA = "/var/lib/docker/volumes/data_vol/_data"
BUSY = "device or resource busy"


def run(*lines: str) -> list[StepResult]:
    transcript = parse("".join(f"host# {line}\n" for line in lines))
    return list(play(transcript, SimulatorBackend("systemd")))


def printed(result: StepResult) -> str:
    assert result.outcome is not None
    return result.outcome.stdout + result.outcome.stderr


def test_a_volume_with_a_mount_on_it_is_not_removed_but_what_is_in_the_mount_is() -> None:
    *_, removed, listed, volumes = run(
        "docker volume create data_vol",
        f"mount -t tmpfs disk {DATA}",
        f"touch {DATA}/letter",
        "docker volume rm data_vol",
        f"ls {DATA}",
        "docker volume ls -q",
    )
    path = f"error removing volume path '{DATA}': unlinkat {DATA}: {BUSY}"
    assert printed(removed) == f"Error response from daemon: remove data_vol: {path}\n"
    assert removed.outcome is not None
    assert removed.outcome.exit == 1
    assert (printed(listed), printed(volumes)) == ("", "data_vol\n")


def test_it_goes_on_after_a_mountpoint_and_names_the_first() -> None:
    *_, removed, listed = run(
        "docker volume create data_vol",
        f"mkdir {DATA}/sub",
        f"mount -t tmpfs disk {DATA}/sub",
        f"touch {DATA}/letter",
        "docker volume rm data_vol",
        f"ls {DATA}",
    )
    assert f"unlinkat {DATA}/sub: {BUSY}" in printed(removed)
    assert printed(listed) == "sub\n"


def test_rm_by_force_of_nothing_is_told_and_is_no_failure() -> None:
    (removed,) = run("docker rm -f nosuch")
    assert printed(removed) == "Error: No such container: nosuch\n"
    assert removed.outcome is not None
    assert removed.outcome.exit == 0


def test_a_mount_in_a_containers_layer_goes_with_the_layer() -> None:
    layer = "/var/lib/docker/overlay2/web/diff"
    *_, removed, found = run(
        "docker run -d --name web nginx",
        f"mkdir -p {layer}/disk",
        f"mount -t tmpfs disk {layer}/disk",
        "docker rm -f web",
        "findmnt -n -o SOURCE",
    )
    assert printed(removed) == "web\n"
    assert printed(found) == "root\n"


def test_the_status_of_a_containers_shell_is_the_containers() -> None:
    transcript = parse(
        "a# docker run -it --name c alpine\na# exit 3\nhost# docker ps -a --format '{{.Status}}'\n"
    )
    *_, listed = play(transcript, SimulatorBackend("systemd"))
    assert printed(listed).startswith("Exited (3) ")
