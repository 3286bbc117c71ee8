"""kubectl: runs a request against a cluster, and prints what kubectl prints.

Source: kubectl v0.33.0, pkg/cmd/{apply,create,get,describe,exec,delete,logs}, pkg/cmd/util/helpers.go
(checkErr), pkg/cmd/util/podcmd; kubernetes v1.33, pkg/registry/core/pod/strategy.go (LogLocation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mountlab.containers.docker import go
from mountlab.containers.docker.state import identity
from mountlab.containers.world import Ran
from mountlab.errors import MountError
from mountlab.kubernetes.cluster.node import SHELLS
from mountlab.kubernetes.cluster.server import DEFAULT, Cluster
from mountlab.kubernetes.cluster.state import ContainerState, PodState
from mountlab.kubernetes.errors import KubernetesError
from mountlab.kubernetes.kinds import plural, resource
from mountlab.kubernetes.kubectl import describe, printers
from mountlab.kubernetes.kubectl.cli import parse
from mountlab.kubernetes.kubectl.requests import Apply, Delete, Describe, Exec, Get, Logs, Request
from mountlab.kubernetes.manifests import CLUSTER_WIDE, Object, read

_ENDINGS = (".json", ".yaml", ".yml")
_NOW = "Immediate deletion does not wait for confirmation that the running resource has been terminated."
_FORCED = f"Warning: {_NOW} The resource may continue to run on the cluster indefinitely."


def run(cluster: Cluster, argv: Sequence[str], shell: str, stdin: str | None) -> Ran:
    """Run ``kubectl …`` for a terminal.

    Args:
        cluster: what it is connected to.
        argv: the words, of which `cli.is_understood` has nothing to say.
        shell: the terminal, whose files are read, and which ``exec -it`` moves into the pod.
        stdin: the body of a here-document.
    """
    client = _Client(cluster, shell, stdin)
    try:
        request = parse(argv)
        cluster.settle()
        _HANDLERS[type(request)](client, request)
    except KubernetesError as error:
        client.fail(error)
    return Ran(client.status, client.stdout, client.stderr)


class _Client:
    def __init__(self, cluster: Cluster, shell: str, stdin: str | None) -> None:
        self.cluster, self.shell, self.stdin = cluster, shell, stdin
        self.status, self.stdout, self.stderr = 0, "", ""

    def out(self, line: str) -> None:
        self.stdout += line + "\n"

    def err(self, line: str) -> None:
        self.stderr += line + "\n"

    def fail(self, error: KubernetesError) -> None:
        self.err(error.text)
        self.status = error.status

    # -- files ---------------------------------------------------------------------------------------------

    def _texts(self, files: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Each file's name and content."""
        world = self.cluster.world
        for name in files:
            if name == "-":
                yield "STDIN", self.stdin or ""
                continue
            kind = world.kind(self.shell, name)
            if kind is None:
                raise KubernetesError(f'error: the path "{name}" does not exist')
            within = [name]
            if kind == "dir":
                names = world.listdir(self.shell, name)
                within = [f"{name.rstrip('/')}/{each}" for each in names if each.endswith(_ENDINGS)]
                if not within:
                    raise KubernetesError(
                        f"error: error reading [{name}]: recognized file extensions are "
                        f"[{' '.join(_ENDINGS)}]"
                    )
            for path in within:
                try:
                    yield path, world.read(self.shell, path)
                except MountError as error:
                    raise KubernetesError(f'error: the path "{path}" cannot be accessed') from error

    def _objects(self, files: Sequence[str], namespace: str, verb: str) -> list[Object]:
        """The objects of all files, each with its namespace; what cannot be read is told at the end."""
        objects: list[Object] = []
        errors: list[KubernetesError] = []
        for name, text in self._texts(files):
            manifest = read(text, name)
            objects += [self._placed(each, namespace) for each in manifest.objects]
            errors += manifest.errors
        if not objects and not errors:
            raise KubernetesError(f"error: no objects passed to {verb}")
        for error in errors:
            self.fail(error)
        return objects

    def _placed(self, found: Object, namespace: str) -> Object:
        if found.kind in CLUSTER_WIDE:
            return found
        if namespace and found.namespace and namespace != found.namespace:
            raise KubernetesError(
                f'error: the namespace from the provided object "{found.namespace}" does not match the'
                f" namespace \"{namespace}\". You must pass '--namespace={found.namespace}' to perform this"
                " operation."
            )
        return found._replace(namespace=found.namespace or namespace or DEFAULT)

    def apply(self, request: Apply) -> None:
        verb = "create" if request.only_new else "apply"
        errors = self.stderr
        objects = self._objects(request.files, request.namespace, verb)
        errors, self.stderr = self.stderr, errors
        for found in objects:
            try:
                done, warnings = self.cluster.apply(found, only_new=request.only_new)
            except KubernetesError as error:
                self.fail(error)
                continue
            for warning in warnings:
                self.err(f"Warning: {warning}")
            self.out(f"{_group_resource(found)}/{found.name} {done}")
        self.stderr += errors
        self.cluster.settle()

    # -- looking -------------------------------------------------------------------------------------------

    def get(self, request: Get) -> None:
        namespace = None if request.is_all_namespaces else request.namespace or DEFAULT
        parts: list[str] = []
        for kind in request.kinds:
            rows = printers.rows(self.cluster, kind, namespace, request.names)
            missing = [name for name in request.names if name not in {row.name for row in rows}]
            if rows:
                parts.append(printers.table(kind, rows, request, is_one_of_many=len(request.kinds) > 1))
            for name in missing:
                self.fail(_not_found(kind, name))
        if parts:
            self.stdout += "\n".join(parts)
        elif not request.names:
            is_wide = all(kind in CLUSTER_WIDE for kind in request.kinds)
            where = "" if namespace is None or is_wide else f" in {namespace} namespace."
            self.err(f"No resources found{where}")

    def describe(self, request: Describe) -> None:
        namespace = request.namespace or DEFAULT
        chosen = [
            each
            for each in self.cluster.pods.values()
            if request.is_all_namespaces or each.namespace == namespace
        ]
        if request.names:
            chosen = []
            for name in request.names:
                try:
                    chosen.append(self._pod(name, namespace))
                except KubernetesError as error:
                    self.fail(error)
        if not chosen and not request.names:
            where = "" if request.is_all_namespaces else f" in {namespace} namespace."
            self.err(f"No resources found{where}")
        events = self.cluster.events
        told = (describe.pod(each, events.of(each.namespace, f"pod/{each.name}")) for each in chosen)
        self.stdout += "\n\n".join(told)

    def _pod(self, name: str, namespace: str) -> PodState:
        pod = self.cluster.pods.get((namespace or DEFAULT, name))
        if pod is None:
            raise _not_found("Pod", name)
        return pod

    def logs(self, request: Logs) -> None:
        pod = self._pod(request.pod, request.namespace)
        state = self._container(pod, request.container, "logs")
        if state.state == "waiting" and state.last_exit is None:
            reason = printers.waiting_reason(pod, state)
            text = f'container "{state.name}" in pod "{pod.name}" is waiting to start: {reason}'
            raise KubernetesError(f"Error from server (BadRequest): {text}")
        self.stdout += state.output

    # -- going inside --------------------------------------------------------------------------------------

    def _container(self, pod: PodState, name: str, verb: str) -> ContainerState:
        """The container that is meant; the first one where none is named."""
        if name:
            found = pod.find(name)
            if found is not None:
                return found
            said = f"container {name} is not valid for pod {pod.name}"
            is_log = verb == "logs"
            raise KubernetesError(f"error: {said}" if is_log else f"Error from server (BadRequest): {said}")
        first = pod.regular[0]
        if len(pod.containers) > 1:
            names = [each.name for each in pod.regular] + [f"{each.name} (init)" for each in pod.init]
            self.err(f'Defaulted container "{first.name}" out of: {", ".join(names)}')
        return first

    def exec(self, request: Exec) -> None:
        pod = self._pod(request.pod, request.namespace)
        if pod.phase in {"Succeeded", "Failed"}:
            said = f"cannot exec into a container in a completed pod; current phase is {pod.phase}"
            raise KubernetesError(f"error: {said}")
        state = self._container(pod, request.container, "exec")
        if state.state != "running":
            raise KubernetesError(
                f'error: unable to upgrade connection: container not found ("{state.name}")'
            )
        command = request.command
        if command[0] in SHELLS and len(command) == 1:
            if request.interactive and request.tty:
                self.cluster.kubelet.enter(state, self.shell)
            return
        ran = Ran(0) if command[0] == "sleep" else self.cluster.kubelet.execute(state, command)
        if ran is None:
            exec_id = identity("exec", pod.name, state.name, *command)
            text = f"exec: {go.quoted(command[0])}: executable file not found in $PATH: unknown"
            raise KubernetesError(
                "error: Internal error occurred: error executing command in container: failed to exec in"
                f' container: failed to start exec "{exec_id}": OCI runtime exec failed: exec failed:'
                f" unable to start container process: {text}"
            )
        self.stdout, self.status = ran.stdout, ran.status
        self.stderr += ran.stderr
        if ran.status:
            self.err(f"command terminated with exit code {ran.status}")

    # -- taking away ---------------------------------------------------------------------------------------

    def delete(self, request: Delete) -> None:
        stuck: list[PodState] = []
        if request.is_forced:
            self.err(_FORCED)
        for kind, namespace, name in self._doomed(request):
            stays = self.cluster.delete(kind, namespace, name)
            if stays is False:
                if not request.ignores_missing:
                    head = (
                        f'Error from server (NotFound): error when deleting "{request.files[0]}": '
                        if request.files
                        else ""
                    )
                    self.fail(_not_found(kind, name, head))
                continue
            how = "force deleted" if request.is_forced else "deleted"
            self.out(f'{resource(kind)} "{name}" {how}')
            if request.is_forced:
                for pod in stays:
                    self.cluster.forget(pod)
            stuck += stays if kind == "Pod" and not request.is_forced else []
        if request.waits:
            for pod in stuck:
                self.fail(KubernetesError(f"error: timed out waiting for the condition on pods/{pod.name}"))
        self.cluster.settle()

    def _doomed(self, request: Delete) -> list[tuple[str, str, str]]:
        """Kind, namespace and name of what is to go."""
        if request.files:
            objects = self._objects(request.files, request.namespace, "delete")
            return [(each.kind, each.namespace, each.name) for each in objects]
        found: list[tuple[str, str, str]] = []
        for kind in request.kinds:
            namespace = "" if kind in CLUSTER_WIDE else request.namespace or DEFAULT
            names = request.names or [row.name for row in printers.rows(self.cluster, kind, namespace, ())]
            found += [(kind, namespace, name) for name in names]
        return found


def _group_resource(found: Object) -> str:
    return f"{found.kind.lower()}.{found.group}" if found.group else found.kind.lower()


def _not_found(kind: str, name: str, head: str = "Error from server (NotFound): ") -> KubernetesError:
    return KubernetesError(f'{head or "Error from server (NotFound): "}{plural(kind)} "{name}" not found')


_HANDLERS: dict[type[Request], Callable[[_Client, Any], None]] = {
    Apply: _Client.apply,
    Get: _Client.get,
    Describe: _Client.describe,
    Exec: _Client.exec,
    Delete: _Client.delete,
    Logs: _Client.logs,
}
