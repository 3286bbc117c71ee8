"""What a private dockerd is asked, what is refused before it is, and how its answers are compared."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mountlab import cli
from mountlab.runtimes import backend
from mountlab.runtimes.docker_lines import check, docker_words, objection
from mountlab.runtimes.shown import lesson_name, real_name
from mountlab.runtimes.terminal import line_of
from mountlab.shell.backend import Outcome
from mountlab.shell.compare import Observation, compare
from mountlab.shell.complaints import TranscriptError
from mountlab.shell.syntax import Command, CommandLine
from mountlab.shell.transcript import parse


def asked(line: str, number: int = 1) -> str:
    """The words that the real docker gets for this line."""
    words = docker_words(tuple(line.split()), number)
    return " ".join([*words.head, *words.inner])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("docker run -d --name A busybox echo A", "docker run -d --name A.lab busybox echo A"),
        ("docker run -d --name=A busybox", "docker run -d --name=A.lab busybox"),
        ("docker run -d --name AB busybox", "docker run -d --name AB busybox"),
        (
            "docker run -d --name b1 --volumes-from A:ro x",
            "docker run -d --name b1 --volumes-from A.lab:ro x",
        ),
        ("docker start A B", "docker start A.lab B.lab"),
        ("docker volume create v", "docker volume create v"),
        ("docker exec A ls A", "docker exec A.lab ls A"),
    ],
)
def test_containers_of_one_letter_have_longer_names_and_nothing_else(line: str, words: str) -> None:
    assert asked(line) == words


def test_longer_names_are_read_as_the_lesson_has_them() -> None:
    assert lesson_name(f"x {real_name('A')} {real_name('long')}\n") == "x A long\n"


@pytest.mark.parametrize("words", ["-it", "-ti", "-i -t", "-i --tty"])
def test_a_terminal_goes_inside_without_a_tty(words: str) -> None:
    found = docker_words(tuple(f"docker run {words} --name ab alpine sh -t".split()), 1)

    assert found.enters
    assert [*found.head, *found.inner] == "docker run -i --name ab alpine sh -t".split()


@pytest.mark.parametrize("line", ["docker run -dit --name ab alpine", "docker exec ab ls -it"])
def test_who_stays_outside_is_left_as_it_is(line: str) -> None:
    assert not docker_words(tuple(line.split()), 1).enters
    assert asked(line) == line


def test_a_container_without_a_name_gets_the_models() -> None:
    assert asked("docker run -d alpine", 3) == "docker run --name unnamed_3 -d alpine"


def test_what_is_stopped_is_killed_at_once() -> None:
    assert asked("docker stop web") == "docker stop -t 0 web"
    assert asked("docker restart web") == "docker restart -t 0 web"


@pytest.mark.parametrize(("image", "server"), [("nginx", "nginx"), ("a.b/shop/web:2", "web"), ("centos", "")])
def test_an_image_that_is_no_base_has_a_server(image: str, server: str) -> None:
    words = docker_words(("docker", "run", "-d", image), 1)

    assert (words.image, words.server) == (image, server)


def test_what_docker_itself_refuses_is_asked_unchanged() -> None:
    assert asked("docker run --nonsense A") == "docker run --nonsense A"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("systemctl restart docker", "without systemd"),
        ("lsns -t mnt", "'lsns' is not understood by --backend docker; there are: cat, cd, docker"),
        ("mount", "use findmnt"),
        ("cat /proc/mounts", "use findmnt"),
        ("cat /proc/self/mounts", "use findmnt"),
        ("unshare --mount --user", "only --mount, --propagation and --target"),
        ("docker pull alpine", "no network"),
    ],
)
def test_a_line_that_cannot_be_run_refuses_the_transcript_before_it_runs(line: str, sentence: str) -> None:
    with pytest.raises(TranscriptError) as refused:
        check(parse(f"host# true\nhost# {line}\n", "some.mnt"))

    assert sentence in refused.value.sentence
    assert str(refused.value).startswith("some.mnt:2: ")


@pytest.mark.parametrize("line", ["mount -t tmpfs x /a", "docker ps", "cat /proc/self/mountinfo", "exit"])
def test_the_lines_of_docker_lessons_are_not_refused(line: str) -> None:
    assert objection(Command(tuple(line.split()))) is None


@pytest.mark.parametrize("word", ["plain", "two words", "it's", "$HOME", "`id`", "*", "a\nb", ""])
def test_a_word_reaches_the_program_as_it_is(word: str) -> None:
    line = line_of(Command(("printf", "%s", word)))

    assert subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout == word


@pytest.mark.parametrize("body", ["one\n$two\n", "", "END_OF_DOCUMENT\n", "EOF\n`id`\n"])
def test_a_here_document_reaches_the_program_as_it_is(body: str) -> None:
    line = line_of(Command(("cat",), stdin=body))

    assert subprocess.run(["bash"], input=line, capture_output=True, text=True, check=True).stdout == body


PS = "CONTAINER ID   CREATED          NAMES\n{}   {} ago   A\n"


@pytest.mark.parametrize(
    ("theirs", "same"),
    [
        (PS.format("9e230dafff20", "3 seconds"), True),
        (PS.format("9e230dafff20", "About a minute"), True),
        (PS.format("9e230dafff20", "3 seconds").replace("A\n", "B\n"), False),
    ],
)
def test_ids_and_ages_of_containers_are_no_difference(theirs: str, same: bool) -> None:
    line = CommandLine((Command(("docker", "ps")),), "docker ps")
    ours = PS.format("6ddb25d4e0c5", "Less than a second")
    seen = [Observation(name, Outcome(0, text), ()) for name, text in (("ours", ours), ("theirs", theirs))]

    assert (compare(line, *seen) is None) is same


@pytest.mark.parametrize("world", ["docker", "both-docker"])
def test_without_docker_the_status_is_4_and_says_what_to_install(
    world: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        backend, "docker_missing", lambda: "not installed: dockerd (Debian: apt-get install docker.io)"
    )
    file = tmp_path / "some.mnt"
    file.write_text("host# docker ps\n")

    assert cli.main(["run", "--backend", world, str(file)]) == cli.UNAVAILABLE
    said = capsys.readouterr().err
    assert "--backend docker: not installed: dockerd (Debian: apt-get install docker.io)" in said


def test_without_roots_rights_the_status_is_4_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    file = tmp_path / "some.mnt"
    file.write_text("host# docker ps\n")

    assert cli.main(["run", "--backend", "docker", str(file)]) == cli.UNAVAILABLE
    assert "only root" in capsys.readouterr().err


def test_a_machine_that_needs_systemd_is_not_to_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(backend, "docker_missing", lambda: None)
    file = tmp_path / "some.mnt"
    file.write_text("#: init=docker-1.10\nhost# docker ps\n")

    assert cli.main(["run", "--backend", "docker", str(file)]) == cli.UNAVAILABLE
    assert "init=docker-1.10: --backend docker has bare, systemd" in capsys.readouterr().err
