"""What the model's docker prints, and its exit statuses, against what the real one printed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers.world import Ran
from mountlab.runtimes.places import MASTER, MOUNTPOINT, SRC, SUB, setup
from tests.containers.modelled import ModelledHost, renamed

RECORDED = json.loads((Path(__file__).parent / "recorded" / "docker.json").read_text())
BAD: list[dict[str, Any]] = RECORDED["bad_input"]
SESSION: list[dict[str, Any]] = RECORDED["session"]
PATHS = {"SRC": SRC, "SUB": SUB, "MOUNTPOINT": MOUNTPOINT, "MASTER": MASTER}

OTHERWISE = {
    "run -it --rm busybox true": "there was no terminal; a transcript has one",
    "exec -it running true": "there was no terminal; a transcript has one",
    "run -d --name A busybox true": "the articles' containers have names of one letter: they are allowed",
    "run --rm busybox": "the recorded image was imported and has no command; here an image has one",
    "run --rm busybox false": "false is no program of the language",
    "exec running false": "false is no program of the language",
    "run --rm busybox mount -t tmpfs x /mnt": "busybox's own words; here it is util-linux that fails",
    "exec first mount -t tmpfs x /mnt": "busybox's own words; here it is util-linux that fails",
    "exec fourth touch /mnt/other": "busybox's own words; here it is coreutils that fails",
    "run --name new -d -v  busybox true": "an anonymous volume at / hid /proc/sys of the real container",
    "run --name new -d -v / busybox true": "an anonymous volume at / hid /proc/sys of the real container",
    "--foo": "docker's own options are outside the language",
}
"""What the model does otherwise, and why."""


def spelled(text: str) -> str:
    """The real paths for the names in a recorded command."""
    return re.sub(r"\b(SRC|SUB|MOUNTPOINT|MASTER)\b", lambda match: PATHS[match[1]], text)


def outcome(ran: Ran) -> dict[str, Any]:
    return {"status": ran.status, "stdout": renamed(ran.stdout), "stderr": renamed(ran.stderr)}


def real(row: dict[str, Any]) -> dict[str, Any]:
    """What was recorded; now and then docker's client adds that it was no longer waiting."""
    lines = [line for line in row["stderr"].splitlines(keepends=True) if "context canceled" not in line]
    return {"status": row["status"], "stdout": row["stdout"], "stderr": "".join(lines)}


def prepared() -> ModelledHost:
    host = ModelledHost()
    host.type(*setup("shared", submount=True))
    return host


@pytest.mark.parametrize("row", BAD, ids=lambda row: " ".join(row["argv"]) or "nothing")
def test_bad_input_gives_dockers_own_words_and_status(row: dict[str, Any]) -> None:
    if " ".join(row["argv"]) in OTHERWISE:
        pytest.skip(OTHERWISE[" ".join(row["argv"])])
    host = prepared()
    host.docker(["volume", "create", "data_vol"])
    host.docker(["run", "-d", "--name", "running", "-v", "held:/var", "busybox", "sleep", "600"])
    host.docker(["run", "--name", "stopped", "busybox", "true"])

    ran = host.docker([spelled(word) for word in row["argv"]])

    assert outcome(ran) == real(row)


def test_a_session_prints_what_the_real_docker_printed() -> None:
    host = prepared()
    differs = []
    for row in SESSION:
        ran = outcome(host.docker([spelled(word) for word in row["argv"]]))
        if ran != real(row) and " ".join(row["argv"]) not in OTHERWISE:
            differs.append((row["argv"], real(row), ran))

    assert not differs
