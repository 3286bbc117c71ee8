"""Why systemd makes a system call for a service, and where that is written."""

from __future__ import annotations

from mountlab.containers.rules import Rule

_TABLE = """
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

RULES = {
    name.strip(): Rule(sentence.strip(), source.strip())
    for name, sentence, source in (row.split(" | ") for row in _TABLE.strip().splitlines())
}
