"""The world of the real CRI: kubectl and kubelet are modelled, containers are made by a real containerd."""

from __future__ import annotations

import re
import shlex
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from mountlab.containers.world import FIRST, Ran
from mountlab.kubernetes.cluster.server import Cluster
from mountlab.kubernetes.kubectl import client
from mountlab.mountinfo import MountInfo, parse_table
from mountlab.runtimes import docker_lines
from mountlab.runtimes.backend import INITS, DockerBackend
from mountlab.runtimes.cri import cri_missing
from mountlab.runtimes.cri_runtime import Containerd, Runtime
from mountlab.runtimes.cri_world import NodeWorld
from mountlab.runtimes.host import HostError
from mountlab.runtimes.machine import Machine, Running
from mountlab.runtimes.shown import Shown
from mountlab.runtimes.terminal import Said, line_of
from mountlab.shell.backend import UNKNOWN, BackendUnavailableError, Outcome
from mountlab.shell.syntax import Command
from mountlab.shell.transcript import Transcript

INSTALL = "apt-get install containerd runc busybox-static; pip install grpcio"
_ID = re.compile(r"\b[0-9a-f]{64}\b")
_ROOT = re.compile(r"/k8s\.io/([0-9a-f]{64})/rootfs")
_SNAPSHOT = re.compile(r"(?<=\.overlayfs/snapshots/)\d+")
_NAMED = re.compile(r"(?<=/k8s\.io/)[^/]+|(?<=\.overlayfs/snapshots/)[^/]+")
_OWN = "/io.containerd.grpc.v1.cri/"
_FIXTURE = re.compile(r"/(proc|sys|dev)(/|$)")


def check(transcript: Transcript) -> None:
    """Refuse a transcript of which this world cannot run every line.

    Raises:
        TranscriptError: with the first such line.
    """
    docker_lines.check(transcript, _objection)


def _objection(command: Command) -> str | None:
    if command.argv[0] == "kubectl" and command.redirects:
        return "kubectl: its output cannot be redirected with --backend cri"
    return docker_lines.objection(command, "kubectl", "cri")


class CriShown(Shown):
    """What a lesson is shown of a node: its own mounts, and containers' roots under the model's names."""

    def __init__(self, fresh: str, names: dict[str, str]) -> None:
        super().__init__(fresh)
        self._names = names
        """The real id of a container -> the model's."""
        self._snapshots: dict[str, str] = {}
        self._sandboxes: set[str] = set()

    def note(self, mountinfo: str, container: Running) -> None:
        """See in which folders a container's layers are."""
        for row in parse_table(mountinfo):
            if container.layer in row.mountpoint and row.fstype == "overlay":
                options = dict(each.partition("=")[::2] for each in row.super_options.split(","))
                name = container.image.translate(str.maketrans("/:@", "___"))
                self._snapshots |= dict.fromkeys(_SNAPSHOT.findall(options["lowerdir"]), name)
                own = _SNAPSHOT.findall(options["upperdir"])
                self._snapshots |= dict.fromkeys(own, self._names[container.layer])

    def table(self, mountinfo: str) -> list[MountInfo]:
        """The rows that are shown."""
        rows = parse_table(self._fixture.cleaned(mountinfo))
        for row in rows:
            found = _ROOT.search(row.mountpoint)
            if found and found[1] not in self._names:
                self._sandboxes.add(row.dev)
        own = {row.dev for row in rows if row.fstype == "overlay"} | {self._root}
        hidden = self._hidden | {row.dev for row in rows if _FIXTURE.match(row.mountpoint)} - own
        hidden |= self._sandboxes
        return [
            row._replace(
                mountpoint=self.text(row.mountpoint),
                root=self.text(row.root),
                super_options=self.text(row.super_options),
            )
            for row in rows
            if row.dev not in hidden
            and not _FIXTURE.match(row.mountpoint)
            and _OWN not in row.mountpoint + row.root
        ]

    def text(self, printed: str) -> str:
        """What a program printed, with the lesson's names."""
        named = _ID.sub(lambda found: self._names.get(found[0], found[0]), printed)
        return _SNAPSHOT.sub(lambda found: self._snapshots.get(found[0], found[0]), named)

    def word(self, word: str) -> str:
        """A word of a command line, with the folders that a container really has."""
        real = {name: made for made, name in self._names.items()}
        real |= {name: number for number, name in self._snapshots.items() if name not in real}
        return _NAMED.sub(lambda found: real.get(found[0], found[0]), word)


