"""``mountlab show``: what it draws, and what it says about what it cannot draw."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mountlab.cli import main

USB = """host# mkdir /media
host# mount -t tmpfs disk /media
host# mount --make-shared /media
c1# unshare --mount --propagation slave
host# mkdir /media/usb
host# mount -t tmpfs stick /media/usb
"""


@pytest.fixture
def usb(tmp_path: Path) -> str:
    file = tmp_path / "usb.mnt"
    file.write_text(USB)
    return str(file)


def test_text_shows_both_namespaces(usb: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["show", usb]) == 0

    assert capsysbinary.readouterr().out.decode().splitlines()[4:] == [
        "namespace 2: c1",
        "  /               ● root   private",
        "    /media        ■ disk   master:1",
        "      /media/usb  ▲ stick  master:2, new",
    ]


def test_a_step_and_an_event_can_be_chosen(usb: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["show", usb, "--step", "0"]) == 0
    assert b"/media" not in capsysbinary.readouterr().out
    assert main(["show", usb, "--step", "6", "--event", "1"]) == 0
    before, after = capsysbinary.readouterr().out.split(b"namespace 2")

    assert b"stick" in before
    assert b"stick" not in after


def test_pictures_are_written_to_files(usb: str, tmp_path: Path) -> None:
    assert main(["show", usb, "--format", "png", "--output", str(tmp_path / "a.png")]) == 0
    assert main(["show", usb, "--format", "svg", "--output", str(tmp_path / "a.svg")]) == 0

    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "/media/usb" in (tmp_path / "a.svg").read_text()


def test_json_is_the_data_of_the_stepper(usb: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["show", usb, "--format", "json"]) == 0

    assert len(json.loads(capsysbinary.readouterr().out)["commands"]) == 6


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--step", "9"], "there are 6 commands"),
        (["--event", "1"], "say with --step"),
        (["--step", "6", "--event", "40"], "has the events 1 to 3"),
    ],
)
def test_a_place_that_is_not_there_is_refused_with_what_there_is(
    usb: str, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", usb, *options]) == 2
    assert said in capsys.readouterr().err


def test_what_is_no_transcript_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.mnt").write_text("host# muont /a\n")

    assert main(["show", str(tmp_path / "bad.mnt")]) == 2
    assert "bad.mnt:1" in capsys.readouterr().err
    (tmp_path / "bad.json").write_text('{"no": "snapshot"}')
    assert main(["show", str(tmp_path / "bad.json")]) == 2
    assert "bad.json" in capsys.readouterr().err
