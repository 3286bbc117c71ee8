"""Every rule of the engine: its id, one sentence, and where it comes from.

An event or a refusal carries a rule's id; here stands what it means.  "source" names the kernel
function (Linux 6.18), the man page, or the section of Documentation/filesystems/sharedsubtree.rst.
"""

# ruff: noqa: E501 - one rule, one line: the table is read as a table
from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """What a rule says, and who says so."""

    sentence: str
    source: str


_TABLE = """
attach.shared | What is attached to a shared mount becomes shared itself. | sharedsubtree.rst 5a; attach_recursive_mnt
bind | A bind mount shows the same directory or file at a second place and joins the source's peer group, if it has one. | sharedsubtree.rst 5a; do_loopback, clone_mnt
bind.locked | A plain bind must not uncover what a locked mount hides. | mount_namespaces(7); __do_loopback
bind.namespace | Where the file of a mount namespace is bound, it holds that namespace: it lives as long as the mount. | mount_namespaces(7), namespaces(7); fs/nsfs.c
bind.namespace-loop | The file of a mount namespace is bound in older namespaces only: so no two can hold each other. | mnt_ns_loop
bind.source | A bind mount needs a source path. | mount(2); do_loopback
bind.unbindable | An unbindable mount cannot be bound, and a recursive bind leaves it out. | sharedsubtree.rst 5a; __do_loopback, copy_tree
file | A file or directory was made or changed. | open(2), mkdir(2)
file.deleted-directory | Nothing can be made in a directory that was removed. | mkdir(2)
file.dots | A path that ends in a dot, two dots or nothing names nothing that could be removed. | rmdir(2)
file.exdev | A rename stays within one mount. | rename(2)
file.exists | The name is taken. | mkdir(2)
file.isdir | A directory is not a file. | open(2), unlink(2)
file.mountpoint | A mountpoint of the caller's own namespace cannot be removed or renamed. | rmdir(2); vfs_rmdir, is_local_mountpoint
file.namespace | The file of a namespace can be neither read nor written. | fs/nsfs.c
file.notempty | Only an empty directory can be removed. | rmdir(2)
file.proc | /proc holds what the kernel puts there. | proc(5)
file.readonly-filesystem | Nothing can be written to a read-only filesystem. | mnt_want_write
file.readonly-mount | Nothing can be written through a read-only mount. | mnt_want_write
fuse.ended | The process that served this filesystem has ended; the mount stays. | fuse(4); fs/fuse/dev.c: fuse_abort_conn
fuse.unserved | Nobody serves this filesystem any more: nothing in it can be reached. | fuse(4); fs/fuse/dev.c: fuse_get_req
list.order | Before Linux 6.8, of several copies made at once the last came first in mountinfo. | fs/namespace.c: commit_tree
make.detached | A detached mount has no propagation to change. | may_change_propagation
make.notmount | Propagation belongs to a mount, not to a directory. | do_change_type
make.private | A private mount sends nothing and receives nothing. | sharedsubtree.rst 5d; change_mnt_propagation
make.shared | A shared mount is in a peer group: its members tell each other of mounts and umounts. | sharedsubtree.rst 3a; change_mnt_propagation
make.slave | A slave receives from its master and sends nothing back; a slave of nobody is private. | sharedsubtree.rst 3b, 5d; change_mnt_propagation
make.unbindable | An unbindable mount is private and cannot be bound. | sharedsubtree.rst 3d; change_mnt_propagation
make.words | One call takes one of shared, slave, private, unbindable. | mount(2); flags_to_propagation_type
master.gone | A slave whose master group ends, with no master above, is private. | sharedsubtree.rst 5d; transfer_propagation
master.passed | When a master leaves its group, its slaves pass to a peer of it, else to its own master. | sharedsubtree.rst 5d; transfer_propagation
mount.deleted | What was removed cannot be attached again, though a mount may still show it. | attach_recursive_mnt, get_mountpoint
mount.foreign | A process changes the mounts of its own namespace only. | check_mnt
mount.gone | Nothing can be mounted on what was removed or detached. | do_lock_mount
mount.kind | A directory mounts on a directory, a file on a file. | mount(2); graft_tree
mount.max | A namespace holds no more mounts than fs.mount-max says. | proc(5); count_mounts
mount.new | A new filesystem covers the mountpoint; what was there is hidden until it goes. | mount(2); do_new_mount
mount.option | The filesystem does not know that option. | mount(2)
mount.permission | Mounting needs CAP_SYS_ADMIN in the user namespace that owns the mount namespace. | user_namespaces(7); may_mount
mount.same | The same filesystem is not mounted twice on the same place. | mount(2); do_add_mount
mount.same-device | A device that is mounted has one of ro and rw for all. | mount(2); get_tree_bdev
mount.type | The kernel must know the filesystem type. | mount(2); get_fs_type
mount.userns | Only harmless filesystem types may be mounted from a user namespace. | user_namespaces(7); mount_capable
move | A mount moves with all below it, and nothing is told to where it was. | sharedsubtree.rst 5b; do_move_mount
move.kind | A directory moves onto a directory, a file onto a file. | do_move_mount
move.locked | A locked mount, and the root of all, stays where it is. | mount_namespaces(7); do_move_mount
move.loop | A mount cannot move below itself. | mount(2); do_move_mount
move.notmount | Only a mount can be moved. | do_move_mount
move.shared-parent | A mount that stands on a shared mount cannot be moved. | sharedsubtree.rst 5b; do_move_mount
move.source | A move needs a source path. | do_move_mount_old
move.unbindable | A tree with an unbindable mount does not move onto a shared mount. | sharedsubtree.rst 5b; do_move_mount
overlay.upper | What is written in an overlay goes to its upper directory; for what is removed from a lower one, a mark. | Documentation/filesystems/overlayfs.rst: Upper and Lower, whiteouts and opaque directories
overlay.copy | An overlay keeps a private copy of each layer's mount: that must be in this namespace, and not unbindable. | fs/namespace.c: clone_private_mount
overlay.layers | An overlay needs a lower directory and both of upper (writable) and work directory, or two lower ones. | Documentation/filesystems/overlayfs.rst; fs/overlayfs/super.c: ovl_fill_super
namespace.end | A mount namespace ends with its last holder; that umount is told to nobody. | mount_namespaces(7); put_mnt_ns
path.long | A name has at most 255 bytes, a path 4095. | path_resolution(7)
path.missing | No such file or directory. | path_resolution(7)
path.notdir | Only a directory can be walked through. | path_resolution(7)
pivot | The new root takes the place of the old, and every process whose root or working directory was the old root follows. | pivot_root(2)
pivot.absolute | The root of all cannot be pivoted. | pivot_root(2); path_pivot_root
pivot.gone | The new root was removed. | path_pivot_root
pivot.locked | A locked mount stays where it is. | path_pivot_root
pivot.notmount | The present root and the new root must be mounts. | pivot_root(2)
pivot.permission | pivot_root needs CAP_SYS_ADMIN in the user namespace that owns the mount namespace. | pivot_root(2)
pivot.same | New root and old root must be different mounts. | pivot_root(2)
pivot.shared | pivot_root tells nobody, so none of the parents involved may be shared. | pivot_root(2); path_pivot_root
pivot.unreachable | The place for the old root lies below the new root. | pivot_root(2)
process | A process began, moved or ended. | namespaces(7)
process.capset | The process gave up the right to mount. | capabilities(7)
process.chdir | The working directory changed. | chdir(2)
process.chroot | The root directory changed; the mounts did not. | chroot(2)
process.exec | Who is nobody in a user namespace loses the capabilities there when a program starts. | capabilities(7)
propagate.group | What is mounted is told to the own peer group and to those that listen to it, and to no other group. | sharedsubtree.rst 3a; propagation_next
propagate.namespace | The file of a mount namespace is told to nobody: alone it cannot be put where others listen, in a tree their copies are without it. | copy_tree, propagate_mnt
propagate.outside | The mountpoint lies outside what this mount shows, so it receives nothing. | need_secondary
propagate.peer | What is mounted on one peer is mounted on every peer. | sharedsubtree.rst 3a; propagate_mnt
propagate.self | A new mount receives no copy of itself, though it may be a peer of the mount on which it was put. | fs/pnode.c: need_secondary
propagate.slave | What is mounted on the master is mounted on the slave, as a slave of what was mounted there. | sharedsubtree.rst 3b; propagate_mnt
propagate.tuck | A copy that comes to an occupied mountpoint slips beneath the mount that is there. | attach_recursive_mnt, mnt_change_mountpoint
rbind | A recursive bind copies the tree of mounts, but for unbindable ones. | sharedsubtree.rst 5a; copy_tree
remount.bind | remount,bind changes the flags of one mount; that is told to nobody. | mount(2); do_reconfigure_mnt
remount.locked | Flags that a more privileged namespace set stay set. | mount_namespaces(7); can_change_locked_flags
remount.notmount | Only a mount can be remounted. | do_remount
remount.permission | A filesystem is changed by who owns it. | do_remount
remount.removed | A filesystem cannot become read-only while something removed from it is still in use. | mount(2); sb_prepare_remount_readonly
remount.superblock | A remount changes the filesystem, for all its mounts everywhere. | mount(2); do_remount
setns | A process that enters a mount namespace finds itself at the top of what is mounted on its root. | setns(2); mntns_install
setns.access | Namespaces are reached through a process, and a process reaches none that is more privileged. | ptrace(2); cap_ptrace_access_check
setns.file | Only the file of a namespace leads into one. | setns(2)
setns.permission | Entering needs CAP_SYS_ADMIN over the namespace and in one's own user namespace. | setns(2); mntns_install
setns.same-user | A process cannot enter the user namespace that it is in. | setns(2)
setns.user | A process that enters a user namespace holds all capabilities there. | user_namespaces(7)
umount | A mount leaves its mountpoint, and what it covered is seen again. | umount(2); umount_tree
umount.busy | A mount that carries others, or in which a process stands, is busy; its copies count too. | umount(2); propagate_mount_busy
umount.flags | umount2 knows MNT_FORCE, MNT_DETACH and UMOUNT_NOFOLLOW here. | umount(2)
umount.freed | A detached mount ceases to exist when nobody holds it any more. | mntput
umount.locked | A locked mount is not unmounted alone. | mount_namespaces(7); can_umount
umount.notmount | Only a mount can be unmounted. | can_umount
umount.permission | Unmounting needs CAP_SYS_ADMIN in the user namespace that owns the mount namespace. | umount(2); may_mount
umount.propagate | The mount on the same mountpoint of every receiver goes too. | sharedsubtree.rst 5f; propagate_umount
umount.root | A process that unmounts its own root makes that filesystem read-only. | do_umount_root
umount.slide | What lies on top of a copy that goes slides down to the mountpoint. | propagate_umount.txt; reparent
umount.unlock | Where a mount was told of, its umount is told too: the copy is unlocked. | propagate_mount_unlock
unshare | A new mount namespace is a copy of the old; the copies are peers of what they were copied from. | mount_namespaces(7); copy_mnt_ns
unshare.chrooted | Who sees only a part of the mount namespace gets no user namespace: it would be a way out. | user_namespaces(7); create_user_ns, current_chrooted
unshare.namespace | A new mount namespace gets no mounts of the files of mount namespaces. | copy_mnt_ns, copy_tree
unshare.permission | A mount namespace is made by an administrator of the user namespace. | unshare(2)
unshare.slave | In a less privileged namespace a shared mount becomes a slave. | mount_namespaces(7); copy_mnt_ns
unshare.user | Whoever makes a user namespace holds all capabilities in it. | user_namespaces(7)
userns.locked | What comes from a more privileged namespace is locked: as a whole it may go, a part may not. | mount_namespaces(7); lock_mnt_tree
"""

RULES: dict[str, Rule] = {}
for _line in _TABLE.strip().splitlines():
    _name, _sentence, _source = (_part.strip() for _part in _line.split(" | "))
    RULES[_name] = Rule(_sentence, _source)
