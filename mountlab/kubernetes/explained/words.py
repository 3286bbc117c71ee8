"""Every sentence of `explain` about manifests, in one place; those about calls are docker's, too.

In braces stand the facts.
"""

# ruff: noqa: E501 - one sentence, one line: the table is read as a table
from __future__ import annotations

SENTENCES: dict[str, str] = {
    "recorded": "containerd {containerd}, runc {runc}, kubectl {kubectl}: what these did was recorded. Kubernetes {kubernetes}: from its source.",
    "pod": "{kind} {namespace}/{name} ({place})",
    "pods.none": "There is no pod in it, and nothing that makes pods.",
    "container": "Container {name} ({place})",
    "container.plain": "It mounts no volume.",
    "container.waits": "It waits: an init container before it did not start.",
    # -- what is written
    "written": "What the manifest says",
    "written.mount": "{place}: mountPath {path}, mountPropagation {mode}",
    "written.mount.silent": "{place}: mountPath {path}, no mountPropagation, which is None",
    "written.volume": "{place}: its volume, {kind}",
    # -- the API server
    "server": "What the API server says",
    "server.none": "{path}: None is for every container.",
    "server.from-host": "{path}: HostToContainer is for every container.",
    "server.both": "{path}: Bidirectional is for privileged containers, and this is one.",
    "admission": "Warning: {text}",
    # -- the kubelet
    "kubelet": "What the kubelet asks of containerd (CRI)",
    "kubelet.mount": "{path}: host_path {source}, readonly {readonly}, propagation {name} = {number}",
    "node": "What the kubelet mounts on the node first",
    # -- containerd
    "containerd": "What containerd looks up on the node",
    "containerd.none": "{path}: nothing is looked up for that.",
    "told": "What runc is told (config.json)",
    "root": "ROOT is the container's root on the node: {root}",
    "result": "What comes of it",
    # -- refusals
    "refused": "Refused by {who}:",
    "refused.server": "the API server",
    "refused.scheduler": "the scheduler",
    "refused.kubelet": "the kubelet",
    "refused.containerd": "containerd",
    "refused.runc": "runc",
    "claim.hint": "write the claim and its PersistentVolume into the same file",
    "host-path.hint": "prepare the node with --on: a transcript or a snapshot",
    # -- what is amiss
    "amiss": "Warnings and notes",
    "amiss.none": "Nothing is amiss.",
    "amiss.warning": "{place}: warning: {sentence} [{rule}]",
    "amiss.note": "{place}: note: {sentence} [{rule}]",
    "amiss.unprivileged": "Bidirectional at {mount} in a container that is not privileged: the API server refuses it.",
    "cure.unprivileged": "Give this container securityContext: {{privileged: true}}; or HostToContainer, if it shall only see what others mount.",
    "amiss.empty-dir": "Bidirectional on an emptyDir at {mount}: what is mounted there lands in this pod's own folder on the node, where no other pod looks.",
    "cure.empty-dir": "Take a hostPath for mounts that other pods shall see; if only this pod's containers shall, let the one that mounts also unmount before it ends.",
    "amiss.root": "A hostPath of / at {mount}: the container gets the node's whole tree, with every mount below it.",
    "cure.root": "Name the folder that is needed instead of /.",
    "amiss.none-later": "{mount} has mode None, but {who} mounts below {path} with Bidirectional: what it mounts after this container has started is not seen here.",
    "cure.none-later": "Write mountPropagation: HostToContainer.",
    "amiss.none-maybe": "{mount} has mode None: what is mounted below {path} after the container has started is not seen inside.",
    "cure.none-maybe": "If mounts come later, write mountPropagation: HostToContainer.",
    "amiss.made-early": "{mount} has mode None, and nothing is mounted at {path} yet: the kubelet makes an empty folder, and what is mounted on it later is not seen inside.",
    "cure.made-early": "Write mountPropagation: HostToContainer; or mount it before the pod starts.",
    "amiss.left-behind": "Bidirectional at {mount}: the container mounts and never unmounts. Its mounts stay on the node when it ends; below an emptyDir they keep the pod Terminating.",
    "cure.left-behind": "Unmount before the end: lifecycle: {{preStop: {{exec: {{command: [umount, PATH]}}}}}}.",
    "amiss.sub-path": "{mode} with subPath {below} at {mount}: the kubelet binds that folder without what is already mounted below it, so mounts of before the start are not seen inside.",
    "cure.sub-path": "Mount the whole volume without subPath, and use its folder {below}.",
    "amiss.read-only-shallow": "readOnly at {mount} is for {path} alone: {below} is a mount of its own, and stays writable inside.",
    "cure.read-only-shallow": "Give {below} a volume and a readOnly mount of its own, below {mount}; or write recursiveReadOnly: Enabled (Kubernetes 1.33 with a runtime that can).",
    "amiss.no-effect": "{mode} at {mount} has no effect: nobody mounts anything in a volume of kind {kind}.",
    "cure.no-effect": "Leave mountPropagation out.",
    "amiss.given-twice": "{field} is given twice: the last one counts.",
    "cure.given-twice": "Keep one of them.",
    "amiss.not-shared": "{mode} at {mount}: its source, {source}, is on {mounted_on}, which is not shared: containerd does not create the container.",
    "cure.not-shared": "Before the pod starts, on the node: mount --make-rshared {mounted_on}",
    "cure.of-kubelet": 'The kubelet mounts it, and what is mounted below a shared mount is shared: mount --make-rshared "$(findmnt -n -o TARGET -T {folder})" on the node, before the pod starts.',
    "amiss.slave-only": "{mode} at {mount}: its source, {source}, is on {mounted_on}, a slave that is not shared: what the node itself mounts there is not seen inside, only what comes from the slave's master.",
    "cure.slave-only": "Before the pod starts, on the node: mount --make-shared {mounted_on}",
    # -- what no runtime here was run with
    "not-run.users": "{place}: hostUsers: false: from source, not run: the pod gets a user namespace of its own; here it is started without.",
    "not-run.recursive": "{place}: recursiveReadOnly {mode}: from source, not run: containerd {containerd} does not know it.",
    # -- who sees whose mounts
    "table": "Who sees whose mounts",
    "table.tried": "This was tried: each row's maker mounted something new there, and all tables were read.",
    "table.may-not": "Mount nothing, as they have no CAP_SYS_ADMIN: {names}.",
    "table.may-not.one": "Mounts nothing, as it has no CAP_SYS_ADMIN: {names}.",
    "table.key": "{number} is {name}",
    "table.corner": "what is mounted by … below …",
    "table.row": "{maker} {folder}",
    "table.own": "(own)",
    "table.yes": "yes",
    "table.no": "-",
    # -- what a rule is about, and what helps, for lists of rules
    "rule.unreadable": "kubectl cannot read it.",
    "rule.refused-server": "The API server refuses it.",
    "rule.refused-scheduler": "The pod finds no node.",
    "rule.refused-kubelet": "The kubelet cannot make the pod's volumes.",
    "rule.refused-containerd": "containerd does not create the container.",
    "rule.refused-runc": "runc does not start the container.",
    "rule.unprivileged": "Bidirectional in a container that is not privileged.",
    "rule.empty-dir": "Bidirectional on an emptyDir.",
    "rule.root": "A hostPath of /.",
    "rule.none-later": "Mode None where another container mounts later.",
    "rule.none-maybe": "Mode None where mounts usually come later.",
    "rule.not-shared": "The mode needs a shared source, and the node's is not shared.",
    "rule.slave-only": "The source is a slave that is not shared.",
    "rule.left-behind": "Bidirectional, and no unmount at the end.",
    "rule.sub-path": "A subPath with propagation.",
    "rule.read-only-shallow": "readOnly does not cover the mounts below.",
    "rule.made-early": "DirectoryOrCreate with mode None on a path that is mounted later.",
    "rule.no-effect": "Propagation on a volume in which nobody mounts.",
    "rule.given-twice": "Something is given twice.",
    "help.unreadable": "Mend the manifest at that line.",
    "help.refused-server": "Mend the field that the API server names.",
    "help.refused-scheduler": "Write the claim and its PersistentVolume into the same files.",
    "help.refused-kubelet": "Prepare the node with --on, or change the volume.",
    "help.refused-containerd": "Make the source shared on the node, before the pod starts.",
    "help.refused-runc": "Change the mount that runc names.",
    "help.unprivileged": "Make the container privileged, or take HostToContainer.",
    "help.empty-dir": "Take a hostPath for mounts that other pods shall see; else unmount before the end.",
    "help.root": "Name the folder that is needed.",
    "help.none-later": "Write mountPropagation: HostToContainer.",
    "help.none-maybe": "Write mountPropagation: HostToContainer if mounts come later.",
    "help.not-shared": "On the node, before the pod starts: mount --make-rshared.",
    "help.slave-only": "On the node, before the pod starts: mount --make-shared.",
    "help.left-behind": "Unmount in a preStop hook.",
    "help.sub-path": "Mount the whole volume without subPath.",
    "help.read-only-shallow": "Give the mount below a readOnly entry of its own.",
    "help.made-early": "Write mountPropagation: HostToContainer, or mount it first.",
    "help.no-effect": "Leave mountPropagation out.",
    "help.given-twice": "Keep one of them.",
}

SOURCES: dict[str, str] = {
    "server": "kubernetes v1.33 pkg/apis/core/validation/validation.go: validateMountPropagation",
    "kubelet": "kubernetes v1.33 pkg/kubelet/kubelet_pods.go: makeMounts, translateMountPropagation; cri-api v1 runtime/v1/api.proto",
    "containerd": "containerd v1.6.20 pkg/cri/opts/spec_linux.go: WithMounts, ensureShared, ensureSharedOrSlave",
}
"""Who says what a stage says."""


def say(key: str, **facts: object) -> str:
    """The sentence with its facts."""
    return SENTENCES[key].format(**facts)
