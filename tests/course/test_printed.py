"""Numbers in what real programs printed: replaced where they are the machine's, and columns set anew."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mountlab.course.printed import printed
from mountlab.mountinfo import parse_table
from mountlab.shell.backend import NamespaceTable
from mountlab.shell.transcript import parse
from mountlab.view.numbers import Numbers

# As Debian 12 printed it on a kernel that has been up for a while (util-linux 2.38.1).
MOUNTINFO = """\
164 126 0:65 / / rw,relatime - tmpfs root rw
7029 164 0:67 / /a rw,relatime shared:345 - tmpfs disk rw
18150 164 0:67 / /b rw,relatime shared:345 - tmpfs disk rw
"""
FINDMNT = """\
   ID PARENT TARGET MAJ:MIN
  164    126 /        0:65 
 7029    164 ├─/a     0:67 
18150    164 └─/b     0:67 
"""  # noqa: W291 - the program pads its last column
RECORDS = Path(__file__).resolve().parents[1] / "programs" / "records"


def told(command: str, text: str, mountinfo: str = MOUNTINFO) -> str:
    numbers = Numbers()
    numbers.meet([NamespaceTable(1, ("host",), (), parse_table(mountinfo), {})])
    line = parse(f"host# {command}", "x", lambda _: None).steps[0].command
    assert line is not None
    return printed(line, text, numbers)


def test_mountinfo_in_small_numbers() -> None:
    assert told("cat /proc/self/mountinfo", MOUNTINFO).splitlines() == [
        "2 1 0:1 / / rw,relatime - tmpfs root rw",
        "3 2 0:2 / /a rw,relatime shared:1 - tmpfs disk rw",
        "4 2 0:2 / /b rw,relatime shared:1 - tmpfs disk rw",
    ]


def test_a_table_is_as_wide_as_its_new_numbers() -> None:
    assert told("findmnt -o ID,PARENT,TARGET,MAJ:MIN", FINDMNT).splitlines() == [
        "ID PARENT TARGET MAJ:MIN",
        " 2      1 /        0:1  ",
        " 3      2 ├─/a     0:2  ",
        " 4      2 └─/b     0:2  ",
    ]


@pytest.mark.parametrize(
    ("command", "text", "expected"),
    [
        ("findmnt -n -o ID /a", "7029", "3"),
        ("findmnt -n -o MAJ:MIN /a", "  0:67 ", "  0:2  "),
        ("findmnt -r -o ID,MAJ:MIN /a", "ID MAJ:MIN\n7029 0:67", "ID MAJ:MIN\n3 0:2"),
        ("findmnt -P -o ID /a", 'ID="7029"', 'ID="3"'),
        ("findmnt -o OPT-FIELDS /a", "OPT-FIELDS\nshared:345", "OPT-FIELDS\nshared:1"),
        ("stat /a", "Device: 0,67\tInode: 67          Links: 2", "Device: 0,2\tInode: 67          Links: 2"),
        ("ls -l /a", "-rw-r--r-- 1 0 0 164 Nov 20 13:11 164", "-rw-r--r-- 1 0 0 164 Jan  1 00:00 164"),
        ("ls -l /a", "-rw-r--r-- 1 0 0 164 Feb  2  2024 164", "-rw-r--r-- 1 0 0 164 Jan  1 00:00 164"),
        ("stat /a", "Birth: 2026-11-20 13:11:03.78 +0100", "Birth: 2026-01-01 00:00:00.00 +0000"),
        ("sed -i s/a/b/ /f", "sed: cannot rename /sedAb3dE9: Busy", "sed: cannot rename /sedXXXXXX: Busy"),
        ("cat /f", "7029 is a number, and 0:67 too", "7029 is a number, and 0:67 too"),
    ],
)
def test_what_is_replaced_and_what_is_not(command: str, text: str, expected: str) -> None:
    assert told(command, text + "\n") == expected + "\n"


def test_every_recorded_table_keeps_its_form() -> None:
    """Where nothing is renamed, a table that findmnt printed comes out letter by letter."""
    seen = 0
    for path in sorted(RECORDS.glob("findmnt*.json")):
        for step in json.loads(path.read_text())["steps"]:
            text = step["stdout"]
            if text and not re.search(r"ID|PARENT|MAJ|:\d", text):
                seen += 1
                assert told(step["command"], text) == text, step["command"]
    assert seen > 20
