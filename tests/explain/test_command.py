"""``mountlab why``: answers with status 0, and refuses with status 2 and what would work."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from mountlab.commands.why import configure, run
from mountlab.rules import RULES
from mountlab.snapshot import take
from tests.explain.stories import ISSUE


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]):  # noqa: ANN201 - a function of the test
    """Run the command on a transcript: status, standard output, standard error."""
    file = tmp_path / "lesson.mnt"
    file.write_text(ISSUE)

    def call(*words: str, text: str | None = None) -> tuple[int, str, str]:
        if text is not None:
            file.write_text(text)
        parser = argparse.ArgumentParser(allow_abbrev=False)
        configure(parser)
        status = run(parser.parse_args([str(file), *words]))
        printed = capsys.readouterr()
        return status, printed.out, printed.err.replace(str(tmp_path) + "/", "")

    return call


def test_why_prints_the_chain(ask) -> None:  # noqa: ANN001
    status, out, err = ask("--shell", "c1", "--path", "/a/x")

    assert (status, err) == (0, "")
    assert out.splitlines()[0].startswith("  1. Step 6 (host# mount -t tmpfs disk2 /a/x) mounted disk2")
    assert out.splitlines()[3].startswith("  4. ")


def test_why_on_a_path_without_a_mount_answers_why_not(ask) -> None:  # noqa: ANN001
    plain = ask("--shell", "c1", "--path", "/a/x", "--step", "5")
    wanted = ask("--shell", "c1", "--path", "/a/x", "--step", "5", "--not")

    assert plain == wanted
    assert plain[0] == 0
    assert "no mountpoint" in plain[1]


def test_a_cure_is_printed_with_its_transcript(ask) -> None:  # noqa: ANN001
    text = "#: init=systemd\n" + ISSUE.replace(" --propagation slave", "")
    status, out, _ = ask("--shell", "c1", "--path", "/a/x", text=text)

    assert status == 0
    assert "Tried, and then it is there: in step 4, write 'c1# unshare --mount --propagation slave'." in out
    assert "\n  #: init=systemd\n  host# mkdir -p /a /b\n" in out


def test_the_rules_and_their_sources_are_told(ask) -> None:  # noqa: ANN001
    _, out, _ = ask("--shell", "c1", "--path", "/a/x")
    _, brief, _ = ask("--shell", "c1", "--path", "/a/x", "--brief")

    for rule in ("mount.new", "make.shared", "make.slave", "propagate.slave"):
        assert f"{rule}: {RULES[rule].sentence}" in out
        assert RULES[rule].source in out
        assert RULES[rule].sentence not in brief


def test_json_has_the_links_with_rule_step_sentence_and_source(ask) -> None:  # noqa: ANN001
    _, out, _ = ask("--shell", "c1", "--path", "/a/x", "--format", "json")
    record = json.loads(out)

    assert (record["v"], record["mounted"], record["cure"], record["step"]) == (1, True, None, 6)
    assert [link["step"] for link in record["links"]] == [6, 3, 4, 6]
    assert record["links"][0]["source"] == RULES["mount.new"].source

    _, out, _ = ask("--shell", "c1", "--path", "/b", "--format", "json", "--not")
    assert json.loads(out)["mounted"] is False
    text = ISSUE.replace("slave", "private")
    _, out, _ = ask("--shell", "c1", "--path", "/a/x", "--format", "json", text=text)
    assert json.loads(out)["cure"]["verified"] is True


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("4: c1# unshare --mount", "c1:/a: private instead of slave."),
        ("6:", "host:/a/x is not mounted any more (disk2, shared)."),
        ("+6: c1# umount /a/x", "c1:/a/x is not mounted any more (disk2, slave)."),
    ],
)
def test_what_if_replaces_leaves_out_and_adds(ask, edit: str, said: str) -> None:  # noqa: ANN001
    status, out, _ = ask("--what-if", edit)
    assert (status, said in out) == (0, True)

    _, out, _ = ask("--what-if", edit, "--format", "json")
    assert said in json.loads(out)["sentences"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--shell", "c2", "--path", "/a"], "no terminal 'c2' is open after step 6; open are: host, c1"),
        (["--shell", "c1", "--path", "/a", "--step", "9"], "step 9: there are steps 0 (the start) to 6"),
        (["--shell", "c1"], "--shell and --path are needed, for example: --shell c1 --path /a/x"),
        (["--what-if", "unshare"], "'unshare': an edit reads '4: host# umount /a'"),
        (["--what-if", "9:"], "step 9: there are steps 1 to 6"),
        (["--what-if", "4: umount /a"], "is no prompt"),
        (["--what-if", "4:", "--shell", "c1"], "leave out --shell"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_with_one_that_can(
    ask,  # noqa: ANN001
    words: list[str],
    said: str,
) -> None:
    status, out, err = ask(*words)

    assert (status, out) == (2, "")
    assert err.startswith("mountlab: lesson.mnt: ")
    assert said in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("host# mount -t tmpfs d /a\nhost# mont /a\n", "lesson.mnt:2:7: mont: this program is not"),
        ("#: init=vax\nhost# true\n", "lesson.mnt:1:4: init='vax': there is no such machine"),
    ],
)
def test_a_transcript_outside_the_language_is_refused_by_line_and_word(
    ask,  # noqa: ANN001
    text: str,
    said: str,
) -> None:
    status, _, err = ask("--shell", "host", "--path", "/", text=text)

    assert status == 2
    assert said in err


def test_the_machine_of_the_header_or_of_the_option_is_used(ask) -> None:  # noqa: ANN001
    text = "#: init=systemd\nc1# unshare -m --propagation slave\nhost# mount -t tmpfs d /mnt\n"

    assert "copy was made" in ask("--shell", "c1", "--path", "/mnt", text=text)[1]
    assert "is private from the start" in ask("--shell", "c1", "--path", "/mnt", "--init", "bare")[1]


def test_a_snapshot_is_asked_like_a_transcript_and_says_what_is_likely(ask, tmp_path: Path) -> None:  # noqa: ANN001
    proc = tmp_path / "proc"
    tables = {
        1: ["1 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw", "2 1 8:2 / /data rw shared:2 - ext4 /dev/sda2 rw"],
        9: ["3 0 8:1 / / rw master:1 - ext4 /dev/sda1 rw", "4 3 8:2 / /data rw master:2 - ext4 /dev/sda2 rw"],
    }
    for pid, rows in tables.items():
        (proc / str(pid)).mkdir(parents=True)
        (proc / str(pid) / "mountinfo").write_text("\n".join(rows) + "\n")
        (proc / str(pid) / "comm").write_text({1: "init", 9: "worker"}[pid] + "\n")
    text = take(str(proc)).dump()

    status, out, err = ask("--shell", "worker", "--path", "/data", text=text)

    assert status == 0
    assert "was there when the machine started" in out
    assert "As far as the tables tell" in out
    assert "host:/data" in out
    assert "locked" in err
    assert ask("--shell", "worker", "--path", "/data", "--init", "bare", text=text)[0] == 2
