"""podman on a private host, with runc or with crun beneath it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mountlab.runtimes.docker_matrix import IMAGE, oci, said
from mountlab.runtimes.dockerd import busybox_tree, lacks_sys_resource
from mountlab.runtimes.host import WORK, Host, HostError, Ran, why_not
from mountlab.runtimes.matrix import Row, prepare, refused, tables
from mountlab.runtimes.places import INSIDE, SRC, Groups, at

_STORAGE = f"""[storage]
driver = "overlay"
runroot = "{WORK}/podman-run"
graphroot = "{WORK}/podman"
"""
_ENGINE = """[engine]
events_logger = "none"
cgroup_manager = "cgroupfs"
"""
_LIMITS = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
"""
"""Without CAP_SYS_RESOURCE no limit can be raised."""

VOLUME_OPTIONS = (
    "", "private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable",
    "bind", "rbind",
)  # fmt: skip
BAD: list[list[str]] = [
    *(
        ["run", "-d", "--name", "new", *flags, IMAGE, "true"]
        for flags in (
            ["-v", f"{SRC}:{INSIDE}:foo"], ["-v", f"{SRC}:{INSIDE}:rshared,rslave"], ["-v", f"{SRC}:mnt"],
            ["-v", f"/nowhere:{INSIDE}"], ["-v", f"data_vol:{INSIDE}:foo"],
            ["-v", f"{SRC}:{INSIDE}", "-v", f"{SRC}:{INSIDE}"], ["-v", f"{SRC}:{INSIDE}", "--tmpfs", INSIDE],
            ["--mount", f"type=bind,source=/nowhere,target={INSIDE}"],
            ["--mount", f"type=bind,source={SRC},target={INSIDE},bind-propagation=foo"],
            ["--mount", f"type=foo,source={SRC},target={INSIDE}"],
            ["--volumes-from", "nosuch"], ["--foo"],
        )
    ),
    ["exec", "nosuch", "true"],
    ["rm", "nosuch"],
    ["volume", "rm", "nosuch"],
]  # fmt: skip


def podman_missing() -> str | None:
    """Why there can be no podman on a private host here; None: there can."""
    return why_not("podman", "conmon", "runc", "crun", "busybox")


class Podman:
    """podman with storage of its own; there is no daemon."""

    def __init__(self, host: Host, runtime: str) -> None:
        """Make its storage and its one image.

        Raises:
            HostError: when programs are missing here.
        """
        reason = podman_missing()
        if reason:
            raise HostError(reason)
        self.host, self.runtime = host, runtime
        host.write("/etc/containers/containers.conf", _ENGINE + (_LIMITS if lacks_sys_resource() else ""))
        host.write("/etc/containers/storage.conf", _STORAGE)
        host.do(["podman", "import", "-", IMAGE], busybox_tree())

    def command(self, argv: list[str]) -> Ran:
        """Run `podman ARGV`; a container gets no network of its own."""
        extra = ["--network", "host"] if argv[:2] == ["run", "-d"] else []
        return self.host.run(["podman", "--runtime", self.runtime, *argv[:2], *extra, *argv[2:]])

    def _inspect(self, what: str, *names: str) -> list[str]:
        return self.host.do(["podman", "inspect", "-f", what, *names]).split()

    def pids(self, *names: str) -> list[int]:
        """The numbers of these containers' processes 1, in the host's PID namespace."""
        return [int(word) for word in self._inspect("{{.State.Pid}}", *names)]

    def spec(self, name: str) -> dict[str, object]:
        """The OCI config.json of a container."""
        spec: dict[str, object] = json.loads(self.host.read(self._inspect("{{.OCIConfigPath}}", name)[0]))
        return spec

    def remove(self, *names: str) -> None:
        """Kill and remove containers; harmless where they are not."""
        self.host.run(["podman", "rm", "-f", "-t", "0", *names])


def bad_input(podman: Podman) -> Iterator[Row]:
    """What podman answers to what it cannot do."""
    prepare(podman.host, "shared", submount=True)
    for argv in BAD:
        yield said(argv, podman.command(argv))
        podman.remove("new")


def volumes(podman: Podman) -> Iterator[Row]:
    """A named volume with each option that podman takes for it."""
    for option in VOLUME_OPTIONS:
        word = f"data_vol:{INSIDE}" + (f":{option}" if option else "")
        ran = podman.command(["run", "-d", "--name", "one", "-v", word, IMAGE, "sleep", "600"])
        row: Row = {"option": option or "default", "by": f"-v {word}"}
        if ran.status:
            yield row | refused(ran.status, ran.stderr)
        else:
            outside, inside = tables(podman.host, [1, *podman.pids("one")])
            here, root = at(inside, INSIDE), at(inside, "/")
            groups = Groups(outside)
            yield (
                row
                | {
                    "starts": True,
                    "mount": groups.describe(here) if here else None,
                    "root": groups.describe(root) if root else None,
                }
                | oci(podman, "one")
            )
        podman.remove("one")
    podman.host.do(["podman", "volume", "rm", "data_vol"])