class CriBackend(DockerBackend):
    """One node with a real containerd on it.

    Args:
        init: ``bare`` (a private `/`) or ``systemd`` (a shared one).

    Raises:
        BackendUnavailableError: where no containerd can be had, with the reason.
    """

    name = "cri"

    def __init__(self, init: str = "bare") -> None:
        reason = cri_missing()
        if reason:
            install = f" (Debian: {INSTALL})" if reason.startswith("not installed") else ""
            raise BackendUnavailableError(f"--backend cri: {reason}{install}")
        if init not in INITS:
            raise BackendUnavailableError(f"init={init}: --backend cri has {', '.join(INITS)}")
        self._shells, self._appeared, self._numbers = {}, {}, {}
        self._last_number = self._asked = 0
        self._running: list[Running] = []
        self._init, self._cluster, self._runtime = init, None, None
        with _unavailable():
            self._machine = Machine(shared=INITS[init])
            self._finalizer = weakref.finalize(self, self._machine.close)
            self._fresh = self._machine.host.read(f"/proc/{self._machine.holder}/mountinfo")
        self._shown = Shown(self._fresh)

    _cluster: Cluster | None
    _runtime: Runtime | None

    def _begin(self) -> Cluster:
        """The node's kubelet and containerd, from the first time that kubectl is asked."""
        if self._cluster is None:
            world = NodeWorld(self._machine, self._init, self._holder_of, self._inside, self._move_terminal)
            self._runtime = Runtime(Containerd(self._machine), world)
            self._world = world
            self._shown = CriShown(self._fresh, self._runtime.names)
            self._cluster = Cluster(world, FIRST, [], self._runtime)
        return self._cluster

    def _one(self, shell: str, command: Command, last_status: int) -> Outcome:
        sentence = _objection(command)
        if sentence:
            return Outcome(1, stderr=f"mountlab: {sentence}\n", refused=sentence)
        if command.argv[0] == "kubectl" and not self._shells[shell].inside:
            with _unavailable():
                ran = client.run(self._begin(), command.argv, shell, command.stdin)
                self._settle()
            return Outcome(ran.status, ran.stdout, ran.stderr, UNKNOWN if ran.status else None)
        return self._plain(shell, command, last_status)

    def _settle(self) -> None:
        """See which containers there are now."""
        if self._cluster is None:
            return
        self._running = [*self._world.containers.values()]
        table = self._machine.host.read(f"/proc/{self._machine.holder}/mountinfo")
        if isinstance(self._shown, CriShown):
            for each in self._running:
                self._shown.note(table, each)

    def _exit(self, shell: str, command: Command, last_status: int) -> Said:
        was_inside = bool(self._shells[shell].inside)
        said = super()._exit(shell, command, last_status)
        if was_inside and self._cluster is not None:
            self._cluster.left(shell)
        return said

    # -- what the node asks of the terminals ----------------------------------------------------------------

    def _inside(self, container: Running, command: Command) -> Ran:
        """Run a command in a container, for the kubelet or for kubectl."""
        assert self._runtime is not None  # noqa: S101 - there is a container
        argv = [self._shown.word(word) for word in command.argv]
        argv = self._with_tables(argv, container.pid, container.pid)
        ran = self._runtime.execute(container, line_of(command._replace(argv=tuple(argv))))
        return Ran(ran.status, self._shown.text(ran.stdout), self._shown.text(ran.stderr))

    def _move_terminal(self, shell: str, container: Running | None) -> None:
        here = self._shells[shell]
        if container is None:
            if here.inside:
                here.inside.pop()
                here.terminal.leave("exit 0")
            return
        assert self._runtime is not None  # noqa: S101 - there is a container
        said = here.terminal.enter(shlex.join(self._runtime.words_to_enter(container)))
        if said is not None:
            raise HostError(f"the terminal did not get inside: {said.stderr.strip()}")
        here.inside.append(container)


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except HostError as error:
        raise BackendUnavailableError(f"--backend cri: {error}") from error
