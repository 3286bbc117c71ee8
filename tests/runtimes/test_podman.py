"""The real podman on a private host: it does what was recorded, and checks nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mountlab.runtimes import podman as podman_room
from mountlab.runtimes.docker_matrix import matrix
from mountlab.runtimes.host import Host
from mountlab.runtimes.podman import Podman, podman_missing
from mountlab.runtimes.record import about
from tests.runtimes.live import differences, needs, same_versions

pytestmark = pytest.mark.podman

Read = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module", params=["runc", "crun"])
def podman(request: pytest.FixtureRequest, host: Host) -> Podman:
    needs(podman_missing())
    return Podman(host, request.param)


@pytest.fixture
def recording(podman: Podman, recorded: Read) -> dict[str, Any]:
    found = recorded("podman")
    same_versions(found, about(podman.host, "podman", "runc", "crun"), "podman", "runc", "crun")
    return found


@pytest.mark.parametrize("state", ["shared", "private"])
def test_the_matrix_is_the_recorded_one(podman: Podman, recording: dict[str, Any], state: str) -> None:
    live = [
        {"runtime": podman.runtime} | row
        for row in matrix(podman, states=(state,), ways=("-v",), submounts=(True,))
    ]
    then = [
        row
        for row in recording["matrix"]
        if (row["runtime"], row["source"], row["submount"]) == (podman.runtime, state, True)
    ]

    assert len(live) == 7
    assert not differences(live, then)


def test_options_of_a_named_volume_do_what_was_recorded(podman: Podman, recording: dict[str, Any]) -> None:
    live = list(podman_room.volumes(podman))

    assert not differences(live, recording[f"volumes {podman.runtime}"])


def test_answers_to_bad_input_are_the_recorded_ones(podman: Podman, recording: dict[str, Any]) -> None:
    if podman.runtime == "crun":
        assert not differences(list(podman_room.bad_input(podman)), recording["bad_input"])
