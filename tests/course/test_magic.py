"""%%lab and %lab: sessions, errors and expectations, as a learner meets them."""

from __future__ import annotations

import pytest

from mountlab.course.session import MachineStoppedError, Session
from mountlab.kernel.probe import probe
from tests.course.notebook import Notebook


def test_a_machine_goes_on_from_cell_to_cell(either: Notebook) -> None:
    either.lab("host# mkdir /a\nhost# mount -t tmpfs disk /a")

    ran = either.lab("host# touch /a/x\nhost# cd /a\nhost# ls\n#? host: /a mounted source=disk")

    assert ran.error is None
    assert "host# ls\nx\n" in ran.texts[0]
    assert either.lab("host# ls").texts[0] == "host# ls\nx"


def test_a_cell_shows_its_transcript_and_then_its_tables(notebook: Notebook) -> None:
    ran = notebook.lab("host# mkdir /a\n# a comment\nhost# umount /a\nhost# mount -t tmpfs disk /a")

    transcript, tables = ran.texts
    assert transcript.splitlines() == [
        "host# mkdir /a",
        "host# umount /a",
        "umount: /a: not mounted.",
        "[exit 32, EINVAL]",
        "host# mount -t tmpfs disk /a",
    ]
    assert tables.startswith("namespace 1: host\n")
    marks = {line.split()[3]: line[0] for line in tables.splitlines() if line.startswith("+")}
    assert marks == {"/a": "+"}


def test_tables_tell_what_changed_and_what_has_gone(notebook: Notebook) -> None:
    notebook.lab("host# mkdir /a /b\nhost# mount -t tmpfs disk /a\nhost# mount --bind /a /b")

    tables = notebook.lab("host# umount /a\nhost# mount --make-shared /b").texts[1]

    marked = {line[0]: line.split()[3] for line in tables.splitlines() if line[0] in "+~-"}
    assert marked == {"~": "/b", "-": "/a"}
    assert notebook.lab("host# ls /b").texts[1] == "(mount tables as before)"


def test_html_says_what_the_text_says_and_runs_nothing(notebook: Notebook) -> None:
    ran = notebook.lab('host# echo "<script>&" > /x\nhost# cat /x')

    html = ran.shown[0]["text/html"]
    assert "<script>" not in html
    assert "&lt;script&gt;&amp;" in html


def test_named_sessions_are_machines_of_their_own(notebook: Notebook) -> None:
    notebook.lab("host# mkdir /only-here", "first")

    assert "No such file" in notebook.lab("host# ls /only-here", "second").texts[0]
    assert "No such file" in notebook.lab("host# ls /only-here").texts[0]
    assert "No such file" not in notebook.lab("host# ls /only-here", "first").texts[0]


def test_a_header_starts_on_a_new_machine(either: Notebook) -> None:
    either.lab("host# mkdir /a")

    ran = either.lab('#: init=systemd title="New"\nhost# mkdir /a')

    assert "File exists" not in ran.texts[0]
    assert "shared:1" in ran.texts[1]


def test_reset_gives_a_new_machine(either: Notebook) -> None:
    either.lab("host# mkdir /a")

    assert either.run("%lab reset init=systemd").error is None

    ran = either.lab("host# mkdir /a")
    assert "File exists" not in ran.texts[0]
    assert "shared:1" in ran.texts[1]


def test_reset_of_one_session_leaves_the_others(notebook: Notebook) -> None:
    notebook.lab("host# mkdir /a", "one")
    notebook.lab("host# mkdir /a", "two")

    notebook.run("%lab reset one")

    assert "File exists" not in notebook.lab("host# mkdir /a", "one").texts[0]
    assert "File exists" in notebook.lab("host# mkdir /a", "two").texts[0]


