"""The daemons of one machine, with the node of a cluster that begins when kubectl is first asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mountlab.containers import daemons
from mountlab.containers.ledger import Made
from mountlab.containers.world import FIRST, Ran
from mountlab.kubernetes.cluster.server import Cluster
from mountlab.kubernetes.kubectl import cli, client

NODE_IN_DOCKER: Final = "k3d-lab-server-0"
"""The container that is the node of the machine ``k3d``."""
_CONTAINER: Final = (
    f"docker run -d --name {NODE_IN_DOCKER} --privileged --tmpfs /run -v k3d-kubelet:/var/lib/kubelet"
    " -v k3d-containerd:/var/lib/containerd rancher/k3s"
)
"""As k3d v5.8 starts it: pkg/runtimes/docker/translate.go (Privileged, Tmpfs); the image k3s v1.33 brings the
volumes (package/Dockerfile).  It does not make its `/` shared, unless K3D_FIX_MOUNTS is set."""
_REFUSED: Final = (
    "The connection to the server 0.0.0.0:6443 was refused - did you specify the right host or port?\n"
)


class Daemons(daemons.Daemons):
    """What runs on a machine besides terminals: dockerd, systemd, and a cluster's node."""

    cluster: Cluster | None = None
    _has_node_container = False
    _life_known: object = None

    def is_inside(self, shell: str) -> bool:
        """Whether the terminal is in a container of docker or of a pod."""
        in_pod = self.cluster is not None and self.cluster.inside(shell) is not None
        return in_pod or super().is_inside(shell)

    def run(self, argv: Sequence[str], shell: str, stdin: str | None = None) -> tuple[Ran, list[Made]]:
        """Run docker, systemctl or kubectl for a terminal: what it printed, and the daemons' system calls."""
        if self.is_inside(shell):
            return super().run(argv, shell, stdin)
        made = self.cluster.made if self.cluster else []
        before = len(made)
        begun: list[Made] = []
        if argv[0] != "systemctl":
            begun = self._begin_node()
        if argv[0] == "kubectl":
            ran, own = self._kubectl(argv, shell, stdin, made), list[Made]()
        else:
            ran, own = super().run(argv, shell, stdin)
        self._note_node()
        return ran, [*begun, *own, *made[before:]]

    def node(self) -> str:
        """The process of the node, which is there from now on."""
        self._begin_node()
        return f":container {NODE_IN_DOCKER}" if self.world.init == "k3d" else FIRST

    def _begin_node(self) -> list[Made]:
        """On the machine ``k3d`` the node is a container, which is there as soon as docker is asked."""
        if self.world.init != "k3d" or self._has_node_container:
            return []
        self._has_node_container = True
        return super().run(_CONTAINER.split(), "")[1]

    def _note_node(self) -> None:
        """What has just been done to the container that is the node may have ended it, or begun it again."""
        now = self._life()
        if self.cluster is None or now is self._life_known:
            return
        if self._life_known is not None:
            self.cluster.node_ended()
        if now is not None:
            self.cluster.node_began()
        self._life_known = now

    def _life(self) -> object:
        """Something that stays the same from a start of the node to its end; None while there is no node."""
        if self.world.init != "k3d":
            return FIRST
        container = self.dockerd.find(NODE_IN_DOCKER) if self.dockerd else None
        return container.spec if container is not None and container.status == "running" else None

    def _kubectl(self, argv: Sequence[str], shell: str, stdin: str | None, made: list[Made]) -> Ran:
        if self._life() is None:
            return Ran(1, "", _REFUSED)
        if self.cluster is None:
            self.cluster, self._life_known = Cluster(self.world, self.node(), made), self._life()
        return client.run(self.cluster, argv, shell, stdin)

    def left(self, shell: str, code: int) -> bool:
        """The terminal's shell has ended with that status; True when it was in a container, and is back."""
        in_pod = self.cluster is not None and self.cluster.left(shell)
        if in_pod:
            return True
        is_back = super().left(shell, code)
        self._note_node()
        return is_back


def is_understood(argv: Sequence[str]) -> tuple[str, str] | None:
    """Whether a line of a client is modelled: None, or the word that is not, and a sentence."""
    return cli.is_understood(argv) if argv[0] == "kubectl" else daemons.is_understood(argv)
