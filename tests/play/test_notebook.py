"""The playground's own notebook: what it tells people to try comes out as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mountlab.play import Playground

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "playground.ipynb"


@pytest.fixture
def blocks() -> list[str]:
    """The blocks of commands under "Three things to try"."""
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    text = "".join(next(cell["source"] for cell in cells if cell["id"] == "try"))
    return [block.replace("    ", "") for block in re.findall(r"(?:^    .+\n)+", text, re.MULTILINE)]


def test_one_command_makes_three_mounts_and_a_slaves_own_stays_with_it(blocks: list[str], world: str) -> None:
    playground = Playground(backend=world)
    disk, slave, third, own = blocks

    for lines, shell in ((disk, "host"), (slave, "c1"), (third, "host"), (own, "c1")):
        assert all(entry.exit == 0 for entry in playground.run(lines, shell))

    tables = playground.session.live.world.backend.tables()
    places = [(table.id, row.mountpoint) for table in tables for row in table.mounts if row.source == "disk2"]
    assert places == [(1, "/a/x"), (2, "/a/x"), (2, "/b/x")]
    assert "/a/y" not in {row.mountpoint for row in tables[0].mounts}
    assert "/a/y" in {row.mountpoint for row in tables[1].mounts}
    playground.session.close()


def test_the_cure_that_python_offers_brings_the_mount_to_host(blocks: list[str]) -> None:
    playground = Playground()
    for lines, shell in zip(blocks, ("host", "c1", "host", "c1"), strict=True):
        playground.run(lines, shell)

    answer = playground.explain("whynot", 1, None, "/a/y")

    cured = "\n".join(line.strip() for line in answer.splitlines() if re.match(r"  \w+#", line))
    mounts = Playground(transcript=cured).machine.tables()[0].mounts
    assert "/a/y" in {row.mountpoint for row in mounts}
