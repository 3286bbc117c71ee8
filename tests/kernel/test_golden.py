"""The golden records were made as true root, without a user namespace: the sandbox must agree with them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mountlab.shell.canonical import canonical_output
from mountlab.shell.transcript import parse
from tests.kernel.laboratory import Lab

pytestmark = [pytest.mark.kernel, pytest.mark.programs]

RECORDS = Path(__file__).parents[1] / "programs" / "records"
PASSED_OVER = {
    ("busy", "touch /proc"): "the sandbox's root is not the owner of /proc",
    ("files", "cd -"): "every builtin of the record was run by a bash of its own",
    ("listing", "stat -f /w/b"): "the recorder keeps a file of its own on that tmpfs",
    ("listing", "stat -t /w/b"): "times and device without a name that could be left out",
}
UNTIL = {"umount": 47}
"""From here on the record's shell still holds the directory it left."""
RANDOM = re.compile(r"sed\w{6}|/proc/[\w.-]+(?=/(?:ns|mountinfo))")


@pytest.mark.parametrize("path", sorted(RECORDS.glob("*.json")), ids=lambda path: path.stem)
def test_the_sandbox_agrees_with_true_root(lab: Lab, path: Path) -> None:
    record = json.loads(path.read_text())
    if lab.backend.found.utillinux not in record["versions"]["mount"]:
        here = lab.backend.found.utillinux
        pytest.skip(f"recorded with {record['versions']['mount']}, here is {here}")
    lab.backend.reset(record["init"])
    for step in record["steps"][: UNTIL.get(path.stem)]:
        if lab.backend.found.kind == "userns" and re.search(r"\b[ug]id=[1-9]", step["command"]):
            break  # without root there is one user: such a filesystem cannot be, and the rest stands on it
        if (path.stem, step["command"]) not in PASSED_OVER:
            _compare(lab, step)


def _compare(lab: Lab, step: dict[str, Any]) -> None:
    (parsed,) = parse(f"{step['shell']}# {step['command']}\n", check=lambda *_: None).steps
    lab.backend.open(parsed.shell)
    if parsed.command is None:
        return
    outcome = lab.backend.run(parsed.shell, parsed.command)
    command = parsed.command
    found, wanted = (
        (status, *(RANDOM.sub("RANDOM", canonical_output(command, text)) for text in (stdout, stderr)))
        for status, stdout, stderr in (
            (outcome.exit, outcome.stdout, outcome.stderr),
            (step["exit"], step["stdout"], step["stderr"]),
        )
    )
    assert found == wanted, step["command"]
    if step["calls"] is not None:
        assert [list(call) for call in outcome.calls or ()] == step["calls"], step["command"]
