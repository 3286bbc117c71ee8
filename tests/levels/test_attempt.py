"""One learner at one level."""

from __future__ import annotations

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.play.worlds import World
from mountlab.practice import level_attempt
from mountlab.practice.level_attempt import NOTHING_MORE
from mountlab.practice.levels import Attempt
from mountlab.shell.backend import Outcome
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.syntax import CommandLine
from tests.levels.machines import SHORT, Shifted, short


@pytest.fixture
def attempt() -> Attempt:
    return Attempt(short())


def test_the_start_is_played_and_not_counted(attempt: Attempt) -> None:
    assert attempt.commands == 0
    assert attempt.began == 2
    assert attempt.goal[0][:2] == ("/b is /a.", False)
    assert "expected one directory" in str(attempt.goal[0].why)


def test_a_command_is_run_and_the_goal_looked_at(attempt: Attempt) -> None:
    feedback = attempt.run("host# mount --bind /a /b")

    assert feedback.reached
    assert (feedback.commands, feedback.par, feedback.failed) == (1, 1, None)
    assert str(feedback) == "The goal is reached. Commands: 1, par: 1."


def test_another_way_is_as_good(attempt: Attempt) -> None:
    assert attempt.run("host# mount -o rbind /a /b").reached


def test_what_is_printed_comes_back(attempt: Attempt) -> None:
    feedback = attempt.run("host# umount /c")

    assert feedback.printed == "umount: /c: not mounted.\n[exit 32, EINVAL]"
    assert not feedback.reached


def test_the_first_terminal_needs_no_prompt(attempt: Attempt) -> None:
    assert attempt.run("mount --bind /a /b").reached


def test_to_look_is_free_and_to_do_is_not(attempt: Attempt) -> None:
    for line in ("ls /a", "findmnt", "mount", "cat /proc/self/mountinfo", "cd /a; echo hello", "stat /b"):
        attempt.run(line)
    assert attempt.commands == 0

    attempt.run("echo x > /a/f && touch /a/g; umount /c")
    assert attempt.commands == 3


def test_a_failure_is_told_and_stays_until_it_is_undone(attempt: Attempt) -> None:
    feedback = attempt.run("umount /a")
    assert feedback.failed == "The disk is gone."
    assert "Undo takes your last command back." in str(feedback)
    assert attempt.hint().startswith("The disk is gone.")

    mended = attempt.run("mount -t tmpfs disk /a && mount --bind /a /b")
    assert mended.failed == "The disk is gone."
    assert not mended.reached
    assert all(wanted.holds for wanted in attempt.goal)

    assert attempt.undo()
    assert attempt.failed == "The disk is gone."
    assert attempt.undo()
    assert attempt.failed is None
    assert not attempt.undo()
    assert attempt.run("mount --bind /a /b").reached


def test_a_failure_in_the_middle_of_several_lines_is_seen(attempt: Attempt) -> None:
    feedback = attempt.run("host# umount /a\nhost# mount -t tmpfs disk /a")

    assert feedback.failed == "The disk is gone."


def test_undo_takes_back_one_call_exactly(attempt: Attempt) -> None:
    before = attempt.machine.tables()
    attempt.run("mount --bind /a /c; mount --make-shared /c")
    attempt.run("rm -r /b")
    attempt.undo()
    assert attempt.commands == 2
    attempt.undo()

    assert attempt.machine.tables() == before
    assert attempt.commands == 0


def test_restart_begins_again(attempt: Attempt) -> None:
    attempt.run("umount /a")
    attempt.restart()

    assert (attempt.failed, attempt.commands) == (None, 0)


def test_hints_follow_the_state_and_go_on_when_asked_again(attempt: Attempt) -> None:
    assert [attempt.hint() for _ in range(3)] == ["Bind it.", "Bind it.", "Bind it."]

    attempt.run("mount --bind /a /c")
    assert [attempt.hint() for _ in range(3)] == ["That is /c.", "Bind it.", "Bind it."]

    attempt.undo()
    assert attempt.hint() == "Bind it."
    attempt.run("mount --bind /a /b")
    assert attempt.hint() == "The goal is reached."


