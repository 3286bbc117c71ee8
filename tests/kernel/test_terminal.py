"""What a line does in a terminal: the shell's own words, redirections, output, the moves of the shell."""

from __future__ import annotations

import subprocess

import pytest

from mountlab.kernel import bash
from mountlab.kernel.limits import Limits
from tests.kernel.laboratory import Lab

pytestmark = pytest.mark.kernel


def _bash(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script, "bash", *words],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )


@pytest.mark.parametrize(
    "words",
    [
        *("-n a  b", "-e a\\tb\\n\\x41\\0101\\u00e9", "-E \\t", "-ne x\\cy z"),
        *("-nq x", "-- x", "-e \\q \\\\", "-e -n"),
    ],
)
def test_echo_prints_what_bash_prints(words: str) -> None:
    real = _bash('echo "$@"', *words.split())

    assert bash.echo(words.split()) == real.stdout.encode()


@pytest.mark.parametrize(
    "command",
    [
        *("cd /nope", "cd /f", "cd a b", "cd -x", "cd -", "nope", "exit x", "exit 1 2"),
        *("echo x > /nope/y", "echo x > /", "echo x >> /f/y"),
    ],
)
def test_the_shell_complains_as_bash_does(lab: Lab, command: str) -> None:
    lab.good("h# touch /f")
    real = _bash(command.replace("/f", "/etc/passwd"))

    said = lab.run(f"h# {command}")

    assert said.stderr == real.stderr.replace("bash: line 1: ", "bash: ").replace("/etc/passwd", "/f")
    assert said.exit == real.returncode


def test_redirections_and_here_documents(lab: Lab) -> None:
    lab.good("h# echo one > /f; echo two >> /f\nh# tee /g <<EOF\nthree\nEOF\nh# cat > /h <<'EOF'\nfour\nEOF")

    assert lab.good("h# cat /f /g /h") == "one\ntwo\nthree\nfour\n"
    assert lab.good("h# ls /nope 2> /e; cat /e") == "ls: cannot access '/nope': No such file or directory\n"


def test_a_failing_redirection_keeps_the_program_from_running(lab: Lab) -> None:
    assert lab.run("h# mkdir /x > /nope/y").stderr == "bash: /nope/y: No such file or directory\n"
    assert lab.run("h# ls -d /x").exit == 2


def test_and_stops_at_a_failure_and_semicolon_does_not(lab: Lab) -> None:
    assert lab.run("h# ls /nope && echo no; echo yes").stdout == "yes\n"


def test_programs_speak_utf8(lab: Lab) -> None:
    assert lab.run("h# mkdir /tmp").stderr == "mkdir: cannot create directory \u2018/tmp\u2019: File exists\n"
    assert "└─" in lab.good("h# mount -t tmpfs x /mnt\nh# findmnt")


def test_system_calls_and_errors_are_seen(lab: Lab) -> None:
    half = lab.run("h# mkdir /a\nh# mount --bind --make-shared /a /nope")
    assert half.calls == (("mount", "ENOENT"),)
    assert half.errno == "ENOENT"

    two = lab.run("h# mount --bind --make-shared /a /a")
    assert two.calls == (("mount", None), ("mount", None))
    assert lab.run("h# rmdir /a").errno == "EBUSY"
    assert lab.run("h# umount").refused is not None


def test_output_is_kept_to_a_limit(lab: Lab) -> None:
    lab.good("h# echo " + "x" * 50_000 + " > /f")

    assert len(lab.good("h# cat /f /f /f")) == Limits().output + 1


def test_no_file_appears_that_no_command_made(lab: Lab) -> None:
    lab.good("h# mkdir /a /b\nh# mount -t tmpfs x /a\nh# mount --bind /a /b\nh# mount --move /b /mnt")
    lab.good("h# umount -l /mnt\nh# mount -o remount,ro /a\nh# umount /a\nu# unshare -U -m")
    lab.run("u# mount -t tmpfs x /a\nu# umount /a")

    assert lab.good("h# ls -A / /run").split() == (
        "/: a b bin dev etc home mnt proc root run tmp usr var /run:".split()
    )


