"""Gives the places of a situation names, so that rounds near each other have others."""

from __future__ import annotations

import re
from collections.abc import Mapping

DIRECTORIES = "data srv pool media backup export work store archive scratch vault depot".split()
BELOW = "photos logs docs music cache mail db www spool maps".split()
SOURCES = "disk usb ssd nas cdrom card stick tape iscsi nvme raid floppy".split()
TERMINALS = "worker child pod service guest agent builder tenant".split()
POOLS = {
    **dict.fromkeys("ABC", DIRECTORIES),
    **dict.fromkeys("XYS", BELOW),
    **dict.fromkeys(("DISK", "NEW", "OWN"), SOURCES),
    **dict.fromkeys("PQ", TERMINALS),
}
TOKEN = re.compile(r"\b(A|B|C|X|Y|S|DISK|NEW|OWN|P|Q)\b")
STRIDE = 7919
"""A prime larger than every pool: one round is far from the next, and all combinations come up in turn."""


def names_for(text: str, turn: int) -> Mapping[str, str]:
    """A name for each place in a text: every combination once before any comes again."""
    tokens = [token for token in POOLS if token in set(TOKEN.findall(text))]
    index = turn * STRIDE
    left = {id(pool): list(pool) for pool in POOLS.values()}
    names = {}
    for token in tokens:
        pool = left[id(POOLS[token])]
        index, at = divmod(index, len(pool))
        names[token] = pool.pop(at)
    return names


def in_order(text: str) -> Mapping[str, str]:
    """Other tokens for the tokens of a text: A for the first directory that appears, B for the second …"""
    free = {id(pool): [token for token in POOLS if POOLS[token] is pool] for pool in POOLS.values()}
    return {token: free[id(POOLS[token])].pop(0) for token in dict.fromkeys(TOKEN.findall(text))}


def named(text: str, names: Mapping[str, str]) -> str:
    """The text with its names."""
    return TOKEN.sub(lambda match: names[match[1]], text)
