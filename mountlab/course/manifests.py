"""``explain`` in a notebook: a manifest's road from YAML to system calls, as `mountlab explain` prints it."""

from __future__ import annotations

from mountlab.kubernetes.explained.manifest import explain_manifests
from mountlab.kubernetes.explained.tell import tell
from mountlab.shell.simbackend import SimulatorBackend

NAME = "the cell"
"""What places are called: a line of the text in the cell."""


class Explained:
    """The road of a manifest, line by line."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def __repr__(self) -> str:
        return "\n".join(self.lines)


def explain(manifest: str, *, node: str = "systemd") -> Explained:
    """Explain a manifest on a simulated node.

    Args:
        manifest: YAML, as for kubectl; several documents are allowed.
        node: name of the machine: ``systemd``, ``bare``, ``k3d``, ``wsl2``.

    Raises:
        ValueError: when there is no such machine.
    """
    chain = explain_manifests(SimulatorBackend(node).daemons, [(NAME, manifest.lstrip("\n"))])
    return Explained([*tell(chain), *(error.told for error in chain.errors)])
