"""Terminals of the simulator: how they open, close, move, and what a shell does around its programs."""

from __future__ import annotations

from mountlab.shell.backend import CallMade, NamespaceTable
from mountlab.shell.runner import StepResult, play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse


def run(text: str, init: str = "bare") -> list[StepResult]:
    return list(play(parse(text, "x.mnt"), SimulatorBackend(init)))


def last(text: str) -> StepResult:
    return run(text)[-1]


def printed(text: str) -> str:
    """What the last line printed, after seeing that all lines succeeded."""
    results = run(text)
    for result in results:
        assert result.outcome is not None
        assert result.outcome.exit == 0, (result.step, result.outcome)
    assert results[-1].outcome is not None
    return results[-1].outcome.stdout


def ended(text: str) -> tuple[int, str, str]:
    outcome = last(text).outcome
    assert outcome is not None
    return outcome.exit, outcome.stdout, outcome.stderr


def members(tables: object) -> list[tuple[int, tuple[str, ...]]]:
    assert isinstance(tables, list)
    return [(table.id, table.shells) for table in tables if isinstance(table, NamespaceTable)]


# -- opening and closing -----------------------------------------------------------------------------


def test_a_new_name_is_a_new_terminal_in_the_initial_namespace() -> None:
    first, second, third = run("host# true\nc1#\nc1# unshare --mount")

    assert members(first.tables) == [(1, ("host",))]
    assert members(second.tables) == [(1, ("host", "c1"))]
    assert members(third.tables) == [(1, ("host",)), (2, ("c1",))]


def test_a_name_alone_opens_the_terminal_and_is_no_step() -> None:
    assert [result.number for result in run("c1#\nhost# true\nc2#\nc1# true")] == [None, 1, None, 2]


def test_the_initial_namespace_never_dies() -> None:
    result = last("host# mkdir /a\nhost# mount -t tmpfs d /a\nhost# exit")

    assert members(result.tables) == [(1, ())]
    assert [row.mountpoint for row in result.tables[0].mounts] == ["/", "/a"]


def test_exit_ends_a_namespace_with_its_last_shell_and_the_name_can_be_opened_again() -> None:
    results = run("host# true\nc1# unshare --mount\nc1# exit\nc1# true\nc1# unshare -m")

    assert [members(result.tables) for result in results] == [
        [(1, ("host",))],
        [(1, ("host",)), (2, ("c1",))],
        [(1, ("host",))],
        [(1, ("host", "c1"))],
        [(1, ("host",)), (3, ("c1",))],
    ]


def test_a_namespace_lives_as_long_as_one_shell_is_in_it() -> None:
    text = "c1# unshare -m\nc2# nsenter --target c1 --mount\nc1# exit\n"

    assert members(last(text).tables) == [(1, ()), (2, ("c2",))]
    assert members(last(text + "c2# exit").tables) == [(1, ())]


def test_shells_stand_in_order_of_first_appearance_even_after_they_were_closed() -> None:
    result = last("b# true\na# true\nc# true\nb# exit\nb# true")

    assert members(result.tables) == [(1, ("b", "a", "c"))]


def test_a_reopened_terminal_has_forgotten_where_it_was() -> None:
    assert printed("host# mkdir /a\nhost# cd /a\nhost# exit\nhost# mkdir b\nhost# ls /b -d") == "/b\n"


def test_exit_has_a_status_and_ends_the_line() -> None:
    assert ended("host# exit 3") == (3, "", "")
    assert ended("host# exit 259") == (3, "", "")
    assert ended("host# echo a; exit 1; echo b") == (1, "a\n", "")
    assert ended("host# exit now") == (2, "", "bash: exit: now: numeric argument required\n")
    assert members(last("host# exit now").tables) == [(1, ())]


def test_exit_alone_repeats_the_status_before_it_in_the_line() -> None:
    assert ended("host# rmdir /nope 2> /err; exit")[0] == 1
    assert ended("host# rmdir /nope; true; exit")[0] == 0


def test_exit_can_be_redirected() -> None:
    assert ended("host# exit 3 > /f\nhost# ls /f") == (0, "/f\n", "")
    assert ended("host# exit now 2> /f")[0] == 2
    assert ended("host# exit > /nope/f; ls -d /")[:2] == (0, "/\n")


def test_exit_with_too_many_words_does_not_exit() -> None:
    assert ended("host# exit 1 2") == (1, "", "bash: exit: too many arguments\n")
    assert members(last("host# exit 1 2").tables) == [(1, ("host",))]


