"""From a symptom to a lesson: what the page names is there, and what it quotes is said."""

from __future__ import annotations

import re
import subprocess

import pytest

from mountlab.cli import main
from mountlab.shell.runner import play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.start import simulated
from mountlab.shell.transcript import parse
from tests.docs.documents import LESSON, ROOT, TRANSCRIPT, commands, dead_links, missing_lessons, options

PAGE = ROOT / "docs" / "start-from-a-problem.md"
TEXT = PAGE.read_text()
TRANSCRIPTS = sorted(set(TRANSCRIPT.findall(TEXT)))
REPORT = re.compile(r"[\w./-]+ (?:#|PR )\d+")
ROWS = [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in TEXT.splitlines() if line.startswith("| `")]
LATE = """\
#: init=systemd
sender# mkdir -p /mnt/disk
looker# unshare --mount {how}
sender# mount -t tmpfs disk /mnt/disk
{who}# findmnt --task {of} -o TARGET,PROPAGATION -T /mnt
"""


def printed(text: str) -> str:
    """All that the programs of a transcript print, without the indentation of messages."""
    world = SimulatorBackend(parse(text, "x").header.get("init", "bare"))
    outcomes = [result.outcome for result in play(parse(text, "x"), world) if result.outcome]
    return "\n".join(outcome.stdout + outcome.stderr for outcome in outcomes)


def test_every_lesson_that_is_named_exists() -> None:
    assert missing_lessons(PAGE) == []
    assert dead_links(PAGE) == []


def test_every_question_of_the_path_leads_to_a_lesson() -> None:
    questions = re.split(r"^### \d\. ", TEXT, flags=re.MULTILINE)[1:]

    assert len(questions) == 5
    for question in questions:
        assert LESSON.search(question), question.partition("\n")[0]
        assert re.search(r"^ {4}\S", question, re.MULTILINE), "one command"


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_every_transcript_that_is_named_runs_as_it_says(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--check", str(ROOT / name)]) == 0, capsys.readouterr().out


def test_every_incident_of_the_library_can_be_found_from_a_symptom() -> None:
    clinic = {f"mountlab/library/{path.name}" for path in (ROOT / "mountlab/library").glob("clinic-*.mnt")}

    assert clinic <= set(TRANSCRIPTS)


def errors() -> list[list[str]]:
    return [row for row in ROWS if len(row) == 4 and row[0] != "what is said"]


@pytest.mark.parametrize("row", errors(), ids=[row[0][:40] for row in errors()])
def test_an_error_text_is_printed_by_its_transcript_or_has_a_report(row: list[str]) -> None:
    text = row[0].strip("`")
    if found := TRANSCRIPT.search(row[3]):
        lines = printed((ROOT / found[0]).read_text()).splitlines()
        assert any(line == text or line.endswith(f"   {text}") for line in lines), "a line, or its end"
    else:
        assert REPORT.fullmatch(row[3]), "where was it reported?"
    assert LESSON.search(row[2])


def test_there_are_error_texts_of_both_kinds() -> None:
    assert len([row for row in errors() if TRANSCRIPT.search(row[3])]) >= 8
    assert len([row for row in errors() if REPORT.fullmatch(row[3])]) >= 8


@pytest.mark.programs
def test_the_options_that_are_named_exist() -> None:
    for program, option in options(PAGE):
        told = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", told), (program, option)


def test_the_commands_of_mountlab_that_are_named_exist(capsys: pytest.CaptureFixture[str]) -> None:
    named = [words for words in commands(PAGE) if words[0] == "mountlab"]

    assert {words[1] for words in named} >= {"snapshot", "show", "why", "run"}
    for words in named:
        with pytest.raises(SystemExit) as ended:
            main([words[1], "--help"])
        assert ended.value.code == 0
        told = capsys.readouterr().out
        assert all(word in told for word in words if word.startswith("--"))


@pytest.mark.parametrize(
    ("how", "answer"),
    [("", "private"), ("--propagation slave", "private,slave"), ("--propagation shared", "shared")],
)
def test_the_third_and_fourth_question_tell_deaf_from_listening(how: str, answer: str) -> None:
    theirs = printed(LATE.format(how=how, who="sender", of="looker")).split()
    ours = printed(LATE.format(how=how, who="sender", of="sender")).split()

    assert theirs[-1] == answer
    assert ours[-1] == "shared"


def test_a_snapshot_can_be_asked_as_the_last_question_does(capsys: pytest.CaptureFixture[str]) -> None:
    """`why` in the form of the page, on the transcript of the disk that comes late."""
    file = "mountlab/library/clinic-08-late-disk.mnt"

    assert main(["why", str(ROOT / file), "--shell", "default", "--path", "/data/LATE", "--not"]) == 0
    assert "private" in capsys.readouterr().out
    assert simulated(parse((ROOT / file).read_text(), file)).terminals


def test_the_first_notebook_leads_here() -> None:
    assert "docs/start-from-a-problem.md" in (ROOT / "notebooks" / "00-start-here.ipynb").read_text()
