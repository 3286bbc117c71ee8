"""The README's example: what mountlab prints for it is what the page shows."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"
PROMPT = re.compile(r"\w+# ")


def example() -> str:
    """Return the block of terminal lines on the page."""
    blocks = re.findall(r"^```console\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    return str(blocks[0])


def run(transcript: str, *options: str) -> str:
    """Run a transcript and write it down as terminals would show it."""
    mountlab = Path(sys.executable).with_name("mountlab")
    command = [mountlab, "run", "-", "--format", "jsonl", "--state", "none", *options]
    ran = subprocess.run(command, input=transcript, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    records = [json.loads(line) for line in ran.stdout.splitlines()]
    return "".join(f"{r['shell']}# {r['command']}\n{r['stdout']}{r['stderr']}" for r in records)


def test_the_example_has_ten_lines() -> None:
    assert len(example().splitlines()) == 10


@pytest.mark.skipif(not importlib.util.find_spec("mountlab.cli"), reason="no command line yet")
@pytest.mark.parametrize("backend", ["sim", pytest.param("both", marks=pytest.mark.kernel)])
def test_the_example_prints_what_the_page_shows(backend: str) -> None:
    transcript = "".join(line for line in example().splitlines(keepends=True) if PROMPT.match(line))

    assert run(transcript, "--backend", backend) == example()
