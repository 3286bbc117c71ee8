"""The JSON contract: keys, types, order and numbering, against the words of TRANSCRIPTS.md."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mountlab.shell.backend import UNKNOWN, CallMade, Holder, NamespaceTable, Outcome
from mountlab.shell.records import LONGEST_OUTPUT, cut, dump, record
from mountlab.shell.runner import Counterpart, StepResult, play
from mountlab.shell.transcript import parse
from tests.language.worlds import ToldWorld, any_program, rows, table

DONE = Outcome(0)
KEYS = [
    "v",
    "step",
    "line",
    "end_line",
    "shell",
    "command",
    "exit",
    "errno",
    "stdout",
    "stderr",
    "namespaces",
]
MOUNT_KEYS = [
    *("id", "parent", "dev", "root", "mountpoint", "fstype", "source", "options", "super_options"),
    *("shared", "master", "propagate_from", "unbindable"),
]


def results(text: str, outcomes: list[Outcome], tables: list[list[NamespaceTable]]) -> list[StepResult]:
    return list(play(parse(text, "x.mnt", any_program), ToldWorld(outcomes, tables)))


def one(outcome: Outcome = DONE, **options: Any) -> dict[str, Any]:
    (result,) = results("host# mount", [outcome], [[table()]])
    return record(result, **options)


def test_a_record_has_the_documented_keys_in_the_documented_order() -> None:
    made = one()

    assert list(made) == KEYS
    assert made["v"] == 1
    assert (made["step"], made["line"], made["end_line"]) == (1, 1, 1)
    assert (made["shell"], made["command"]) == ("host", "mount")
    assert (made["exit"], made["errno"], made["stdout"], made["stderr"]) == (0, None, "", "")


def test_mounts_have_the_documented_keys_and_types() -> None:
    (namespace,) = one()["namespaces"]

    assert list(namespace) == ["id", "shells", "holders", "mounts"]
    assert (namespace["id"], namespace["shells"], namespace["holders"]) == (1, ["host"], [])
    root, _, bind, secret, blank = namespace["mounts"]
    assert list(root) == MOUNT_KEYS
    assert root == {
        "id": 21, "parent": None, "dev": "0:20", "root": "/", "mountpoint": "/",
        "fstype": "tmpfs", "source": "root", "options": "rw,relatime", "super_options": "rw",
        "shared": 1, "master": None, "propagate_from": None, "unbindable": False,
    }  # fmt: skip
    assert (bind["parent"], bind["shared"], bind["master"], bind["propagate_from"]) == (30, 8, 1, 1)
    assert secret["unbindable"] is True
    assert blank["mountpoint"] == "/with blank"


def test_steps_count_commands_and_lines_count_lines() -> None:
    text = "# a\nc1#\nhost# cat <<E\nbody\nE\n\nhost# true; false\n"

    made = [record(result) for result in results(text, [Outcome(0)] * 2, [[table()]]) if result.outcome]

    assert [(each["step"], each["line"], each["end_line"]) for each in made] == [(1, 3, 5), (2, 7, 7)]
    assert made[0]["command"].startswith("cat <<E\nbody")


def test_an_errno_that_is_not_known_is_left_out() -> None:
    assert "errno" not in one(Outcome(1, errno=UNKNOWN))
    assert one(Outcome(32, errno="EBUSY"))["errno"] == "EBUSY"


def test_calls_and_refusals_are_told_where_known() -> None:
    made = one(Outcome(32, calls=(CallMade("mount"), CallMade("mount", "EINVAL")), refused="no source given"))

    assert made["calls"] == [{"name": "mount", "errno": None}, {"name": "mount", "errno": "EINVAL"}]
    assert made["refused"] == "no source given"
    assert "calls" not in one()
    assert "refused" not in one()


def test_views_and_holders() -> None:
    jail = rows()[:1]
    tables = [[NamespaceTable(1, ("host", "jail"), (Holder("container", "A"),), rows(), {"jail": jail})]]

    (result,) = results("host# true", [Outcome(0)], tables)
    (namespace,) = record(result)["namespaces"]

    assert list(namespace) == ["id", "shells", "holders", "mounts", "views"]
    assert namespace["holders"] == [{"kind": "container", "name": "A"}]
    assert [row["id"] for row in namespace["views"]["jail"]] == [21]


def test_state_says_how_much_of_the_tables_is_told() -> None:
    first, second = [table(1), table(2, ("c1",))], [table(1), table(3, ("c1",))]
    steps = results("host# true\nhost# true\nhost# true", [Outcome(0)] * 3, [first, second, second])

    full = [record(step) for step in steps]
    changed = [record(step, "changed") for step in steps]
    none = [record(step, "none") for step in steps]

    assert [[n["id"] for n in each["namespaces"]] for each in full] == [[1, 2], [1, 3], [1, 3]]
    assert [[n["id"] for n in each["namespaces"]] for each in changed] == [[1, 2], [3], []]
    assert [each["ended"] for each in changed] == [[], [2], []]
    assert all("namespaces" not in each for each in none)


@pytest.mark.parametrize("text", ["x" * LONGEST_OUTPUT, "é" * (LONGEST_OUTPUT // 2), "", "\udcff" * 9])
def test_what_fits_is_not_cut(text: str) -> None:
    assert cut(text) == (text, False)


@pytest.mark.parametrize(
    "text", ["x" * 70000, "é" * 40000, "x" + "é" * 40000, "\udcff" * 70000, "x😀" * 20000]
)
def test_long_output_is_cut_between_characters(text: str) -> None:
    kept, was_cut = cut(text)

    assert was_cut
    assert text.startswith(kept)
    assert LONGEST_OUTPUT - 3 <= len(kept.encode("utf-8", "surrogateescape")) <= LONGEST_OUTPUT


def test_a_cut_record_says_so_after_its_output() -> None:
    made = one(Outcome(0, stderr="x" * 70000))

    assert made["truncated"] is True
    assert len(made["stderr"]) == 65536
    assert "truncated" not in one()


def test_a_record_is_one_line_that_any_reader_of_json_takes() -> None:
    line = dump(one(Outcome(0, stdout="a\nb\udcff é\u2028")))

    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line)["stdout"] == "a\nb\udcff é\u2028"


def test_expectations_and_differences_are_told_on_demand() -> None:
    transcript = parse("host# true\n#? exit 0\n#? host: /a absent", "x.mnt", any_program)
    kernel = ToldWorld([Outcome(1)], [[table()]], "kernel")

    (result,) = play(transcript, ToldWorld([Outcome(0)], [[table()]]), Counterpart(kernel))
    made = record(result, checked=True, compared=True)

    assert [(each["line"], each["text"], each["failure"] is None) for each in made["expectations"]] == [
        (2, "exit 0", True),
        (3, "host: /a absent", False),
    ]
    assert made["differs"] == "exit status is 0 in the told and 1 in the kernel"
    assert not {"expectations", "differs"} & set(record(result))
