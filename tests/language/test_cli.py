"""The command line as people and programs call it: exit statuses, streams, formats."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mountlab.kernel.probe import probe
from mountlab.mountinfo import parse
from mountlab.quirks import QUIRKS

LESSON = """\
#: title="A lesson"
host# mkdir /a
host# mount -t tmpfs disk1 /a
#? host: /a mounted propagation=private source=disk1
c1# unshare --mount
host# umount /nope
#? exit 32
host# umount /a
#? host: /a absent
#? c1: /a mounted
"""


def mountlab(
    *words: str, text: str | None = None, data: bytes | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "mountlab", *words],
        input=data if data is not None else (text or "").encode(),
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    decoded = [stream.decode("utf-8", "surrogateescape") for stream in (done.stdout, done.stderr)]
    return subprocess.CompletedProcess(words, done.returncode, *decoded)


def records(*words: str, text: str = LESSON) -> list[dict[str, Any]]:
    done = mountlab("run", "-", "--format", "jsonl", *words, text=text)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_control_characters_are_shown_and_not_obeyed() -> None:
    done = mountlab("run", "-", "--state", "none", text="a# echo -e '\\e]0;title\\a\\tx\\r\\x7f\\u009b'\n")
    printed = done.stdout.splitlines()[1]

    assert printed == "^[]0;title^G\tx^M^?\\x9b"
    (record,) = records(text="a# echo -e '\\e'\n")
    assert record["stdout"] == "\x1b\n", "a program reads what was printed"


# -- exit statuses -----------------------------------------------------------------------------------


def test_it_ran_whatever_the_statuses_of_its_commands(tmp_path: Path) -> None:
    file = tmp_path / "lesson.mnt"
    file.write_text(LESSON)

    done = mountlab("run", str(file))

    assert (done.returncode, done.stderr) == (0, "")


def test_expectations_are_comments_unless_they_are_to_be_checked() -> None:
    wrong = LESSON.replace("source=disk1", "source=disk2")

    assert mountlab("run", "-", text=wrong).returncode == 0
    assert mountlab("run", "-", "--check", text=LESSON).returncode == 0
    for form in ("text", "jsonl", "mountinfo"):
        done = mountlab("run", "-", "--check", "--format", form, text=wrong)
        assert done.returncode == 3
        assert "source=disk2" in done.stdout + done.stderr
        assert "disk1" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "mount /a",
        "host# monut /a",
        "host# mount --frobnicate /a",
        "host# echo 'a",
        "host# cat <<E",
        "host# ls | wc",
    ],
)
def test_a_refused_transcript_is_status_two_and_nothing_has_run(text: str) -> None:
    done = mountlab("run", "-", "--format", "jsonl", text="host# mkdir /a\n" + text)

    assert done.returncode == 2
    assert done.stdout == ""
    assert re.search(r"<stdin>:2:\d+: ", done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("data", [b"\x7fELF\0\0", b"\xff\xfe\0", b"host# \xe9", b"x" * 10_000_000])
def test_no_text_is_status_two(data: bytes) -> None:
    done = mountlab("run", "-", data=data)

    assert done.returncode == 2
    assert "<stdin>:1" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 1000


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("run",),
        ("run", "missing.mnt"),
        ("run", "."),
        ("run", "-", "--format", "xml"),
        ("run", "-", "--backend", "vm"),
        ("run", "-", "--state", "some"),
        ("run", "-", "--init", "k8s"),
        ("run", "-", "--kernel", "2.4"),
        ("run", "-", "--kernel", "x"),
        ("run", "-", "--frobnicate"),
        ("run", "a", "b"),
        ("frobnicate",),
        ("quirks", "no-such-quirk"),
    ],
)
def test_a_wrong_command_line_is_status_two(words: tuple[str, ...]) -> None:
    done = mountlab(*words)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_machine_in_the_header_is_refused_where_it_stands() -> None:
    done = mountlab("run", "-", text="\n#: title=x init=nowhere\nhost# true\n")

    assert done.returncode == 2
    assert "<stdin>:2:12: " in done.stderr
    assert "bare" in done.stderr
    assert mountlab("run", "-", "--init", "bare", text="#: init=nowhere\nhost# true").returncode == 0


def test_what_the_backend_lacks_is_status_four() -> None:
    done = mountlab("run", "-", text="#: needs=network\nhost# true")

    assert (done.returncode, done.stdout) == (4, "")
    assert "network" in done.stderr


def test_a_kernel_that_is_not_to_be_had_is_status_four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUNTLAB_KERNEL", "none")

    for backend in ("kernel", "both"):
        done = mountlab("run", "-", "--backend", backend, text="host# true")
        assert (done.returncode, done.stdout) == (4, "")
        assert "MOUNTLAB_KERNEL" in done.stderr


# -- formats -------------------------------------------------------------------------------------------


def test_jsonl_is_one_object_for_each_command_and_nothing_else() -> None:
    made = records()

    assert [(each["step"], each["line"], each["shell"]) for each in made] == [
        (1, 2, "host"),
        (2, 3, "host"),
        (3, 5, "c1"),
        (4, 6, "host"),
        (5, 8, "host"),
    ]
    assert [each["exit"] for each in made] == [0, 0, 0, 32, 0]
    assert all("differs" not in each and "expectations" not in each for each in made)
    assert [n["shells"] for n in made[2]["namespaces"]] == [["host"], ["c1"]]


def test_a_failed_command_tells_its_full_state_too() -> None:
    failed = records()[3]

    assert failed["stderr"]
    assert [len(n["mounts"]) for n in failed["namespaces"]] == [2, 2]


def test_ids_of_what_survives_never_change() -> None:
    made = records()

    first = {row["mountpoint"]: row for row in made[1]["namespaces"][0]["mounts"]}
    later = {row["mountpoint"]: row for row in made[3]["namespaces"][0]["mounts"]}
    assert first == later


def test_state_none_leaves_the_tables_out() -> None:
    assert all("namespaces" not in each for each in records("--state", "none"))
    assert [len(each["namespaces"]) for each in records("--state", "changed")] == [1, 1, 1, 0, 1]


def test_init_on_the_command_line_overrides_the_header() -> None:
    text = "#: init=systemd\nhost# true\n"

    assert records(text=text)[0]["namespaces"][0]["mounts"][0]["shared"]
    assert records("--init", "bare", text=text)[0]["namespaces"][0]["mounts"][0]["shared"] is None


def test_mountinfo_has_lines_as_the_kernel_prints_them() -> None:
    done = mountlab("run", "-", "--format", "mountinfo", text=LESSON)

    rows = [parse(line) for line in done.stdout.splitlines() if not line.startswith("#")]
    assert [row.mountpoint for row in rows[:3]] == ["/", "/", "/a"]
    assert "# namespace 2: c1" in done.stdout


def test_the_text_is_the_terminal_with_what_changed() -> None:
    lines = mountlab("run", "-", text=LESSON).stdout.splitlines()

    assert "host# mount -t tmpfs disk1 /a" in lines
    assert any(re.match(r" +\+ +/a +disk1 +tmpfs +private", line) for line in lines)
    assert any(re.match(r" +- +/a +disk1", line) for line in lines)
    assert any(line.startswith("[exit 32") for line in lines)
    assert [line for line in lines if line.startswith("umount:")]


def test_bytes_that_are_no_text_go_out_as_they_came() -> None:
    text = "host# echo -e '\\xff'\n"

    assert mountlab("run", "-", "--state", "none", text=text).stdout.splitlines()[1] == "\udcff"
    assert records(text=text)[0]["stdout"] == "\udcff\n"


def test_two_runs_print_the_same() -> None:
    assert (
        mountlab("run", "-", "--format", "jsonl", text=LESSON).stdout
        == mountlab("run", "-", "--format", "jsonl", text=LESSON).stdout
    )


# -- the rest --------------------------------------------------------------------------------------------


def test_version_says_what_is_modelled() -> None:
    done = mountlab("--version")

    assert done.returncode == 0
    for words in ("mountlab ", "Linux 6.18", "util-linux 2.38", "coreutils 9.1"):
        assert words in done.stdout


def test_quirks_are_listed_and_shown() -> None:
    listed = mountlab("quirks").stdout
    name = QUIRKS[0].name
    shown = mountlab("quirks", name).stdout

    assert all(quirk.name in listed for quirk in QUIRKS)
    assert name in shown
    assert QUIRKS[0].source in shown
    assert QUIRKS[1].name not in shown


def under_way() -> subprocess.Popen[bytes]:
    """A long run that has printed its first line."""
    # A shell that started us in the background may have us ignore Ctrl-C, which children inherit.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-m", "mountlab", "run", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    signal.signal(signal.SIGINT, before)
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"host# true\n" * 20000)
    process.stdin.close()
    process.stdin = None
    process.stdout.readline()
    return process


def test_nobody_reads_the_output() -> None:
    with under_way() as process:
        assert process.stdout
        process.stdout.close()

        assert process.wait(timeout=60) == 141
        assert process.stderr
        assert process.stderr.read() == b""


def test_ctrl_c_is_quiet() -> None:
    with under_way() as process:
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)

        assert process.returncode == 130
        assert stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_in_a_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mountlab", "run", "-"],
            input=LESSON.encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr == b"mountlab: stopped: No space left on device\n"


def test_closed_streams_do_no_harm() -> None:
    for closed in (">&-", "<&-", "2>&-"):
        command = f'exec "$0" -m mountlab run - {closed}'
        done = subprocess.run(
            ["sh", "-c", command, sys.executable], input=LESSON, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), closed


def test_a_simulated_run_imports_no_kernel_and_nothing_foreign() -> None:
    program = (
        "import sys; before = set(sys.modules); from mountlab.cli import main;"
        "main(['run', '-', '--state', 'none']);"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input="host# true\n", capture_output=True, text=True, check=True
    )

    loaded = set(done.stderr.split())
    assert {name.split(".")[0] for name in loaded} - sys.stdlib_module_names <= {"mountlab"}
    assert not any(name.startswith("mountlab.kernel") for name in loaded)
    assert not loaded & {"subprocess", "socket", "ctypes", "asyncio"}


@pytest.mark.alone
def test_ten_lines_run_in_a_fifth_of_a_second() -> None:
    text = (
        LESSON + "host# mkdir -p /x/y\nhost# mount --bind /x /x\nhost# findmnt\nhost# umount /x\nhost# ls /\n"
    )
    mountlab("run", "-", text=text)
    spent = []
    for _ in range(5):
        # Processor time: a wall clock would measure who else is at work here.
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        mountlab("run", "-", text=text)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    assert min(spent) < 0.2


@pytest.mark.kernel
def test_both_worlds_agree_on_a_lesson() -> None:
    found = probe()
    if found.kind is None:
        pytest.skip(found.reason)

    done = mountlab("run", "-", "--backend", "both", "--check", "--format", "jsonl", text=LESSON)

    made = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["differs"] for each in made] == [None] * 5
    assert done.returncode == 0
    assert done.stderr == f"mountlab: kernel {found.kernel}, util-linux {found.utillinux}: {found.reason}\n"


@pytest.mark.kernel
def test_the_kernel_alone_runs_it_too() -> None:
    found = probe()
    if found.kind is None:
        pytest.skip(found.reason)

    done = mountlab("run", "-", "--backend", "kernel", "--check", "--format", "jsonl", text=LESSON)

    made = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["exit"] for each in made] == [0, 0, 0, 32, 0]
    assert not any("differs" in each for each in made)
    assert done.returncode == 0
