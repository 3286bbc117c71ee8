"""The modelled CRI is asked everything that the real containerd was asked, and answers as was recorded."""

from __future__ import annotations

from typing import Any, cast

import pytest

from mountlab.runtimes import cri_cases, cri_lives, cri_matrix
from mountlab.runtimes.cri import Containerd
from mountlab.runtimes.places import STATES
from tests.kubernetes.helpers import CRI
from tests.kubernetes.modelled_cri import ModelledCri, NotModelledError
from tests.runtimes.live import differences

Row = dict[str, Any]
NOT_MODELLED = {
    "a symbolic link": "the simulator has no symbolic links",
    "a dangling symbolic link": "the simulator has no symbolic links",
}

NO_ERROR = {
    "an image that is not there": "every image is there, and every command",
    "a command that is not there": "every image is there, and every command",
    "a command that is a folder": "every image is there, and every command",
    "no host path": "the kubelet gives whole paths",
    "a relative host path": "the kubelet gives whole paths",
    "the container's /": "an image has folders, and no programs to mount on",
    "a folder on a file": "an image has folders, and no programs to mount on",
    "an unknown propagation": "a pod has three modes",
    "exec of what is not there": "no such program here",
    "exec in a container that has ended": "kubectl refuses before it asks",
    "exec of a program that fails": "not in the transcript language",
    "start of a container that has ended": "the kubelet makes a new container",
}
"""What the real CRI was asked and the model cannot be, with the reason."""


def model() -> Containerd:
    return cast("Containerd", ModelledCri())


def worded(said: list[Row]) -> list[Row]:
    """Without the texts of busybox: the model has util-linux and coreutils."""
    return [{"argv": each["argv"], "worked": each["status"] == 0} for each in said]


def comparable(row: Row) -> Row:
    """A row of a recording, or of the model, without what programs say."""
    own = row.get("own_mount")
    changed: Row = {"own_mount": own and {"worked": own["status"] == 0, "on_host": own["on_host"]}}
    return row | changed | {"said": worded(row.get("said", []))}


def same(live: list[Row], then: list[Row]) -> None:
    assert len(live) == len(then) > 0
    assert not differences([*map(comparable, live)], [*map(comparable, then)])


def rows(section: str, **wanted: object) -> list[Row]:
    return [row for row in CRI[section] if all(row[key] == value for key, value in wanted.items())]


@pytest.mark.parametrize("state", STATES)
def test_each_mode_on_each_source_shows_the_recorded_mounts_in_every_direction(state: str) -> None:
    """Unprivileged and privileged, with a submount and without; containers before and after the mounts."""
    same(list(cri_matrix.matrix(model(), (state,))), rows("matrix", source=state))


@pytest.mark.parametrize("state", cri_matrix.PAIRS)
def test_two_containers_hear_each_other_as_was_recorded(state: str) -> None:
    same(list(cri_matrix.pairs(model(), {state: cri_matrix.PAIRS[state]})), rows("pairs", source=state))


@pytest.mark.parametrize("name", cri_cases.CASES)
def test_odd_sources_fare_as_was_recorded(name: str) -> None:
    if name in NOT_MODELLED:
        with pytest.raises(NotModelledError, match=NOT_MODELLED[name]):
            list(cri_cases.cases(model(), (name,)))
        return
    same(list(cri_cases.cases(model(), (name,))), rows("cases", name=name))


def test_what_containers_leave_behind_is_as_was_recorded() -> None:
    same(list(cri_lives.left_behind(model())), CRI["left_behind"])


def test_what_a_restarted_driver_heals_is_as_was_recorded() -> None:
    same(list(cri_lives.restart(model())), CRI["restart"])


def test_errors_are_the_recorded_ones_or_are_named_as_not_modelled() -> None:
    live, then = list(cri_lives.errors(model())), CRI["errors"]
    unmodelled = {row["name"]: row["error"] for row in live if row.get("call") == "not modelled"}

    assert unmodelled == NO_ERROR
    for mine, real in zip(live, then, strict=True):
        if mine["name"] not in unmodelled:
            assert _without_words(mine) == _without_words(real), mine["name"]


def _without_words(row: Row) -> Row:
    """What a program says is busybox's in the recording; how it ended is compared where it is alike."""
    if "stderr" not in row:
        return row
    return {"name": row["name"], "works": row["works"], "fails": row["status"] != 0, "stdout": row["stdout"]}


@pytest.mark.parametrize("name", cri_cases.TABLES)
def test_the_mounts_that_were_asked_for_have_the_recorded_classes(name: str) -> None:
    """All others are fixtures, which are not mounted on the machines of transcripts."""
    (mine,) = cri_cases.mount_tables(model(), (name,))
    (real,) = rows("tables", name=name)
    places = [each["container_path"] for each in real["mounts"]]

    def own(row: Row) -> Row:
        return {
            path: found
            for path, found in row["classes"].items()
            if path == "/" or any(path == place or path.startswith(f"{place}/") for place in places)
        }

    assert own(mine) == own(real)
    assert mine["oci_linux"] == real["oci_linux"]
    assert mine["oci_mounts"] == real["oci_mounts"]
