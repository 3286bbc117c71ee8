"""Pictures with containers: who is drawn where, and how a runtime's many calls are told."""

from __future__ import annotations

from typing import Any

from mountlab.shell.start import simulated
from mountlab.shell.transcript import parse
from mountlab.view.frames import frames
from mountlab.view.scene import fold

INSIDE = """\
host# mkdir -p /data
host# docker run -d --name web -v /data:/mnt:rslave nginx
a# docker exec -it web sh
a# exit
"""


def told(text: str) -> tuple[dict[str, Any], list[list[str]]]:
    """The data, and each line's sentences."""
    data = frames(simulated(parse(text)))
    return data, [[step["say"] for step in command["steps"]] for command in data["commands"]]


def test_what_the_runtime_does_is_one_thing() -> None:
    _, sentences = told("#: init=systemd\n" + INSIDE)
    assert sentences[1][-1] == (
        "container web begins in a mount namespace of its own, which its runtime has made: 2 mounts."
    )
    assert not any("merged" in sentence and "unmounted" in sentence for sentence in sentences[1])


def test_every_call_of_the_runtime_is_shown_where_that_is_asked_for() -> None:
    _, sentences = told("#: init=systemd runtime=shown\n" + INSIDE)
    assert any("become slaves" in sentence for sentence in sentences[1])
    assert len(sentences[1]) > len(told("#: init=systemd\n" + INSIDE)[1][1])


def test_a_terminal_is_drawn_in_the_container_while_it_is_inside() -> None:
    data, _ = told("#: init=systemd\n" + INSIDE)
    shells = [[column.shells for column in fold(data, line).columns] for line in range(1, 4)]
    assert shells == [
        [("host",), ("container web",)],
        [("host",), ("a", "container web")],
        [("host", "a"), ("container web",)],
    ]


def test_where_a_terminal_goes_is_said_and_that_it_is_back() -> None:
    _, sentences = told("#: init=systemd\n" + INSIDE)
    assert sentences[2] == ["a is now in namespace 2."]
    assert sentences[3] == ["a is now in namespace 1."]


def test_the_end_of_a_command_in_a_container_closes_no_terminal() -> None:
    _, sentences = told("#: init=systemd\n" + INSIDE + "host# docker exec web ls /mnt\n")
    assert not any("closes" in sentence for sentence in sentences[-1])
