"""The docker client: runs a request against a dockerd, and prints what docker prints.

Source: docker/cli v20.10.24, cli/command/container/*.go and cli/command/volume/*.go; the texts were
recorded from the real client (tests/containers/recorded/docker.json).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from mountlab.containers.docker import listing
from mountlab.containers.docker.cli import parse
from mountlab.containers.docker.daemon import Dockerd
from mountlab.containers.docker.messages import daemon_refused, run_refused, runtime_refused
from mountlab.containers.docker.requests import (
    Create,
    Exec,
    Inspect,
    Kill,
    Ps,
    Pull,
    Request,
    Restart,
    Rm,
    Run,
    Settings,
    Start,
    Stop,
    VolumeCreate,
    VolumeInspect,
    VolumeLs,
    VolumeRm,
)
from mountlab.containers.docker.state import Container
from mountlab.containers.docker.volumes import Volume
from mountlab.containers.errors import ContainerError
from mountlab.containers.world import Ran

SHELLS = ("sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash")
_STOPPED, _KILLED = 0, 137


def run(dockerd: Dockerd, argv: Sequence[str], shell: str) -> Ran:
    """Run ``docker …`` for a terminal.

    Args:
        dockerd: the daemon.
        argv: the words, of which `cli.is_understood` has nothing to say.
        shell: the terminal, which ``run -it`` and ``exec -it`` move into the container.
    """
    said = _Said()
    try:
        request = parse(argv)
        _HANDLERS[type(request)](_Client(dockerd, shell, said), request)
    except ContainerError as error:
        said.err(error.text)
        said.status = error.status
    return Ran(said.status, said.stdout, said.stderr)


class _Said:
    """What has been printed so far."""

    def __init__(self) -> None:
        self.status, self.stdout, self.stderr = 0, "", ""

    def out(self, line: str) -> None:
        self.stdout += line + "\n"

    def err(self, line: str) -> None:
        self.stderr += line + "\n"


class _Client:
    def __init__(self, dockerd: Dockerd, shell: str, said: _Said) -> None:
        self.dockerd, self.shell, self.said = dockerd, shell, said

    # -- containers ----------------------------------------------------------------------------------------

    def create(self, request: Create) -> None:
        self.said.out(self._created(request.settings).id)

    def _created(self, settings: Settings) -> Container:
        try:
            return self.dockerd.create(settings)
        except ContainerError as error:
            raise run_refused(error) from None

    def run(self, request: Run) -> None:
        container = self._created(request.settings)
        if request.detach:
            self.said.out(container.id)
        try:
            self.dockerd.start(container)
        except ContainerError as error:
            if request.settings.remove:
                self.dockerd.remove(container, with_volumes=True)
            raise run_refused(error, starting=True) from None
        self._main(container, attached=not request.detach)

    def _main(self, container: Container, *, attached: bool) -> None:
        """Let the first process do its work, as far as it ends by itself."""
        command, settings = container.command, container.settings
        is_interactive = settings.interactive and settings.tty
        if command[0] in SHELLS and len(command) == 1:
            if attached and is_interactive:
                self.dockerd.enter(container, self.shell, is_main=True)
            elif not is_interactive:
                self._ended(container, _STOPPED)  # a shell without a terminal reads the end of its input
            return
        ran = self._slept(command) if attached else None
        ran = ran or self.dockerd.run_inside(container, command)
        if ran is None:
            if attached:
                self._not_found(container, command[0])
            return  # a server: it stays
        if attached:
            self.said.stdout += ran.stdout
            self.said.stderr += ran.stderr
            self.said.status = ran.status
        self._ended(container, ran.status)

    def _slept(self, command: Sequence[str]) -> Ran | None:
        is_sleep = command[0] == "sleep" and all(re.fullmatch(r"[\d.]+[smhd]?", word) for word in command[1:])
        return Ran(0) if is_sleep else None

    def _not_found(self, container: Container, program: str) -> None:
        self._ended(container, 127)
        runtime = self.dockerd.runtime_of(container)
        text = runtime.at_create + runtime.refuses(program, "nowhere")
        raise run_refused(runtime_refused(text), starting=True)

    def _ended(self, container: Container, code: int) -> None:
        """Its end, and with --rm its removal: of a container that ran."""
        was_running = container.status == "running"
        self.dockerd.stop(container, code)
        if was_running and container.settings.remove:
            self.dockerd.remove(container, with_volumes=True)

    def exec(self, request: Exec) -> None:
        container = self.dockerd.find(request.container)
        if container is None:
            raise ContainerError(f"Error: No such container: {request.container}", 1)
        if container.status != "running":
            raise ContainerError(f"Error response from daemon: Container {container.id} is not running", 1)
        command = request.command
        if command[0] in SHELLS and len(command) == 1:
            if request.interactive and request.tty:
                self.dockerd.enter(container, self.shell)
            return
        ran = self._slept(command) or self._ran_inside(container, command)
        if not request.detach:
            self.said.stdout, self.said.stderr, self.said.status = ran.stdout, ran.stderr, ran.status

    def _ran_inside(self, container: Container, command: Sequence[str]) -> Ran:
        """The runtime's complaint comes on the container's output, as from a terminal; the status is 126."""
        why = self.dockerd.why_not_executable(container, command[0])
        ran = None if why else self.dockerd.run_inside(container, command)
        if ran is not None:
            return ran
        runtime = self.dockerd.runtime_of(container)
        text = runtime.at_exec + (why or runtime.refuses(command[0], "nowhere"))
        return Ran(126, f"OCI runtime exec failed: {text}: unknown\r\n")

    def start(self, request: Start) -> None:
        failed = []
        for word in request.containers:
            container = self._known(word)
            if container is None:
                failed.append(word)
                continue
            was_running = container.status == "running"
            try:
                self.dockerd.start(container)
            except ContainerError as error:
                self.said.err(daemon_refused(error).text)
                failed.append(word)
                continue
            is_attached = request.attach or request.interactive
            if not is_attached:
                self.said.out(word)
            if not was_running:
                self._main(container, attached=is_attached)
        if failed:
            raise ContainerError("Error: failed to start containers: " + ", ".join(failed), 1)

    def stop(self, request: Stop | Kill | Restart) -> None:
        for word in request.containers:
            container = self._known(word)
            if container is None:
                continue
            if isinstance(request, Kill) and container.status != "running":
                text = f"Cannot kill container: {word}: Container {container.id} is not running"
                self._failed(f"Error response from daemon: {text}")
                continue
            if not isinstance(request, Restart):
                self._ended(container, _KILLED)
            else:
                self.dockerd.stop(container, _KILLED)  # a restart removes nothing (daemon/restart.go)
                try:
                    self.dockerd.start(container)
                    self._main(container, attached=False)
                except ContainerError as error:
                    text = f"Cannot restart container {word}: {error.text}"
                    self._failed(f"Error response from daemon: {text}")
                    continue
            self.said.out(word)

    def rm(self, request: Rm) -> None:
        for word in request.containers:
            container = self.dockerd.find(word)
            if container is None and request.force:
                self.said.err(f"Error: No such container: {word}")  # told, and no failure
            elif container is None:
                self._failed(f"Error: No such container: {word}")
            elif container.status == "running" and not request.force:
                self._failed(
                    f"Error response from daemon: You cannot remove a running container {container.id}. Stop"
                    " the container before attempting removal or force remove"
                )
            else:
                self.dockerd.remove(container, with_volumes=request.volumes)
                self.said.out(word)

    def _known(self, word: str) -> Container | None:
        container = self.dockerd.find(word)
        if container is None:
            self._failed(f"Error response from daemon: No such container: {word}")
        return container

    def _failed(self, text: str) -> None:
        self.said.err(text)
        self.said.status = 1

    # -- looking ---------------------------------------------------------------------------------------------

    def ps(self, request: Ps) -> None:
        found = [each for each in self.dockerd.containers.values() if request.all or each.status == "running"]
        self.said.stdout += listing.ps(
            found, quiet=request.quiet, no_trunc=request.no_trunc, form=request.format
        )

    def inspect(self, request: Inspect) -> None:
        found: list[dict[str, object]] = []
        missing = []
        for word in request.targets:
            container = self.dockerd.find(word)
            volume = self.dockerd.volumes.get(word) if request.type in ("", "volume") else None
            if container is not None and request.type in ("", "container"):
                found.append(listing.inspected(container))
            elif volume is not None:
                found.append(listing.inspected_volume(volume))
            else:
                missing.append(word)
        self._print(found, request.format, missing, request.type or "object")

    def _print(self, found: list[dict[str, object]], form: str, missing: list[str], kind: str) -> None:
        if found or not form:
            self.said.stdout += listing.printed(found, form)
        for word in missing:
            self._failed(f"Error: No such {kind}: {word}")

    def pull(self, request: Pull) -> None:
        """Every image is there already."""
        if not request.quiet:
            self.said.out(f"Status: Image is up to date for {request.image}")
        self.said.out(request.image)

    # -- volumes ---------------------------------------------------------------------------------------------

    def volume_create(self, request: VolumeCreate) -> None:
        try:
            made = self.dockerd.volumes.create(request.name, request.driver, request.options, request.labels)
        except ContainerError as error:
            raise daemon_refused(error) from None
        self.said.out(made.name)

    def volume_ls(self, request: VolumeLs) -> None:
        found = [*self.dockerd.volumes]
        self.said.stdout += listing.volumes(found, quiet=request.quiet, form=request.format)

    def volume_inspect(self, request: VolumeInspect) -> None:
        there = [(word, self.dockerd.volumes.get(word)) for word in request.names]
        found = [listing.inspected_volume(volume) for _, volume in there if volume]
        self._print(found, request.format, [word for word, volume in there if not volume], "volume")

    def _remove_volume(self, name: str, volume: Volume | None) -> None:
        try:
            if volume is not None:
                self.dockerd.volumes.remove(volume)
        except ContainerError as error:
            self._failed(daemon_refused(error).text)
        else:
            self.said.out(name)

    def volume_rm(self, request: VolumeRm) -> None:
        for name in request.names:
            volume = self.dockerd.volumes.get(name)
            users = ", ".join(each.id for each in self.dockerd.users_of(name))
            if volume is None and not request.force:
                self._failed(f"Error: No such volume: {name}")
            elif users:
                self._failed(f"Error response from daemon: remove {name}: volume is in use - [{users}]")
            else:
                self._remove_volume(name, volume)


_HANDLERS: dict[type[Request], Callable[[_Client, Any], None]] = {
    Create: _Client.create,
    Run: _Client.run,
    Exec: _Client.exec,
    Start: _Client.start,
    Stop: _Client.stop,
    Restart: _Client.stop,
    Kill: _Client.stop,
    Rm: _Client.rm,
    Ps: _Client.ps,
    Inspect: _Client.inspect,
    Pull: _Client.pull,
    VolumeCreate: _Client.volume_create,
    VolumeLs: _Client.volume_ls,
    VolumeInspect: _Client.volume_inspect,
    VolumeRm: _Client.volume_rm,
}
