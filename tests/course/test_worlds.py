"""Both worlds print the same, in numbers that mean the same; and where they differ, the cell fails."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mountlab.course import session
from mountlab.kernel.probe import Probe, probe
from mountlab.shell.backend import Outcome
from mountlab.shell.runner import Counterpart
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.syntax import CommandLine
from mountlab.shell.transcript import parse
from tests.course.notebook import Notebook
from tests.language.worlds import ToldWorld, rows, table

CELLS = {
    "numbers": """\
host# mkdir -p /a /b /tmp/x
host# mount -t tmpfs disk /a
host# mount --make-shared /a
c1# unshare --mount --propagation slave
host# mount --bind /a /b
host# cat /proc/self/mountinfo
===
host# umount /b
host# mount -t tmpfs other /b
c1# cat /proc/self/mountinfo
host# cat /proc/c1/mountinfo
===
host# findmnt
host# findmnt -o TARGET,MAJ:MIN,OPT-FIELDS,PROPAGATION
host# findmnt -n -o MAJ:MIN /b
host# findmnt -J -o TARGET,MAJ:MIN /a
host# findmnt -r -o TARGET,OPT-FIELDS /a
host# stat -c '%i %h %n' /a /b
host# stat /a
""",
    "dates": "host# touch /x\nhost# ls -li /x\nhost# ls -lid /\nhost# sed -i s/a/b/ /y\nhost# stat /x",
    "errors": "host# umount /a\nhost# mount --bind /nothing /mnt\nhost# mkdir /mnt\nhost# ls /q",
    "quirk": """\
