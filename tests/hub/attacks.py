"""The cells of attacks.txt, each with what it must print."""

from __future__ import annotations

from pathlib import Path


def read() -> dict[str, tuple[str, list[str]]]:
    """Name → cell, expected lines; in the order of the file."""
    blocks = Path(__file__).with_suffix(".txt").read_text().split("\n== ")[1:]
    found = {}
    for block in blocks:
        name, _, rest = block.partition("\n")
        cell, _, printed = rest.partition("\n->")
        found[name] = (cell, printed.strip("\n").splitlines())
    return found


ATTACKS = read()
