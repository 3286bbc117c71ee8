"""Why a container program, or systemd for a service, makes a system call, and where that is written."""

from __future__ import annotations

from typing import NamedTuple

_TABLE = """
runc.namespace | The container gets a mount namespace of its own: a copy of every mount. | runc v1.1.5 libcontainer/nsenter/nsexec.c
runc.root-propagation | The whole tree becomes slave, or what rootfsPropagation says, before anything is mounted. | runc v1.1.5 rootfs_linux.go: prepareRoot
runc.parent-private | The mount that holds the root becomes private if it is shared, for pivot_root refuses a shared parent. | runc v1.1.5 rootfs_linux.go: rootfsParentMountPrivate
runc.bind-root | The root is bound on itself, so that it is a mount of its own. | runc v1.1.5 rootfs_linux.go: prepareRoot
runc.mount | Mounts are made in the order of the list. | OCI runtime spec v1.0.2 config.md: mounts; runc v1.1.5 rootfs_linux.go: mountToRootfs
runc.mount-propagation | Each word for propagation is one more call, after the mount. | runc v1.1.5 rootfs_linux.go: mountPropagate
runc.remount | A bind ignores ro and its like, so a remount follows. | mount(2); runc v1.1.5 rootfs_linux.go: remount
runc.proc | A container has a /proc. Here it is the machine's own, private and never shown. | OCI runtime spec v1.0.2 config-linux.md: default filesystems
runc.pivot | The new root takes the place of the old one, which lies on top of it for a moment. | pivot_root(2); runc v1.1.5 rootfs_linux.go: pivotRoot
runc.old-root-slave | The old tree becomes slave, so that its end is not told to the host. | runc v1.1.5 rootfs_linux.go: pivotRoot
runc.old-root-gone | The old tree leaves the container. | runc v1.1.5 rootfs_linux.go: pivotRoot
runc.tmpfs-read-only | A tmpfs that is to be read-only becomes so at the end. | runc v1.1.5 rootfs_linux.go: mountPropagate, finalizeRootfs
runc.console | The container's terminal stands at /dev/console. | runc v1.1.5 console_linux.go: mountConsole
runc.read-only-path | A path that is to be read-only is bound on itself, and that bind is remounted. | OCI runtime spec v1.0.2 config-linux.md: readonlyPaths; runc v1.1.5 rootfs_linux.go: readonlyPath
runc.masked-path | A path that is to be hidden gets /dev/null or an empty tmpfs on it. | OCI runtime spec v1.0.2 config-linux.md: maskedPaths; runc v1.1.5 rootfs_linux.go: maskPath
runc.read-only-root | A read-only root is remounted at the end. | runc v1.1.5 rootfs_linux.go: setReadonly
crun.namespace | The container gets a mount namespace of its own: a copy of every mount. | crun 1.8.1 src/libcrun/linux.c: libcrun_run_linux_container
crun.root-propagation | The whole tree becomes private, or what rootfsPropagation says, before anything is mounted. | crun 1.8.1 src/libcrun/linux.c: libcrun_set_mounts
crun.parent-private | The nearest mount at or above the root becomes private, for pivot_root refuses a shared parent. | crun 1.8.1 src/libcrun/linux.c: make_parent_mount_private
crun.mount | Mounts are made in the order of the list; the root comes first, bound on itself. | OCI runtime spec v1.0.2 config.md: mounts; crun 1.8.1 src/libcrun/linux.c: do_mounts, do_mount
crun.mount-propagation | All words for propagation are one more call, after the mount; with rbind it reaches the submounts. | crun 1.8.1 src/libcrun/linux.c: do_mount
crun.remount | Each bind is remounted with its flags, and what is read-only at the end. | crun 1.8.1 src/libcrun/linux.c: do_mount, finalize_mounts
crun.pivot | The new root takes the place of the old one, which lies on top of it for a moment. | pivot_root(2); crun 1.8.1 src/libcrun/linux.c: do_pivot
crun.old-root-private | The old tree becomes private, so that its end is not told to the host. | crun 1.8.1 src/libcrun/linux.c: do_pivot
crun.old-root-gone | The old tree leaves the container; a second call makes sure that nothing is left. | crun 1.8.1 src/libcrun/linux.c: do_pivot
crun.root-propagation-again | The container's own root gets what rootfsPropagation says, so it may be shared. | crun 1.8.1 src/libcrun/linux.c: libcrun_do_pivot_root
podman.storage | The folder of the containers' roots is a private mount, bound on itself. | containers/storage as in podman v4.3.1 drivers/overlay/overlay.go: Init; pkg/mount: MakePrivate
podman.layer | The container's root is an overlay of the image and a folder of its own. | containers/storage as in podman v4.3.1 drivers/overlay/overlay.go: Get
podman.layer-gone | The overlay is unmounted when the container did not start. | containers/storage as in podman v4.3.1 drivers/overlay/overlay.go: Put
docker.data-root | If the data-root is on a mount that is neither shared nor slave, dockerd binds it on itself and makes it shared. | moby v20.10.24 daemon/daemon_linux.go, daemon_unix.go: setupDaemonRootPropagation
docker.layer | The container's root is an overlay of the image and a folder of its own. | moby v20.10.24 daemon/graphdriver/overlay2/overlay.go: Get
docker.layer-gone | The overlay is unmounted when the container has stopped. | moby v20.10.24 daemon/graphdriver/overlay2/overlay.go: Put
docker.volume-driver | A volume with options is a mount of its own while a container uses it. | moby v20.10.24 volume/local/local_unix.go: mount
kubelet.tmpfs | A secret, a token, and an emptyDir in memory are each a tmpfs on the node. | kubernetes v1.33 pkg/volume/emptydir/empty_dir.go: setupTmpfs
kubelet.local | A local volume is bound into the pod's folder. | kubernetes v1.33 pkg/volume/local/local.go: SetUpAt
kubelet.sub-path | A subPath is bound at a place of its own first, so that nobody can put a link in its way. | kubernetes v1.33 pkg/volume/util/subpath/subpath_linux.go: doBindSubPath
kubelet.stand-in | A CSI driver or NFS mounts here; on this machine a tmpfs stands for it. | kubernetes v1.33 pkg/volume/csi/csi_mounter.go, pkg/volume/nfs/nfs.go: SetUpAt
kubelet.root | If the kubelet's folder is on a mount that is not shared, it binds that folder on itself and makes it shared. | kubernetes v1.33 pkg/kubelet/kubelet.go: setupDataDirs; pkg/volume/util/hostutil/hostutil_linux.go: DoMakeRShared
kubelet.volume-gone | When a pod has ended, what was mounted for its volumes is unmounted. | kubernetes v1.33 pkg/volume/emptydir/empty_dir.go: TearDownAt; pkg/volume/local/local.go: TearDownAt
kubelet.sub-path-gone | When a pod has ended, its subPaths are unmounted. | kubernetes v1.33 pkg/volume/util/subpath/subpath_linux.go: doCleanSubPaths
csi.publish | The driver mounts in the namespace of its own container; what is Bidirectional brings it to the node. | CSI specification v1.9: NodePublishVolume; kubernetes v1.33 pkg/volume/csi/csi_mounter.go: SetUpAt
csi.unpublish | The driver unmounts what it has mounted for a pod. | CSI specification v1.9: NodeUnpublishVolume; kubernetes v1.33 pkg/volume/csi/csi_mounter.go: TearDownAt
containerd.root-gone | The overlay is unmounted when the container has ended. | containerd v1.6.20 runtime/v2/runc/container.go: Delete
containerd.root | The container's root is an overlay of the image and a folder of its own. | containerd v1.6.20 snapshots/overlay/overlay.go: mounts
systemd.namespace | The unit has a setting that needs a mount namespace of its own; MountFlags=shared alone is none. | systemd v252 src/core/execute.c: exec_needs_mount_namespace; src/core/namespace.c: setup_namespace
systemd.slave | Nothing that is mounted in the unit's namespace shall show outside, so every mount becomes a slave first. | systemd v252 src/core/namespace.c: setup_namespace; systemd.exec(5): PrivateMounts=
systemd.bind-root | The unit's tree is put together in /run/systemd/unit-root, beside the old one. | systemd v252 src/core/namespace.c: setup_namespace
systemd.clear | What is mounted below a place that is hidden or covered is unmounted first. | systemd v252 src/core/namespace.c: apply_one_mount, mount_tmpfs
systemd.inaccessible | InaccessiblePaths= and ProtectHome=yes bind an empty directory or file over a path. | systemd v252 src/core/namespace.c: apply_one_mount
systemd.bind | BindPaths= and BindReadOnlyPaths= are binds, with what is mounted below unless norbind is given. | systemd v252 src/core/namespace.c: apply_one_mount
systemd.private-tmp | PrivateTmp= binds a folder of the unit's own over /tmp and /var/tmp. | systemd v252 src/core/namespace.c: setup_tmp_dirs, apply_one_mount
systemd.own-mount | A path that shall be read-only, or stay writable, is bound on itself unless it is a mountpoint. | systemd v252 src/core/namespace.c: apply_one_mount
systemd.tmpfs | TemporaryFileSystem= and ProtectHome=tmpfs mount an empty tmpfs. | systemd v252 src/core/namespace.c: mount_tmpfs
systemd.read-only | Read-only is set on the mount and on those below it, by a remount of each. | systemd v252 src/shared/mount-util.c: bind_remount_recursive_with_mountinfo
systemd.noexec | What is inaccessible is also noexec. | systemd v252 src/core/namespace.c: make_noexec
systemd.move-root | The new tree is moved over the old one and becomes the root. | systemd v252 src/shared/mount-util.c: mount_move_root
systemd.mount-flags | At the end MountFlags= is set on every mount, and shared without it: new peer groups, still slaves of the host's. | systemd v252 src/core/namespace.c: setup_namespace; systemd.exec(5): MountFlags=
systemd.incoming | What systemctl bind hands over must not go further, so this mount is no peer. | systemd v252 src/core/namespace.c: setup_namespace
"""  # noqa: E501 - one row each


class Rule(NamedTuple):
    """A reason for a system call."""

    sentence: str
    source: str


RULES = {
    name.strip(): Rule(sentence.strip(), source.strip())
    for name, sentence, source in (row.split(" | ") for row in _TABLE.strip().splitlines())
}