# -- lines ---------------------------------------------------------------------------------------------


def test_a_line_goes_on_after_a_semicolon_and_stops_after_a_failed_and() -> None:
    assert ended("host# echo a; echo b") == (0, "a\nb\n", "")
    assert ended("host# rmdir /nope; echo b")[:2] == (0, "b\n")
    assert ended("host# rmdir /nope && echo b")[:2] == (1, "")
    assert ended("host# rmdir /nope && echo b; echo c")[:2] == (0, "c\n")
    assert ended("host# rmdir /nope && echo b && echo c")[:2] == (1, "")


def test_the_first_error_of_a_line_is_told_whatever_follows() -> None:
    outcome = last("host# mkdir -p /a/b\nhost# rmdir /a; rmdir /nope; true").outcome

    assert outcome is not None
    assert (outcome.exit, outcome.errno) == (0, "ENOTEMPTY")


def test_calls_are_those_of_all_programs_of_the_line() -> None:
    outcome = last("host# mkdir /a /b\nhost# mount --bind --make-shared /a /b && umount /b").outcome

    assert outcome is not None
    assert outcome.calls == (CallMade("mount"), CallMade("mount"), CallMade("umount2"))


# -- redirects and here-documents ------------------------------------------------------------------------


def test_redirects_write_files() -> None:
    assert printed("host# echo a > /f\nhost# echo b >> /f\nhost# cat /f") == "a\nb\n"
    assert printed("host# echo long > /f; echo b > /f\nhost# cat /f") == "b\n"
    assert printed("host# > /f\nhost# cat /f; ls /f") == "/f\n"
    assert printed("host# echo a > /f > /g; echo x >> /f\nhost# cat /f /g") == "x\na\n"


def test_errors_can_be_redirected() -> None:
    results = run("host# rmdir /nope 2> /err\nhost# cat /err")

    assert results[0].outcome is not None
    assert (results[0].outcome.exit, results[0].outcome.stderr) == (1, "")
    assert results[1].outcome is not None
    assert results[1].outcome.stdout == "rmdir: failed to remove '/nope': No such file or directory\n"


def test_a_redirect_that_fails_stops_the_program_before_it_starts() -> None:
    first, second = run("host# mkdir /x > /nope/f\nhost# ls -d /x")

    assert first.outcome is not None
    assert (first.outcome.exit, first.outcome.errno) == (1, "ENOENT")
    assert first.outcome.stderr == "bash: /nope/f: No such file or directory\n"
    assert second.outcome is not None
    assert second.outcome.exit == 2


def test_a_redirect_is_relative_to_the_working_directory() -> None:
    assert printed("host# mkdir /a; cd /a; echo x > f\nhost# cat /a/f") == "x\n"


def test_here_documents_are_a_programs_input() -> None:
    assert printed("host# cat <<EOF\na \\$b\nhost# c\nEOF") == "a $b\nhost# c\n"
    assert printed("host# tee /f <<'EOF' > /dev/null\na \\$b\nEOF\nhost# cat /f") == "a \\$b\n"


# -- what several terminals see ------------------------------------------------------------------------


def test_two_shells_of_one_namespace_can_see_different_tables() -> None:
    result = last("host# mkdir /a\nhost# mount -t tmpfs d /a\njail# chroot /a\nother# true")

    (table,) = result.tables
    assert table.shells == ("host", "jail", "other")
    assert [row.mountpoint for row in table.mounts] == ["/", "/a"]
    assert list(table.views) == ["jail"]
    assert [row.mountpoint for row in table.views["jail"]] == ["/"]


def test_the_initial_state_is_private_or_shared() -> None:
    bare, systemd = run("host# true")[0], run("host# true", "systemd")[0]

    assert [(row.mountpoint, row.fstype, row.propagation) for row in bare.tables[0].mounts] == [
        ("/", "tmpfs", "private")
    ]
    assert [row.propagation for row in systemd.tables[0].mounts] == ["shared"]


def test_the_example_of_the_language_keeps_its_promise() -> None:
    results = run(
        """\
host# mkdir -p /a /b
host# mount -t tmpfs disk1 /a
host# mount --make-shared /a
c1# unshare --mount --propagation slave
c1# mount --bind /a /b
#? c1: /b mounted propagation=slave
#? host: /b absent
host# umount -l /a
#? host: /a absent
#? c1: /a absent
#? c1: /b mounted
""",
        "systemd",
    )

    checks = [each for result in results for each in result.checks]
    assert len(checks) == 5
    assert [each.failure for each in checks] == [None] * 5
