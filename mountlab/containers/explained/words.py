"""Every sentence of `explain`, in one place, so that they can be read aloud and translated.

In braces stand the facts.  What a system call is for is said by `mountlab.containers.rules`.
"""

# ruff: noqa: E501 - one sentence, one line: the table is read as a table
from __future__ import annotations

SENTENCES: dict[str, str] = {
    "recorded": "docker {docker}, runc {runc}, crun {crun}, systemd {systemd}: what these did was recorded. `mountlab quirks` tells of later ones.",
    "stage": "{number}. {title}",
    "source": "Source: {source}",
    "and": " and ",
    "nothing": "nothing",
    # -- 1: flags
    "flags": "What the client sends",
    "flags.none": "No flag asks for a mount.",
    "flag": "{written}",
    "flag.field": "goes to dockerd as {field}: {value}",
    # -- where dockerd runs
    "home": "Where dockerd runs",
    "home.host": "In the host's mount namespace; its / is the host's.",
    "home.own": "In a mount namespace of its own, because {unit} says {settings}; its / is {what}.",
    "home.own.bare": "In a mount namespace of its own; its / is {what}.",
    # -- 2: mount points
    "points": "What dockerd makes of it",
    "points.none": "No mount point.",
    "point.bind": "{destination}: a bind of {source}, {propagation}.",
    "point.bind.alone": "{destination}: a bind of {source} without what is mounted below it, {propagation}.",
    "point.volume": "{destination}: the volume {name}, which is {source}, {propagation}.",
    "point.tmpfs": "{destination}: a new tmpfs, {propagation}.",
    "point.ro": "It is read-only.",
    "point.ro.below": "It is read-only; what is mounted below it is not.",
    "point.made": "{source} was missing: dockerd made the directory.",
    "origin.asked": "{word}, as was asked for",
    "origin.default": "{word}, since nothing was asked for",
    "origin.around-data-root": "rslave, since dockerd's own folder, {data_root}, is in it",
    "origin.in-data-root": "rslave, since it is in dockerd's own folder, {data_root}",
    "origin.volume": "with no word for its propagation, so rootfsPropagation decides",
    "origin.tmpfs": "{word}",
    "origin.tmpfs.none": "with options that are none of tmpfs's",
    "check.none": "Nothing is looked up for that.",
    "check": "path {source} is mounted on {mounted_on}, which is {state}; {wants} is needed: {verdict}.",
    "check.wants.shared": "shared",
    "check.wants.slave": "shared or slave",
    "check.passes": "it passes",
    "check.excused": "dockerd goes on without it, since it was dockerd that asked",
    "check.fails": "refused",
    "state.private": "private",
    "state.shared": "shared",
    "state.slave": "a slave",
    # -- 3: OCI
    "told": "What the runtime is told (config.json)",
    "told.none": "No mount but those that every container gets.",
    "told.root": "linux.rootfsPropagation: {word}, because of {because}",
    "told.root.none.runc": "linux.rootfsPropagation is left out: runc takes rslave",
    "told.root.none.crun": "linux.rootfsPropagation is left out: crun takes rprivate",
    "told.root.read-only": "root.readonly: true",
    "told.fixtures": "Every container gets {count} mounts besides; --fixtures prints them.",
    "told.fixtures.all": "Every container gets besides:",
    # -- 4: calls
    "calls": "The system calls, in order",
    "calls.none": "None.",
    "call.by": "{who}:",
    "call.failed": "{call} = {errno}",
    "call.reason": "{sentence} ({source})",
    "calls.fixtures": "Left out: {count} for what every container gets; --fixtures prints those that this machine makes.",
    # -- 5: result
    "result": "What comes of it",
    "kin": "{mount} inside is {what}.",
    "kin.private": "private",
    "kin.unbindable": "unbindable",
    "kin.peer": "shared, a peer of the host's {places}",
    "kin.peer.unknown": "shared, in a peer group in which the host has no mount",
    "kin.and": ", and ",
    "kin.slave": "a slave of the host's {places}",
    "kin.slave.unknown": "a slave of a mount that the host does not have",
    "sight.host.yes": "What the host mounts later below {outside} is seen inside, below {inside}.",
    "sight.host.no": "What the host mounts later below {outside} is not seen inside.",
    "sight.inside.yes": "What is mounted inside below {inside} is seen on the host, below {outside}.",
    "sight.inside.no": "What is mounted inside below {inside} is not seen on the host.",
    "sight.second.yes": "A second container with the same flags sees it.",
    "sight.second.no": "A second container with the same flags does not see it.",
    "sight.dockerd.yes": "What is mounted below {outside} in dockerd's namespace is seen inside.",
    "sight.dockerd.no": "What is mounted below {outside} in dockerd's namespace is not seen inside.",
    "sight.to.dockerd.yes": "What is mounted inside below {inside} is seen in dockerd's namespace.",
    "sight.to.dockerd.no": "What is mounted inside below {inside} is not seen in dockerd's namespace.",
    "sight.untried": "Who sees later mounts at {inside} was not tried: nothing can be mounted there.",
    "tried": "Each was tried, on a copy of the machine.",
    "may.not": "The container's own processes may not mount: for that it takes --privileged or --cap-add SYS_ADMIN.",
    # -- refusals
    "refused": "Refused by {who}; exit status {status}:",
    "refused.client": "the docker client",
    "refused.dockerd": "dockerd",
    "refused.runtime": "the runtime",
    "refused.systemd": "systemctl",
    # -- units
    "unit": "What {unit} says",
    "unit.files": "Read from {files}.",
    "unit.settings": "{settings}",
    "unit.settings.none": "Nothing about mounts.",
    "unit.outdated": "The files have changed since: that counts only after systemctl daemon-reload.",
    "unit.running": "It runs already, so nothing is done; systemctl restart would.",
    "unit.own": "That takes a mount namespace of its own.",
    "unit.shared": "That takes no mount namespace of its own: the unit runs in the host's.",
    "unit.ended": "Its process has ended, and its namespace with it.",
    # -- what cannot be explained
    "form": "explain takes docker run …, systemctl start UNIT or a manifest such as pod.yaml, not {word}",
    "manifest.files": "after a manifest come manifests and options: {word} is neither",
    "manifest.twice": "{word} is given twice: once is enough",
    "sarif": "--format sarif is for manifests: explain --format sarif FILE.yaml",
    "manifest.stdin": "standard input can be the manifest or what --on reads, not both",
    "options.first": "{word} belongs before docker or systemctl: mountlab explain {word} … docker run …",
    "version": "docker {version} is not modelled: 20.10 was recorded; `mountlab quirks` tells what later ones do otherwise",
}

SOURCES: dict[str, str] = {
    "flags": "docker/cli v20.10.24 cli/command/container/opts.go: parse; moby v20.10.24 api/swagger.yaml: HostConfig",
    "points": "moby v20.10.24 volume/mounts/linux_parser.go; daemon/volumes.go: registerMountPoints; daemon/volumes_linux.go: validateBindDaemonRoot",
    "check": "moby v20.10.24 daemon/oci_linux.go: ensureShared, ensureSharedOrSlave",
    "told": "moby v20.10.24 daemon/oci_linux.go: WithMounts; OCI runtime spec v1.0.2 config.md: mounts, config-linux.md: Rootfs Mount Propagation; containerd 1.6.20 hands config.json on as it is",
    "unit": "systemd v252 src/core/execute.c: exec_needs_mount_namespace; systemd.exec(5)",
}
"""Who says what a stage says."""


def say(key: str, **facts: object) -> str:
    """The sentence with its facts."""
    return SENTENCES[key].format(**facts)
