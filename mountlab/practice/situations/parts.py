"""What situations are made of: commands in lists, questions about them, and common beginnings.

Capital words are places for names: A, B, C directories; X, Y, S directories below; DISK, NEW, OWN sources;
P, Q terminals.
"""

from __future__ import annotations

from typing import NamedTuple


class Ask(NamedTuple):
    """A command, or several, with the question about it."""

    kind: str
    lines: str
    shows: str = ""


class Situation(NamedTuple):
    """The commands of one topic."""

    beginnings: tuple[str, ...]
    moves: tuple[str, ...]
    asks: tuple[Ask, ...]
    paths: tuple[str, ...]
    """Where somebody might look."""
    beliefs: tuple[str, ...]
    """The misconceptions that the topic's questions tell apart."""
    inits: tuple[str, ...] = ("bare",)


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a list, ``host#`` where no terminal is named."""
    lines = (line.strip() for line in text.strip().splitlines())
    return tuple(line if "# " in line else f"host# {line}" for line in lines)


def asks_of(kind: str, text: str, shows: str = "") -> tuple[Ask, ...]:
    """One ask a line; ``;;`` stands between commands."""
    lines = ["\n".join(lines_of(line.replace(";;", "\n"))) for line in text.strip().splitlines()]
    return tuple(Ask(kind, line, shows) for line in lines)


TREE = """\
host# mkdir /A /B /C
host# mount -t tmpfs DISK /A
host# mkdir -p /A/X /A/Y /A/S/X"""
SHARED = f"{TREE}\nhost# mount --make-shared /A"
PEERS = f"{SHARED}\nhost# mount --bind /A /B"
SLAVE = f"{PEERS}\nhost# mount --make-slave /B"
CHAIN = f"{SLAVE}\nhost# mount --make-shared /B\nhost# mount --bind /B /C\nhost# mount --make-slave /C"
STRANGERS = f"{TREE}\nhost# mount --bind /A /B\nhost# mount --make-shared /A"
SENT = "host# mount -t tmpfs NEW /A/X"
BUSY = f"""\
{PEERS}
{SENT}
host# mount --make-private /B/X
host# mkdir /B/X/Y
host# mount -t tmpfs OWN /B/X/Y"""
FILES = """\
host# mkdir /A /B /C
host# touch /A/X /B/Y"""