def test_where_no_hint_fits_that_is_said() -> None:
    text = SHORT.replace("hint always", "hint host: /c mounted")

    assert Attempt(short(text)).hint() == NOTHING_MORE


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("host# umount -l /a", "this level is to be solved without `umount -l`"),
        ("host# umount --lazy -R /a", "this level is to be solved without `umount -l`"),
        ("host# true && umount -Rl /a", "this level is to be solved without `umount -l`"),
        ("c1# mount --bind /a /b", "in this level you type in host, not in c1"),
        ("host# muont /a", "muont: this program"),
        ("host# mount --frobnicate", "--frobnicate"),
        ("host# echo 'open", "quote"),
    ],
)
def test_what_is_refused_is_not_run_and_not_counted(line: str, said: str) -> None:
    attempt = Attempt(short(SHORT.replace("par=1", 'par=1 forbidden="umount -l"')))
    feedback = attempt.run(f"host# mkdir /new\n{line}")

    assert said in str(feedback.refused)
    assert str(feedback).startswith("Not run: ")
    assert feedback.commands == 0
    assert "new" not in attempt.run("ls /").printed


def test_what_is_allowed_is_not_refused() -> None:
    forbidden = 'par=1 forbidden="umount -l, mount --bind, unshare --propagation"'
    attempt = Attempt(short(SHORT.replace("par=1", forbidden)))

    assert attempt.run("umount -R /a").refused is None
    assert attempt.run("mount -o ro,bind /a /b").refused
    assert attempt.run("mount -B /a /b").refused
    assert attempt.run("unshare -m").refused is None
    assert attempt.run("unshare -m --propagation=slave").refused
    assert attempt.run("mount --move /b /c").refused is None


def test_the_solution_is_shown_with_what_it_teaches(attempt: Attempt) -> None:
    assert attempt.solution() == "host# mount --bind /a /b\n# One directory, two names."


def test_what_was_played_is_a_transcript(attempt: Attempt) -> None:
    attempt.run("mount --bind /a /b")

    assert attempt.transcript == (
        "#: init=bare\nhost# mkdir /a /b /c\nhost# mount -t tmpfs disk /a\nhost# mount --bind /a /b\n"
    )


def test_to_look_for_a_file_leaves_no_trace_in_the_history() -> None:
    attempt = Attempt(short(SHORT.replace("goal host: /b same-as host: /a", "goal host: /b/x exists")))

    assert not attempt.goal[0].holds
    assert attempt.run("touch /b/x").reached
    assert len(attempt.machine.history) == attempt.began + 1


def test_a_machine_that_stops_is_made_again_without_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class StoppedError(Exception):
        pass

    class Floods(SimulatorBackend):
        def run(self, shell: str, line: CommandLine) -> Outcome:
            done = super().run(shell, line)
            if "flood" in line.text:
                raise StoppedError("too much output.")
            return done

    def floods(_world: str, init: str) -> World:
        return World(Floods(init), (StoppedError,))

    monkeypatch.setattr(level_attempt, "machine", floods)
    attempt = Attempt(short())
    attempt.run("mkdir /kept")
    feedback = attempt.run("mkdir /half; echo flood")

    assert feedback.refused == "too much output. The machine was made again, without this line."
    assert feedback.commands == 1
    listed = attempt.run("ls /").printed
    assert "kept" in listed
    assert "half" not in listed


def test_a_world_of_ones_own_must_be_able_to_begin_again() -> None:
    assert Attempt(short(), Shifted()).run("mount --bind /a /b").reached
    with pytest.raises(TypeError, match="reset"):
        Attempt(short(), SimulatorBackend())


@pytest.mark.kernel
@pytest.mark.programs
def test_it_is_the_same_on_the_kernel(kernel: KernelBackend) -> None:
    attempt = Attempt(short(), kernel)

    assert attempt.run("umount /a").failed
    assert attempt.undo()
    assert attempt.hint() == "Bind it."
    assert attempt.run("mount --bind /a /b").reached
    assert [row.mountpoint for row in attempt.machine.tables()[0].mounts] == ["/", "/a", "/b"]


@pytest.mark.kernel
@pytest.mark.programs
def test_the_kernel_can_be_asked_for_by_name() -> None:
    attempt = Attempt(short(), "kernel")
    assert attempt.run("mount --bind /a /b").reached
    assert attempt.undo()
    assert not attempt.reached
    attempt.close()
