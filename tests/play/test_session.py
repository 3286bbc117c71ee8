"""A playground without a page: what is run, taken back, done again, carried away and brought back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mountlab.agree.programs import random_lines
from mountlab.mountinfo import Canon, MountInfo
from mountlab.play.session import PlayError, Session, UnfinishedError
from mountlab.shell.backend import NamespaceTable, Outcome
from mountlab.shell.runner import play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.syntax import CommandLine
from mountlab.shell.transcript import parse


@contextmanager
def playing(transcript: str = "", world: str = "sim", init: str = "bare") -> Iterator[Session]:
    session = Session(transcript, init, world)
    yield session
    session.close()


def tables(session: Session) -> list[NamespaceTable]:
    return session.live.world.backend.tables()


def canonical(session: Session) -> list[list[MountInfo]]:
    """The tables with numbers by first appearance: a kernel counts from wherever it is."""
    canon = Canon()
    return [canon.table(table.mounts) for table in tables(session)]


def replayed(transcript: str) -> list[NamespaceTable]:
    """The tables after `mountlab run`."""
    read = parse(transcript)
    backend = SimulatorBackend(read.header["init"])
    for _ in play(read, backend):
        pass
    return backend.tables()


def mounted(session: Session) -> set[str]:
    return {row.mountpoint for row in tables(session)[0].mounts}


def test_errors_are_those_of_the_real_programs(world: str) -> None:
    with playing(world=world) as session:
        (said,) = session.run("umount /tmp")
        (other,) = session.run("ls /nothing")

    # As util-linux 2.38.1 and coreutils 9.1 print them on Debian 12.
    assert str(said) == "host# umount /tmp\numount: /tmp: not mounted.\n[exit 32, EINVAL]"
    assert (said.exit, said.errno) == (32, "EINVAL")
    assert other.stderr == "ls: cannot access '/nothing': No such file or directory\n"
    assert other.exit == 2


def test_terminals_are_opened_by_name_and_closed_by_exit(world: str) -> None:
    with playing(world=world) as session:
        session.open("c1")
        session.open("c1")
        session.run("unshare --mount", "c1")
        assert [table.shells for table in tables(session)] == [("host",), ("c1",)]

        session.leave("c1")

        assert session.live.shells == ["host"]
        assert session.transcript.splitlines() == [
            "#: init=bare", "host#", "c1#", "c1# unshare --mount", "c1# exit",
        ]  # fmt: skip


def test_undo_takes_back_whatever_was_done_last_and_redo_does_it_again(world: str) -> None:
    with playing(world=world) as session:
        session.run("mkdir /a && mount -t tmpfs disk /a")
        session.open("c1")
        session.load("#: init=systemd\nhost# mkdir /b\nhost# mount --bind /tmp /b")
        session.reset()
        assert mounted(session) == {"/"}

        assert session.undo()
        assert mounted(session) == {"/", "/b"}
        assert tables(session)[0].mounts[0].shared
        assert session.undo()
        assert (mounted(session), session.live.shells) == ({"/", "/a"}, ["host", "c1"])
        assert session.undo()
        assert session.live.shells == ["host"]
        assert session.undo()
        assert mounted(session) == {"/"}
        assert not session.undo()

        for _ in range(4):
            assert session.redo()
        assert not session.redo()
        assert mounted(session) == {"/"}


def test_something_new_after_an_undo_forgets_what_was_undone() -> None:
    with playing() as session:
        session.run("mkdir /a")
        session.undo()
        session.run("mkdir /b")

        assert not session.redo()
        assert session.run("ls -d /b")[0].exit == 0
        assert session.run("ls -d /a")[0].exit == 2


def test_a_line_that_did_nothing_new_is_no_step_of_the_history() -> None:
    with playing() as session:
        session.run("   ")
        session.reset()
        session.switch("sim")

        assert not session.undo()


@pytest.mark.kernel
def test_the_same_transcript_goes_on_in_the_other_world(world: str) -> None:
    other = {"sim": "kernel", "kernel": "sim"}[world]
    with playing(world=world) as session:
        session.run("mkdir /a && mount -t tmpfs disk /a && mount --make-shared /a")
        session.run("unshare --mount --propagation slave", "c1")
        here = canonical(session)

        session.switch(other)
        assert session.state.world == other
        assert canonical(session) == here

        session.undo()
        assert session.state.world == world


@given(st.integers(0, 2**32), st.sampled_from(["bare", "systemd"]))
@settings(max_examples=25)
def test_an_exported_transcript_and_a_share_string_lead_to_the_same_tables(seed: int, init: str) -> None:
    lines = random_lines(Random(seed), 12)
    with playing(init=init) as session:
        for line in lines:
            session.run(line)

        assert replayed(session.transcript) == tables(session)
        for brought in (session.transcript, session.share):
            with playing(brought) as other:
                assert tables(other) == tables(session)
                assert other.transcript == session.transcript


@given(st.integers(0, 2**32), st.lists(st.booleans(), max_size=20))
@settings(max_examples=25)
def test_undo_and_redo_give_back_exactly_what_was_there(seed: int, steps: list[bool]) -> None:
    with playing() as session:
        seen = [(session.state, tables(session), list(session.live.entries))]
        for line in random_lines(Random(seed), 6):
            session.run(line)
            seen.append((session.state, tables(session), list(session.live.entries)))
        at = len(seen) - 1
        for back in steps:
            moved = session.undo() if back else session.redo()
            at += (-1 if back else 1) * moved

            assert (session.state, tables(session), list(session.live.entries)) == seen[at]


def test_expectations_are_checked_where_they_stand() -> None:
    with playing() as session:
        session.run("umount /tmp")
        first, second, third = session.run("#? exit 32 EINVAL\n#? host: /tmp mounted\n# a remark")

        assert (first.note, first.kind) == (None, "expectation")
        assert "expected a mount at /tmp" in (second.note or "")
        assert str(third) == "# a remark"
        assert session.transcript.endswith("#? exit 32 EINVAL\n#? host: /tmp mounted\n# a remark\n")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("muont /a", ["muont", "understood are", "mount"]),
        ("ls | cat", ["'|'", "pipes"]),
        ("echo 'a", ["quote", "not closed"]),
        ("mount --frobnicate /a", ["frobnicate"]),
        ("#? exit zero", ["zero", "exit N"]),
        ("c1$ ls", ["c1$"]),
    ],
)
def test_a_line_outside_the_language_is_refused_and_nothing_is_run(line: str, words: list[str]) -> None:
    with playing() as session:
        with pytest.raises(PlayError) as refused:
            session.run(f"host# mkdir /a\n{line}" if line.startswith("c1") else line)

        assert not isinstance(refused.value, UnfinishedError)
        for word in words:
            assert word in str(refused.value)
        assert session.transcript == "#: init=bare\nhost#\n"


@pytest.mark.parametrize(
    ("begun", "rest"),
    [
        ("cat > /f <<EOF", "a\nEOF"),
        ("cat > /f <<-'E'\n\t#a", "\tE"),
        ("echo a \\", "> /f"),
        ("echo a \\\n\\", "> /f"),
    ],
)
def test_a_line_that_goes_on_waits_for_its_rest(begun: str, rest: str) -> None:
    with playing() as session:
        with pytest.raises(UnfinishedError):
            session.run(begun)
        assert len(session.live.entries) == 1

        session.run(f"{begun}\n{rest}")

        assert "a\n" in session.run("cat /f")[0].stdout


def test_pasted_lines_are_read_with_prompts_and_without(world: str) -> None:
    with playing(world=world) as session:
        session.run("\n  mkdir /a\n# then\ncat > /a/f <<E\nmkdir /no\nE\nls /a\n", "c1")
        session.run("c2# mkdir /b\nhost# ls -d /b", "c1")

        shells = [(entry.shell, entry.exit) for entry in session.live.entries if entry.kind == "command"]
        assert shells == [("c1", 0), ("c1", 0), ("c1", 0), ("c2", 0), ("host", 0)]
        assert session.undo()
        assert session.undo()
        assert session.transcript == "#: init=bare\nhost#\n", "what was pasted at once is undone at once"


def test_an_import_that_is_refused_says_where_and_leaves_everything() -> None:
    with playing() as session:
        session.run("mkdir /a")
        before = session.state

        with pytest.raises(PlayError, match=r"playground:2:7.*muont"):
            session.load("host# true\nhost# muont")
        with pytest.raises(PlayError, match=r"toaster.*bare"):
            session.load("#: init=toaster\nhost# true")

        assert session.state == before
        assert session.run("ls -d /a")[0].exit == 0


def test_a_header_is_kept_and_a_transcript_without_one_gets_its_machine() -> None:
    text = '#: init=systemd title="A b" par=3\n# first\nhost# mkdir /a'
    with playing(text) as session:
        assert session.transcript == text + "\n"
        assert tables(session)[0].mounts[0].shared
    with playing("c1# true", init="systemd") as session:
        assert session.transcript == "#: init=systemd\nc1# true\n"


def test_reset_goes_back_to_the_beginning_of_this_playground() -> None:
    with playing("host# mkdir /given") as session:
        session.run("rmdir /given")
        session.load("host# mkdir /other")

        session.reset()

        assert session.run("ls -d /given")[0].exit == 0


@pytest.mark.kernel
def test_a_machine_that_hangs_is_made_again_without_the_line() -> None:
    with playing(world="kernel") as session:
        session.run("mkdir /a && mount -t tmpfs disk /a")
        backend, stops = session.live.world
        run = backend.run

        def hang(shell: str, line: CommandLine) -> Outcome:
            if line.text == "ls":
                raise stops[0]("it flooded")
            return run(shell, line)

        backend.run = hang  # type: ignore[method-assign]
        with pytest.raises(PlayError, match=r"it flooded\n.*without this line"):
            session.run("mkdir /b && mount -t tmpfs other /b\nls")

        assert mounted(session) == {"/", "/a"}
        assert "/b" not in session.transcript


def test_without_a_kernel_the_reason_is_given_and_the_simulator_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOUNTLAB_KERNEL", "none")
    with playing() as session:
        session.run("mkdir /a")

        with pytest.raises(PlayError, match="switched off by MOUNTLAB_KERNEL=none"):
            session.switch("kernel")

        assert session.state.world == "sim"
        assert session.run("ls -d /a")[0].exit == 0
