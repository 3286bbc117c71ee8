"""Every sentence of `explain` about manifests, in one place; those about calls are docker's too.

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
    "amiss.warning": "{place}: warning: {sentence}",
    "amiss.note": "{place}: note: {sentence}",
    "amiss.unprivileged": "Bidirectional at {mount} in a container that is not privileged: the API server refuses it.",
    "cure.unprivileged": "Give this container securityContext: {{privileged: true}}; or HostToContainer, if it shall only see what others mount.",
    "amiss.empty-dir": "Bidirectional on an emptyDir at {mount}: what is mounted there lands in this pod's own folder on the node, where no other pod looks.",
    "cure.empty-dir": "Take a hostPath for mounts that other pods shall see; if only this pod's containers shall, let the one that mounts also unmount before it ends.",
    "amiss.root": "A hostPath of / at {mount}: the container gets the node's whole tree, with every mount below it.",
    "cure.root": "Name the folder that is needed instead of /.",
    "amiss.none-later": "{mount} has mode None: what is mounted below {path} after the container has started is not seen inside.",
    "cure.none-later": "If mounts come later, write mountPropagation: HostToContainer.",
    "amiss.not-shared": "{mode} at {mount}: its source, {source}, is on {mounted_on}, which is not shared: containerd does not create the container.",
    "cure.not-shared": "Before the pod starts, on the node: mount --make-rshared {mounted_on}",
    "cure.of-kubelet": 'The kubelet mounts it, and what is mounted below a shared mount is shared: mount --make-rshared "$(findmnt -n -o TARGET -T {folder})" on the node, before the pod starts.',
    "amiss.slave-only": "{mode} at {mount}: its source, {source}, is on {mounted_on}, a slave that is not shared: what the node itself mounts there is not seen inside, only what comes from the slave's master.",
    "cure.slave-only": "Before the pod starts, on the node: mount --make-shared {mounted_on}",
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
