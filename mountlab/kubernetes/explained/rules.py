"""The rules by which `explain` warns: their ids, which never change, and how much each matters."""

from __future__ import annotations

from typing import Literal

Level = Literal["error", "warning", "note"]

RULES: dict[str, Level] = {
    "unreadable": "error",
    "refused-server": "error",
    "refused-kubelet": "error",
    "refused-containerd": "error",
    "refused-runc": "error",
    "refused-mountlab": "error",
    "unprivileged": "warning",
    "empty-dir": "warning",
    "root": "warning",
    "none-later": "warning",
    "none-maybe": "note",
    "not-shared": "warning",
    "slave-only": "warning",
    "left-behind": "warning",
    "sub-path": "warning",
    "read-only-shallow": "warning",
    "made-early": "warning",
    "no-effect": "note",
    "claim-stand-in": "note",
    "custom-kind": "note",
    "given-twice": "warning",
}
"""Each has a sentence ``rule.ID`` in `words`, which is its help."""