host# mkdir /a
host# mount -t tmpfs disk /a
host# mount --make-unbindable /a
c1# unshare --mount --propagation unchanged
c2# unshare --mount --propagation unchanged
""",
    "here-document": "host# cat > /x <<'EOF'\none\nhost# two\nEOF\nhost# cat /x",
    "empty": "# only a comment\n===\nhost#",
}


def cells(name: str) -> list[str]:
    return CELLS[name].split("===\n")


@pytest.mark.kernel
@pytest.mark.parametrize("name", CELLS)
def test_simulator_and_kernel_print_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if probe().kind is None:
        pytest.skip(probe().reason)
    shown = {}
    for world in ("sim", "kernel"):
        monkeypatch.setenv("MOUNTLAB_BACKEND", world)
        notebook = Notebook()
        shown[world] = [notebook.lab(cell) for cell in cells(name)]

    assert shown["sim"] == shown["kernel"]
    assert all(ran.error is None for ran in shown["kernel"])


def test_numbers_are_small_and_a_mount_keeps_its_own(notebook: Notebook) -> None:
    first, second, _ = [notebook.lab(cell) for cell in cells("numbers")]

    ids = {row.split()[4]: row.split()[0] for row in first.texts[0].splitlines() if row[0].isdigit()}
    lines = second.texts[1].split("namespace 2")[0].splitlines()[2:]
    later = {row[1:].split()[2]: row[1:].split()[0] for row in lines if row[0] != "-"}
    assert set(ids) == {"/", "/a", "/b"}
    assert max(map(int, ids.values())) < 10
    assert later["/a"] == ids["/a"]
    assert set(later) == {"/", "/a", "/b"}
    assert later["/b"] not in ids.values()


def test_a_number_that_the_kernel_uses_again_is_a_new_one_for_the_learner() -> None:
    root, mounted = "2 1 0:20 / / rw - tmpfs root rw\n", "9 2 0:31 / /b rw - tmpfs disk rw\n"
    states = [[table(mounts=rows(text))] for text in (root + mounted, root, root + mounted)]
    world = session.World(ToldWorld([Outcome(0, mounted), Outcome(0), Outcome(0, mounted)], states))
    (step,) = parse("host# cat /proc/self/mountinfo", "x").steps
    assert step.command is not None
    told = []
    for _ in states:
        world.run("host", step.command)
        world.tables()
        told.append(world.told(step))

    assert [outcome and outcome.stdout.split(" ")[0] for outcome in told] == ["3", "", "4"]


def notes(notebook: Notebook, transcript: str) -> list[str]:
    return [text for text in notebook.lab(transcript).texts if text.startswith("Before Linux")]


def test_a_quirk_is_told_once_by_what_it_does_to_a_mount(notebook: Notebook) -> None:
    (note,) = notes(notebook, CELLS["quirk"])

    first, *rest = note.splitlines()
    line = "c1# unshare --mount --propagation unchanged"
    assert first == f"Before Linux 6.17, after '{line}': in c1, /a is unbindable; since 6.17 it is private."
    assert len(rest) == 2
    assert rest[0].startswith("unbindable-copied: ")


def test_a_quirk_is_told_by_the_error_that_it_changes(notebook: Notebook) -> None:
    lines = [f"host# {line}" for line in ("mkdir /m", "mount -t tmpfs disk /m", "mkdir /m/sub")]
    lines += ["c1# cd /m", "host# umount -l /m", "c1# mount -t tmpfs x sub"]

    (note,) = notes(notebook, "\n".join(lines))

    assert "the command fails with EINVAL; since 6.17 it fails with ENOENT." in note


def test_another_order_of_lines_is_told_only_where_it_was_printed(notebook: Notebook) -> None:
    lines = ["mkdir /a /b /c", "mount -t tmpfs disk /a", "mkdir /a/x", "mount --make-shared /a"]
    lines += ["mount --bind /a /b", "mount --bind /a /c", "mount -t tmpfs new /a/x"]

    unread = notes(notebook, "\n".join(f"host# {line}" for line in lines))
    (note,) = notes(notebook, "host# findmnt -n -l -o TARGET")

    assert not unread
    assert "the lines come in the order /b/x, /c/x; since 6.8 in the order /c/x, /b/x." in note
    assert "6.17" not in note


class Kernel(SimulatorBackend):
    """Stands in for the kernel."""

    name = "kernel"


class Liar(Kernel):
    """Another message."""

    def run(self, shell: str, line: CommandLine) -> Outcome:
        done = super().run(shell, line)
        return done._replace(stdout=done.stdout.replace("hello", "bye"))


class Forgetful(Kernel):
    """Another status."""

    def run(self, shell: str, line: CommandLine) -> Outcome:
        return super().run(shell, line)._replace(exit=0)


class OtherTables(Kernel):
    """Other mounts."""

    def __init__(self, _init: str) -> None:
        super().__init__("systemd")


THERE = Probe("userns", "that lives in this file", "6.18", "2.38.1")


def beside(
    monkeypatch: pytest.MonkeyPatch, kernel: type[SimulatorBackend], *, same_programs: bool = True
) -> Notebook:
    """A notebook with that world in the kernel's place."""

    def real_world(init: str, found: Probe) -> tuple[session.World, Counterpart, type[Exception]]:
        real = session.World(kernel(init))
        return real, Counterpart(real, same_programs and found is THERE), RuntimeError

    monkeypatch.setattr(session, "_found", lambda _backend: THERE)
    monkeypatch.setattr(session, "_real_world", real_world)
    monkeypatch.setenv("MOUNTLAB_BACKEND", "kernel")
    return Notebook()


@pytest.mark.parametrize(
    ("kernel", "cell", "words"),
    [
        (Liar, "host# echo hello > /x\nhost# cat /x", ["line 3", "host# cat /x", "'hello'", "'bye'"]),
        (Forgetful, "host# umount /etc", ["line 2", "status is 32 in the simulator and 0 in the kernel"]),
        (OtherTables, "host# true", ["line 2", "shared is None in the simulator and 1 in the kernel"]),
    ],
)
def test_a_difference_fails_the_cell_in_words(
    monkeypatch: pytest.MonkeyPatch, kernel: type[SimulatorBackend], cell: str, words: Sequence[str]
) -> None:
    ran = beside(monkeypatch, kernel).lab(cell)

    assert ran.error is not None
    assert "simulator and the kernel differ" in ran.error
    for word in words:
        assert word in ran.error


def test_what_is_printed_is_the_kernel_s(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = beside(monkeypatch, Liar).lab("host# echo hello > /x\nhost# cat /x")

    assert "\nbye" in ran.texts[0]


def test_other_programs_may_word_it_differently(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = beside(monkeypatch, Liar, same_programs=False).lab("host# echo hello > /x\nhost# cat /x")

    assert ran.error is None
    assert "\nhello" in ran.texts[0]
