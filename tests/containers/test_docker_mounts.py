"""A container's mounts: what the real dockerd 20.10 made of every way to ask for one, and what it refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers.docker.checks import check_settings, check_volume
from mountlab.containers.docker.cli import parse
from mountlab.containers.docker.messages import DaemonError, daemon_refused, run_refused
from mountlab.containers.docker.mounts import MadeVolume, MountPoint, inherit, mount_points, to_mount
from mountlab.containers.docker.requests import Create, MountSpec, Run, Settings, VolumeCreate, VolumeOptions
from mountlab.containers.docker.specs import clean, validate
from mountlab.containers.errors import ContainerError
from mountlab.errors import MountError

RECORDED = Path(__file__).with_name("recorded")
CREATED = json.loads((RECORDED / "docker-mounts.json").read_text(encoding="utf-8"))
BAD_INPUT = json.loads((RECORDED / "docker.json").read_text(encoding="utf-8"))["bad_input"]
DATA_ROOT = "/lab/docker"
"""Of the dockerd that was recorded."""
OTHER = "create -v data_vol:/one:ro -v /src:/two:rslave -v /three busybox".split()


def exists(path: str) -> bool:
    """The host that was recorded."""
    if path.startswith("/src/file/"):
        raise MountError("ENOTDIR", "", "")
    return path in ("/", "/src", "/src/sub", "/src/file", "/lab", DATA_ROOT)


def make_volume(name: str, options: VolumeOptions) -> MadeVolume:
    name = name or "ID"
    check_volume(name, options.driver, options.driver_options)
    return MadeVolume(name, "local", f"{DATA_ROOT}/volumes/{name}/_data")


def points_of(container: str) -> Sequence[MountPoint]:
    if container not in ("other", "running"):
        raise DaemonError(f"No such container: {container}")
    return points(asked(OTHER))


def asked(argv: Sequence[str]) -> Settings:
    request = parse(["docker", *argv])
    assert isinstance(request, Run | Create)
    return request.settings


def points(settings: Settings) -> tuple[MountPoint, ...]:
    """As dockerd goes about it: what it checks first, then what is inherited, then what is asked for."""
    check_settings(settings, exists)
    inherited = [point for text in settings.volumes_from for point in inherit(text, points_of)]
    return mount_points(settings, inherited, make_volume, DATA_ROOT)


def answer(argv: Sequence[str]) -> tuple[int, str]:
    """Status and stderr of a line that asks the daemon for a container or a volume."""
    request = parse(["docker", *argv])
    try:
        if isinstance(request, VolumeCreate):
            check_volume(request.name, request.driver, request.options)
        elif isinstance(request, Run | Create):
            points(request.settings)
    except DaemonError as error:
        said = run_refused(error) if isinstance(request, Run) else daemon_refused(error)
        return said.status, said.text + "\n"
    return 0, ""


def shown(point: MountPoint) -> dict[str, Any]:
    """A mount point as docker inspect prints it."""
    fields: dict[str, Any] = {"Type": point.type, "Name": point.name, "Source": point.source}
    fields |= {"Destination": point.destination, "Driver": point.driver, "Mode": point.mode}
    fields |= {"RW": point.rw, "Propagation": point.propagation}
    return {key: value for key, value in fields.items() if value != "" or key not in ("Name", "Driver")}


@pytest.mark.parametrize("row", CREATED, ids=lambda row: " ".join(row["argv"]))
def test_a_container_is_refused_as_the_real_dockerd_refused_it(row: dict[str, Any]) -> None:
    assert answer(row["argv"]) == (row["status"], row["stderr"])


MADE = [row for row in CREATED if row["status"] == 0 and row["argv"][0] == "create"]


@pytest.mark.parametrize("row", MADE, ids=lambda row: " ".join(row["argv"]))
def test_its_mounts_are_what_docker_inspect_showed(row: dict[str, Any]) -> None:
    made = sorted(points(asked(row["argv"])), key=lambda point: point.destination)

    assert [shown(point) for point in made] == row["mounts"]


def about_mounts() -> list[dict[str, Any]]:
    """Recorded lines in which the daemon refused a container because of its mounts or its rights."""
    other = ("Invalid container name", "Conflict. The container name", "No command specified", "runc create")
    return [
        row
        for row in BAD_INPUT
        if row["argv"][0] == "run"
        and "Error response from daemon" in row["stderr"]
        and "See 'docker run --help'" in row["stderr"]
        and not any(text in row["stderr"] for text in other)
    ]


@pytest.mark.parametrize("row", about_mounts(), ids=lambda row: " ".join(row["argv"]))
def test_bad_input_that_the_daemon_refuses(row: dict[str, Any]) -> None:
    places = json.loads(json.dumps(row).replace("SRC", "/src").replace("SUB", "/src/sub"))

    assert answer(places["argv"]) == (row["status"], places["stderr"])


def test_a_tmpfs_and_a_sorted_list_are_what_a_start_mounts() -> None:
    line = "create -v /src:/a/b -v v1:/c --mount type=tmpfs,dst=/z,tmpfs-size=3m,ro"
    line += " --tmpfs /a/b/c:x,y --tmpfs /d x"
    settings = asked(line.split())

    assert [(each.type, each.destination, each.options) for each in to_mount(points(settings), settings)] == [
        ("volume", "/c", ()),
        ("tmpfs", "/d", ()),
        ("tmpfs", "/z", ("ro", "size=3m")),
        ("bind", "/a/b", ()),
        ("tmpfs", "/a/b/c", ("x", "y")),
    ]


def test_a_tmpfs_wins_over_a_mount_for_the_same_place() -> None:
    """Recorded: config.json has a tmpfs alone at /mnt."""
    settings = asked("create --tmpfs /mnt --mount type=bind,src=/src,dst=/mnt x".split())

    assert [each.type for each in to_mount(points(settings), settings)] == ["tmpfs"]


def test_only_a_v_makes_its_source() -> None:
    """moby daemon/volumes.go: SkipMountpointCreation."""
    by_v, by_mount = points(asked("create -v /src:/a --mount type=bind,src=/src,dst=/b x".split()))

    assert (by_v.skip_creation, by_mount.skip_creation) == (False, True)


def test_a_propagation_that_was_written_is_known_from_a_default() -> None:
    """moby daemon/oci_linux.go: only a default falls back where the data-root is private."""
    made = points(asked("create -v /src:/a -v /src:/b:rprivate -v /:/c -v /:/d:rslave x".split()))

    assert [(each.propagation, each.is_propagation_asked) for each in made] == [
        ("rprivate", False),
        ("rprivate", True),
        ("rslave", False),
        ("rslave", True),
    ]


def test_what_the_image_has_is_copied_into_a_volume_unless_nocopy() -> None:
    """moby volume/mounts/linux_parser.go: DefaultCopyMode, getCopyMode."""
    line = "create -v vol:/a -v vol:/b:nocopy --mount src=vol,dst=/c,volume-nocopy -v /d x"
    made = points(asked(line.split()))

    assert [each.copies for each in made] == [True, False, False, True]


def test_volumes_of_another_container_are_not_filled_again() -> None:
    made = points(asked("create --volumes-from other:ro x".split()))

    assert [(each.copies, each.rw, each.mode) for each in made] == [(False, False, "")] * 3


def test_a_tmpfs_of_another_container_cannot_be_inherited() -> None:
    """moby daemon/volumes.go: a point without a source is looked up as a volume, and it has no name."""
    with pytest.raises(DaemonError, match=r"^get : no such volume$"):
        inherit("x", lambda _: [MountPoint("tmpfs", "/t")])


def test_volumes_that_were_made_before_a_refusal_stay() -> None:
    made: list[str] = []

    def make(name: str, options: VolumeOptions) -> MadeVolume:
        made.append(name)
        return make_volume(name, options)

    with pytest.raises(DaemonError):
        mount_points(asked("create -v first:/a -v /src:/b:foo -v second:/c x".split()), [], make, DATA_ROOT)
    assert made == ["first"]


@pytest.mark.parametrize(
    ("path", "cleaned"), [("//a//b/./../c/", "/a/c"), ("", "."), ("/..", "/"), ("a/..", "."), ("//", "/")]
)
def test_paths_are_cleaned_as_go_does(path: str, cleaned: str) -> None:
    """The rules of path.Clean, pkg.go.dev/path."""
    assert clean(path) == cleaned


def test_a_request_that_no_client_sends_is_refused_too() -> None:
    """moby volume/mounts/linux_parser.go: validateMountConfigImpl."""
    with pytest.raises(DaemonError, match=r'^invalid mount config for type "bind": field Target must not be'):
        validate(MountSpec("bind", "/src"))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("exec: stat /x: no such file or directory: unknown", 127),
        ('exec: "x": executable file not found in $PATH: unknown', 127),
        ('exec: "/etc": permission denied: unknown', 126),
        ("path /a is mounted on / but it is not a shared mount", 125),
    ],
)
def test_the_status_of_run_depends_on_the_words(text: str, status: int) -> None:
    """docker/cli run.go: runStartContainerErr; that a start does not point at the help: recorded."""
    said = run_refused(ContainerError(text, 125), starting=True)

    assert (said.text, said.status) == (f"docker: Error response from daemon: {text}.", status)


def test_a_sentence_gets_no_second_full_stop() -> None:
    """docker/cli run.go: reportError."""
    said = run_refused(DaemonError("No such image."))

    assert said.text == "docker: Error response from daemon: No such image.\nSee 'docker run --help'."
