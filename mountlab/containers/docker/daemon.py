"""dockerd: a container from its creation to its removal, on any world.

Source: moby v20.10.24, daemon/create.go, start.go, stop.go, delete.go, exec.go.  What it answers was
recorded from the real one (tests/containers/recorded/docker.json).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence

from mountlab import model
from mountlab.containers.docker import layers
from mountlab.containers.docker.checks import check_settings
from mountlab.containers.docker.compile import compiled
from mountlab.containers.docker.messages import runtime_refused
from mountlab.containers.docker.mounts import MadeVolume, MountPoint, inherit, mount_points
from mountlab.containers.docker.places import DATA_ROOT
from mountlab.containers.docker.requests import Settings, VolumeOptions
from mountlab.containers.docker.runtimes import Runtime, Runtimes, Why, runtimes_of
from mountlab.containers.docker.state import Container, identity
from mountlab.containers.docker.volumes import Volumes
from mountlab.containers.errors import ContainerError
from mountlab.containers.folders import remove_folder
from mountlab.containers.ledger import Ledger, Made
from mountlab.containers.oci import Spec
from mountlab.containers.texts import strerror
from mountlab.containers.world import FIRST, Ran, World, make_directories
from mountlab.errors import MountError

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
"""Real docker wants two characters at least; the articles call their containers A and B."""


class Dockerd:
    """One running dockerd.

    Args:
        world: the machine.
        process: dockerd's own process, whose namespace it works in.
        has_own_containerd: it starts containerd itself, so that the runtime is in dockerd's namespace;
            otherwise the runtime is in the machine's first.
        with_fixtures: everything is mounted that the runtime brings into a container (/dev, /sys …), for
            which the world must know those filesystem types.
        runtimes: the OCI runtimes it knows.
    """

    def __init__(
        self,
        world: World,
        process: str,
        has_own_containerd: bool = True,
        *,
        with_fixtures: bool = False,
        runtimes: Runtimes | None = None,
    ) -> None:
        self.world = world
        self._with_fixtures = with_fixtures
        self.made: list[Made] = []
        """Every system call that was made, oldest first."""
        self.ledger = Ledger(world, process, self.made)
        self.volumes = Volumes(self.ledger)
        self.containers: dict[str, Container] = {}
        """By name, oldest first."""
        self._created = 0
        self._execs = 0
        self.begin_again(process, has_own_containerd, runtimes or runtimes_of())

    @property
    def process(self) -> str:
        """dockerd's own process."""
        return self.ledger.process

    def begin_again(self, process: str, has_own_containerd: bool, runtimes: Runtimes) -> None:
        """Begin in another process, with the containers and volumes that are on disk."""
        self.ledger.process, self._runtimes = process, runtimes
        self._runtime_parent = process if has_own_containerd else FIRST
        self._has_bound_root = layers.prepare_data_root(self.ledger)

    def find(self, word: str) -> Container | None:
        """A container by its name, its id or the beginning of its id."""
        if found := self.containers.get(word.removeprefix("/")):
            return found
        like = [each for each in self.containers.values() if word and each.id.startswith(word)]
        return like[0] if len(like) == 1 else None

    def users_of(self, volume: str) -> list[Container]:
        """The containers that hold a volume, running or not."""
        return [each for each in self.containers.values() if volume in each.volume_names]

    # -- a container's life ------------------------------------------------------------------------------

    def create(self, settings: Settings) -> Container:
        """Make a container.

        Raises:
            ContainerError: in dockerd's words, without any prefix.
        """
        self._created += 1
        name = settings.name or f"unnamed_{self._created}"
        if not _NAME.fullmatch(name):
            text = f"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
            raise ContainerError(text, 125)
        if other := self.containers.get(name):
            raise ContainerError(
                f'Conflict. The container name "/{name}" is already in use by container "{other.id}".'
                " You have to remove (or rename) that container to be able to reuse that name",
                125,
            )
        known = self._runtimes.by_name
        check_settings(settings, lambda path: self.world.kind(self.process, path) is not None, known)
        points = self._mount_points(settings)
        container = Container(name, identity("container", name, str(self._created)), settings, points)
        self.containers[name] = container
        return container

    def _mount_points(self, settings: Settings) -> tuple[MountPoint, ...]:
        def make_volume(name: str, options: VolumeOptions) -> MadeVolume:
            made = self.volumes.create(name, options.driver, options.driver_options, options.labels)
            return MadeVolume(made.name, "local", made.data)

        def points_of(word: str) -> tuple[MountPoint, ...]:
            if container := self.find(word):
                return container.points
            raise ContainerError(f"No such container: {word}", 125)

        inherited = [point for text in settings.volumes_from for point in inherit(text, points_of)]
        return mount_points(settings, inherited, make_volume, DATA_ROOT)

    def start(self, container: Container) -> None:
        """Start a container's first process.

        Raises:
            ContainerError: in dockerd's words, without any prefix; nothing is then mounted.
        """
        if container.status == "running":
            return
        try:
            root = layers.mount_layer(self.ledger, container)
        except MountError as error:
            text = f"error creating overlay mount to {container.layer}/merged: {strerror(error)}"
            raise ContainerError(text, 125) from None
        try:
            self._prepare_sources(container)
            container.spec = compiled(container, root, self.world.mountinfo(self.process))
            self._run_runtime(container, container.spec)
        except ContainerError:
            self._let_go(container)
            raise
        container.status = "running"

    def _prepare_sources(self, container: Container) -> None:
        """Volumes are mounted, and what ``-v`` binds is made if it is missing (MountPoint.Setup)."""
        for name in container.volume_names:
            if volume := self.volumes.get(name):
                self.volumes.mount(volume)
                container.holds.append(name)
        for point in container.points:
            if point.type != "bind" or self.world.kind(self.process, point.source):
                continue
            if point.skip_creation:
                text = (
                    f'invalid mount config for type "bind": bind source path does not exist: {point.source}'
                )
                raise ContainerError(text, 125)
            try:
                make_directories(self.world, self.process, point.source)
            except MountError as error:
                text = f"error while creating mount source path '{point.source}': mkdir {point.source}"
                raise ContainerError(f"{text}: {strerror(error)}", 125) from None

    def _run_runtime(self, container: Container, spec: Spec) -> None:
        create = self.runtime_of(container).create
        self.world.fork(self._runtime_parent, container.process)
        try:
            ledger = Ledger(self.world, container.process, self.made)
            if self._with_fixtures:
                layers.write_network_files(self.ledger, container)
            create(ledger, spec if self._with_fixtures else spec.without_fixtures())
            self._require_program(container)
        except ContainerError as error:
            self.world.end(container.process)
            raise runtime_refused(error.text) from None
        if not container.may_administer:
            self.world.drop_administration(container.process)

    def _require_program(self, container: Container) -> None:
        if why := self.why_not_executable(container, container.command[0]):
            raise ContainerError(self.runtime_of(container).at_create + why, 1)

    def runtime_of(self, container: Container) -> Runtime:
        """The runtime that was asked for, or dockerd's default."""
        return self._runtimes.of(container.settings.runtime)

    def why_not_executable(self, container: Container, program: str) -> str | None:
        """What the runtime says of a program; None when it can be started.

        Only what is written as a path outside the folders of programs is looked for.
        """
        if not program.startswith("/") or "/bin/" in program or "/sbin/" in program:
            return None
        whys: dict[str | None, Why] = {None: "absent", "dir": "directory", "file": "file"}
        return self.runtime_of(container).refuses(program, whys[self.world.kind(container.process, program)])

    def stop(self, container: Container, code: int = 137) -> None:
        """End all of a container's processes and let go of its root; mounts it made elsewhere stay."""
        if container.status != "running":
            return
        for shell in reversed(container.shells):
            self.world.leave(shell)
        container.shells.clear()
        container.main_shell = ""
        self.world.end(container.process)
        container.status, container.exit_code = "exited", code
        self._let_go(container)

    def _let_go(self, container: Container) -> None:
        layers.unmount_layer(self.ledger, container)
        for name in container.holds:
            if volume := self.volumes.get(name):
                self.volumes.unmount(volume)
        container.holds.clear()

    def remove(self, container: Container, *, with_volumes: bool) -> None:
        """Take a container away, running or not."""
        self.stop(container)
        del self.containers[container.name]
        remove_folder(self.world, self.process, container.layer, unmount=True)
        for name in container.volume_names if with_volumes else ():
            volume = self.volumes.get(name)
            if volume and volume.is_anonymous and not self.users_of(name):
                self.volumes.remove(volume)

    def shut_down(self) -> None:
        """What dockerd does when it is told to stop: its containers end, its data-root is let go."""
        for container in self.containers.values():
            self.stop(container)
        if self._has_bound_root:
            with contextlib.suppress(MountError):
                self.ledger.umount("docker.data-root", DATA_ROOT, model.MNT_DETACH)

    # -- going inside ---------------------------------------------------------------------------------------

    def enter(self, container: Container, shell: str, *, is_main: bool = False) -> None:
        """The terminal is inside from now on."""
        self.world.enter(shell, container.process)
        container.shells.append(shell)
        if is_main:
            container.main_shell = shell

    def inside(self, shell: str) -> Container | None:
        """The container in which the terminal is."""
        return next((each for each in self.containers.values() if shell in each.shells), None)

    def left(self, shell: str, code: int) -> bool:
        """The terminal's shell has ended; True when it was inside a container, and so is back outside."""
        container = self.inside(shell)
        if container is None:
            return False
        container.shells.remove(shell)
        self.world.leave(shell)
        if container.main_shell == shell:
            self.stop(container, code)
            if container.settings.remove:
                self.remove(container, with_volumes=True)
        return True

    def run_inside(self, container: Container, argv: Sequence[str]) -> Ran | None:
        """Run a command in a process of its own inside; None when the program is not of the language."""
        self._execs += 1
        process = f":exec {container.name} {self._execs}"
        self.world.fork(container.process, process)
        try:
            return self.world.execute(process, argv)
        finally:
            self.world.end(process)