def test_a_shell_that_stands_in_a_mount_keeps_it_busy(lab: Lab) -> None:
    lab.good("a# mkdir /m\na# mount -t tmpfs x /m\nb# cd /m")
    assert lab.run("a# umount /m").stderr == "umount: /m: target is busy.\n"

    lab.good("b# cd ..")
    lab.good("a# umount /m")


def test_nothing_but_root_and_cwd_keeps_a_mount_busy(lab: Lab) -> None:
    for line in ("ls /m", "cat /m/f", "findmnt", "echo x > /m/f", "stat /m", "lsns", "unshare -m"):
        lab.good(f"a# mkdir -p /m\na# mount -t tmpfs x /m\na# touch /m/f\nb# {line}\na# umount /m")


def test_chroot_moves_the_shell_and_programs_still_work(lab: Lab) -> None:
    lab.good("h# mkdir -p /r/d\nh# chroot /r")

    assert lab.good("h# ls /") == "d\n"
    assert lab.run("h# cat /proc/self/mountinfo").exit == 1, "no /proc in there"
    lab.good("h# mkdir /proc\nh# mount -t proc p /proc")
    assert lab.good("h# cat /proc/self/mounts").splitlines()[-1].startswith("p /proc")


def test_pivot_root_moves_every_shell_that_stood_at_the_old_root(lab: Lab) -> None:
    lab.good("b# true\nh# mkdir /n\nh# mount -t tmpfs new /n\nh# mkdir /n/old")
    lab.good("h# pivot_root /n /n/old")

    assert lab.good("b# ls /") == "old\n"
    assert lab.good("late# ls /") == "old\n", "a terminal opened later gets process 1's root"


def test_a_failing_move_leaves_the_shell_where_it_is(lab: Lab) -> None:
    assert lab.run("h# chroot /nope").exit == 125
    assert lab.run("h# nsenter --target nobody --mount").exit == 1
    lab.good("gone# exit")
    assert lab.run("h# nsenter --target gone --mount").exit == 1
    assert lab.good("h# ls -d /etc") == "/etc\n"


def test_an_unmapped_user_has_no_rights_in_the_new_namespace(lab: Lab) -> None:
    lab.good("h# mkdir /r\nu# unshare -U -m")

    assert lab.run("u# mount -t tmpfs x /mnt").errno == "EPERM"
    assert lab.run("u# chroot /r").errno == "EPERM"
    assert lab.run("u# unshare -m").errno == "EPERM"
    assert lab.good("u# stat -c %u /").strip() == "65534"


def test_a_mapped_root_may_mount_but_not_reveal(lab: Lab) -> None:
    lab.good("h# mount -t tmpfs x /mnt\nu# unshare -U -r -m\nu# mount -t tmpfs y /tmp")

    assert lab.run("u# umount /mnt").errno == "EINVAL"
    assert lab.good("u# stat -c %u /").strip() == "0"
    assert lab.mountpoints("u") == ["/", "/mnt", "/tmp"]


def test_names_of_shells_stand_for_process_ids_and_come_back_in_messages(lab: Lab) -> None:
    lab.good("c1# unshare -m\nc1# mount -t tmpfs inner /mnt")

    assert "inner" in lab.good("h# cat /proc/c1/mountinfo")
    assert "inner" in lab.good("h# findmnt -N c1")
    assert "/proc/c1/nope" in lab.run("h# cat /proc/c1/nope").stderr


def test_umount_of_the_root_makes_its_filesystem_read_only_as_on_a_real_machine(lab: Lab) -> None:
    lab.good("h# umount /")

    assert lab.run("h# mkdir /x").errno == "EROFS"
    assert lab.good("h# mount -o remount,rw /\nh# mkdir /x") == ""
