"""The daemons of one machine, with the node of a cluster that begins when kubectl is first asked."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.containers import daemons
from mountlab.containers.ledger import Made
from mountlab.containers.world import Ran
from mountlab.kubernetes.cluster.server import Cluster
from mountlab.kubernetes.kubectl import cli, client


class Daemons(daemons.Daemons):
    """What runs on a machine besides terminals: dockerd, systemd, and a cluster's node."""

    cluster: Cluster | None = None

    def is_inside(self, shell: str) -> bool:
        """Whether the terminal is in a container of docker or of a pod."""
        in_pod = self.cluster is not None and self.cluster.inside(shell) is not None
        return in_pod or super().is_inside(shell)

    def run(self, argv: Sequence[str], shell: str, stdin: str | None = None) -> tuple[Ran, list[Made]]:
        """Run docker, systemctl or kubectl for a terminal: what it printed, and the daemons' system calls."""
        if argv[0] != "kubectl" or self.is_inside(shell):
            return super().run(argv, shell, stdin)
        made = self.cluster.made if self.cluster else []
        before = len(made)
        self.cluster = self.cluster or Cluster(self.world, made)
        return client.run(self.cluster, argv, shell, stdin), made[before:]

    def left(self, shell: str, code: int) -> bool:
        """The terminal's shell has ended with that status; True when it was in a container, and is back."""
        in_pod = self.cluster is not None and self.cluster.left(shell)
        return in_pod or super().left(shell, code)


def is_understood(argv: Sequence[str]) -> tuple[str, str] | None:
    """Whether a line of a client is modelled: None, or the word that is not, and a sentence."""
    return cli.is_understood(argv) if argv[0] == "kubectl" else daemons.is_understood(argv)