def test_table_shows_all_namespaces_without_marks(notebook: Notebook) -> None:
    notebook.lab("host# true\nc1# unshare --mount")

    (tables,) = notebook.run("%lab table").texts

    assert "namespace 1: host" in tables
    assert "namespace 2: c1" in tables
    assert not [line for line in tables.splitlines() if line[0] in "+~-"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("%%lab\nmount x", ["this cell:2:1", "'mount' is no prompt", "host# mount x"]),
        ("%%lab\n\nhost# muont /a", ["this cell:3:7", "muont"]),
        ('%%lab\nhost# echo "x', ["this cell:2", '"']),
        ("%%lab\nhost# cat <<EOF\nno end", ["this cell:2", "EOF"]),
        ("%%lab\nroot@host:~# ls", ["this cell:2", "host# ls"]),
        ("%%lab\n#: init=toaster\nhost# true", ["this cell:2:", "toaster", "bare", "systemd"]),
        ("%%lab\nhost# true\n#? host: /a munted", ["this cell:3", "munted"]),
        ("%%lab one two\nhost# true", ["one two", "name"]),
        ("%%lab a/b\nhost# true", ["'a/b'", "name"]),
        ("%lab", ["%lab reset", "%%lab"]),
        ("%lab tabel", ["tabel", "%lab table"]),
        ("%lab reset init=toaster", ["toaster", "bare"]),
        ("%lab reset a b", ["reset a b", "[SESSION]"]),
    ],
)
def test_what_is_not_understood_is_said_in_a_sentence(
    notebook: Notebook, source: str, words: list[str]
) -> None:
    ran = notebook.run(source)

    assert ran.error is not None
    assert ran.shown == []
    for word in words:
        assert word in ran.error


def test_a_refused_cell_runs_nothing(notebook: Notebook) -> None:
    notebook.lab("host# mkdir /a\nhost# muont /a")

    assert "No such file" in notebook.lab("host# ls -d /a").texts[0]


def test_an_expectation_that_does_not_hold_fails_the_cell_with_its_line(either: Notebook) -> None:
    ran = either.lab("host# mkdir /a\n#? host: /a absent\n#? host: /a mounted\n#? exit 0\n#? exit 7")

    assert ran.error is not None
    first, second = ran.error.splitlines()
    assert first.startswith("this cell, line 4: '#? host: /a mounted' does not hold: ")
    assert "line 6" in second
    assert "expected exit status 7, it is 0" in second
    assert len(ran.shown) == 2, "what happened is shown all the same"


def test_an_unknown_backend_is_named(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUNTLAB_BACKEND", "kernal")

    said = notebook.lab("host# true").error or ""
    assert "MOUNTLAB_BACKEND=kernal: it may be auto, sim, kernel, userns or uml" in said


def test_without_a_kernel_the_reason_is_given(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUNTLAB_BACKEND", "kernel")
    monkeypatch.setenv("MOUNTLAB_KERNEL", "none")

    assert "switched off by MOUNTLAB_KERNEL=none" in (notebook.lab("host# true").error or "")
    assert notebook.run("%lab kernel").printed.startswith("No: switched off")


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), MachineStoppedError("it flooded")])
def test_a_machine_that_was_stopped_is_not_used_again(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    notebook.lab("host# mkdir /a")

    def stopped(*_: object) -> None:
        raise stop

    with monkeypatch.context() as patched:
        patched.setattr(Session, "run", stopped)
        ran = notebook.lab("host# true")

    assert ran.error == f"{str(stop) or 'interrupted'}; the next cell of this session starts on a new machine"
    assert "File exists" not in notebook.lab("host# mkdir /a").texts[0]


def test_why_answers_for_mounts_that_are_there_and_for_those_that_are_not(notebook: Notebook) -> None:
    notebook.lab("#: init=systemd\nc1# unshare --mount\nhost# mount -t tmpfs disk /mnt")
    there = notebook.run("%lab why /mnt in host").texts[0]
    missing = notebook.run("%lab why /mnt in c1").texts[0]

    assert "mounted disk (tmpfs) on host:/mnt" in there
    assert "unshare makes all private" in missing
    assert "Tried, and then it is there" in missing


def test_why_of_a_terminal_that_is_not_open_says_which_are(notebook: Notebook) -> None:
    notebook.lab("host# true")
    error = notebook.run("%lab why /mnt in c9").error

    assert error is not None
    assert "c9" in error
    assert "host" in error


@pytest.mark.kernel
def test_the_backend_can_be_chosen_in_the_notebook(notebook: Notebook) -> None:
    if probe().kind is None:
        pytest.skip(probe().reason)
    notebook.lab("host# mkdir /before")
    assert notebook.run("%lab backend kernel").error is None

    assert notebook.lab("host# ls -d /before").texts[0].endswith("[exit 2, ENOENT]")
    magics = notebook.shell.magics_manager.registry["LabMagics"]
    assert magics.sessions["lab"].kernel.startswith("Linux ")
    assert notebook.run("%lab backend sim").error is None
    assert magics.sessions["lab"].kernel == "the simulator"


def test_a_backend_that_there_is_not_says_which_there_are(notebook: Notebook) -> None:
    error = notebook.run("%lab backend moon").error

    assert error is not None
    assert "%lab backend auto|sim|kernel|userns|uml" in error
