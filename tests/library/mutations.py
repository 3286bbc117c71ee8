"""The mutations: every rule of the engine switched off, and the transcript that notices.

`LEFT_OUT` does so to whatever can be left out: no refusal, event or check that names the rule is made.
`EDITS` turn one decision round each: rule and wrong engine, function and killing transcript, what the
code says (``-``), what it says then (``+``).
"""

from __future__ import annotations

from tests.library.mutants import Edit

NOT_REACHED = {
    "bind.source": "mount(8) makes no bind without a source",
    "file.exdev": "no program of the language renames from one directory to another",
    "list.order": "only older kernels have it: quirk-list-order, with --kernel",
    "make.words": "mount(8) makes one system call for each word",
    "move.source": "mount(8) makes no move without a source",
    "pivot.absolute": "under every root that a terminal can have there is another mount",
    "pivot.gone": "a removed root holds no directory for the old root: that is looked up first",
    "process": "nothing is decided: processes come and go",
    "propagate.group": "nothing is decided: other groups are never looked at; explanations name it",
    "propagate.self": "in the engine it is part of the walk, and has no name there; explanations name it",
    "setns.access": "nsenter(1) cannot even open the namespace's file, and gives up before the system call",
    "umount.flags": "umount(8) knows its flags",
}
"""Rules that no transcript can break; their reasons."""

HANGS = {"pivot.unreachable"}
"""Without this refusal mounts form a ring, and no walk to the root ends: that is how it is noticed."""

_LEFT_OUT = """
bind                     | clinic-09-bind-or-rbind
bind.namespace-loop      | rule-namespace-file-older
bind.locked              | rule-bind-locked
bind.unbindable          | subtree-unbindable
file                     | clinic-24-undeletable-volume
file.deleted-directory   | rule-deleted-directory
file.dots                | rule-files
file.exists              | rule-files
file.isdir               | rule-files
file.mountpoint          | man-removed-mountpoint
file.namespace           | rule-namespace-file-made
file.notempty            | rule-files
file.proc                | rule-file-proc
file.readonly-filesystem | fact-05-umount-of-root-is-for-everybody
file.readonly-mount      | fact-12-remount-is-not-told
fuse.ended               | rule-fuse-server-gone
fuse.unserved            | rule-fuse-server-gone
make.detached            | rule-make-detached
make.notmount            | clinic-07-not-a-mountpoint
make.private             | subtree-states
make.shared              | man-transitions
make.slave               | man-slave
mount.deleted            | rule-mount-deleted
mount.foreign            | rule-detached-is-foreign
mount.gone               | rule-detached-is-foreign
mount.kind               | rule-mount-kind
mount.option             | rule-new-filesystem
mount.permission         | rule-administrators-only
mount.same               | rule-device-shared
mount.same-device        | rule-device-shared
mount.type               | rule-new-filesystem
mount.userns             | rule-device-in-a-user-namespace
move.kind                | rule-mount-kind
move.locked              | fact-14-less-privileged
move.loop                | fact-08-move-root
move.notmount            | rule-mount-kind
move.shared-parent       | fact-08-refused-moves
move.unbindable          | fact-08-refused-moves
overlay.copy             | rule-overlay-copy
overlay.layers           | rule-overlay-layers
overlay.upper            | rule-overlay-upper
path.long                | rule-paths
path.notdir              | rule-paths
pivot                    | rule-pivot-root
pivot.locked             | rule-pivot-locked
pivot.notmount           | rule-pivot-root
pivot.permission         | rule-administrators-only
pivot.same               | fact-08-pivot-root
pivot.shared             | fact-08-pivot-root
pivot.unreachable        | rule-pivot-root
propagate.namespace      | rule-namespace-file-told
process.capset           | article-docker-capabilities
process.chdir            | rule-busy-copy
process.chroot           | rule-unshare-chrooted
process.exec             | rule-nobody-has-no-rights
rbind                    | clinic-09-bind-or-rbind
remount.locked           | man-locked-flags
remount.notmount         | rule-remount
remount.permission       | rule-remount-permission
remount.removed          | rule-remount
setns                    | fact-06-two-views-of-a-namespace
setns.file               | rule-namespace-file-made
setns.permission         | rule-setns
setns.same-user          | rule-setns
setns.user               | rule-setns
umount                   | rule-umount-frees-locked
umount.busy              | rule-busy-self
umount.freed             | rule-umount-frees-locked
umount.locked            | man-locked
umount.notmount          | rule-umount-notmount
umount.permission        | rule-administrators-only
umount.root              | fact-05-umount-of-root-is-for-everybody
umount.unlock            | rule-umount-unlocks
unshare                  | man-isolation
unshare.chrooted         | rule-unshare-chrooted
unshare.permission       | rule-nobody-has-no-rights
"""
LEFT_OUT: dict[str, str] = {}
for _line in _LEFT_OUT.strip().splitlines():
    _rule, _, _killer = _line.partition("|")
    LEFT_OUT[_rule.strip()] = _killer.strip()

_EDITS = """
attach.shared | what is attached to a shared mount stays what it was
    propagation.Copier.__init__ | man-shared-private
    - share_tree(rec, source, "attach.shared")
    + set()
bind | a bind does not join the peer group of its source
    propagation.copy_of | subtree-bind-joins
    - group, master = old.peer_group, old.master
    + group, master = 0, old.master
bind | a bind of a slave is no slave
    propagation.copy_of | fact-01-one-cell
    - group, master = old.peer_group, old.master
    + group, master = old.peer_group, 0
bind.unbindable | rbind copies unbindable mounts too
    propagation._add_branch | subtree-faq-unbindable
    - if row.unbindable and not for_namespace:
    + if False:
bind.unbindable | the copy of an unbindable mount is unbindable
    propagation.copy_of | fact-10-unbindable-is-not-inherited
    - and "unbindable-copied" in vfs.quirks
    + and True
rbind | rbind copies the first mount only
    attach.bind | clinic-09-bind-or-rbind
    - shape = tree_shape(vfs, origin.mount, origin.dentry)
    + shape = [Branch(origin.mount, -1, origin.dentry)]
make.unbindable | make-unbindable makes private only
    change.set_propagation | subtree-states
    - rec(UnbindableChanged(mount_id, kind == MS_UNBINDABLE))
    + pass
make.shared | make-rshared takes the first mount only
    change.change_type | article-make-r
    - list(vfs.subtree(at.mount)) if flags & MS_REC else
    + [at.mount] if flags & MS_REC else
make.slave | a slave of nobody stays shared
    change.set_propagation | fact-11-last-of-a-group
    - if vfs.mounts[mount_id].peer_group:
    + if vfs.mounts[mount_id].peer_group and (heir or vfs.next_peer.get(mount_id)):
master.gone | the last peer's slaves keep their master
    unmount.hand_over_slaves | fact-11-last-of-a-group
    - slaves = vfs.slaves(mount)
    + slaves = vfs.slaves(mount) if heir else []
master.passed | slaves of a mount that leaves become private
    unmount.hand_over_slaves | fact-11-masters-that-vanish
    - rec(MasterChanged(slave, heir, rule))
    + rec(MasterChanged(slave, None, rule))
mount.new | a new filesystem is not attached
    attach.new | man-new-mount
    - rec(Mounted(row))
    + return
mount.new | a mount goes below what stands on the mountpoint
    checks.lock_mount | rule-mount-below-a-covered-root
    - top = follow_mounts(vfs, *path)
    + top = path
mount.max | copies beyond the limit are left out, and nobody is told
    propagation.Copier._copy | rule-mount-max
    - raise no_space()
    + return original
move | a move leaves the mount where it was
    attach.move | fact-09-order-of-creation
    - rec(Moved(origin.mount, dest.mount, dest.dentry, vfs.counters["mount"]))
    + pass
move | a moved mount receives nothing of its own arrival
    propagation.Copier._propagate | subtree-quiz-a
    - fresh = set() if moving else set(self.source)
    + fresh = set(self.source)
namespace.end | the end of a namespace propagates
    unmount.end_unused_namespace | man-namespace-end
    - propagate=False
    + propagate=True
namespace.end | a namespace stays when its last process is gone
    unmount.end_unused_namespace | man-namespace-end
    - if any(
    + if True or any(
namespace.end | a mount of its file does not hold a namespace
    unmount._is_bound | rule-namespace-file
    - any(row.root == file for row in vfs.mounts.values())
    + False
namespace.end | a namespace does not end with the last mount of its file
    unmount.free_unused | rule-namespace-file
    - end_unused_namespace(rec, held)
    + pass
bind.namespace | the file from /proc is not mounted
    attach._bind_namespace | rule-namespace-file
    - rec(Mounted(row, "bind.namespace"))
    + return
bind.namespace-loop | only the namespace itself is too old
    nsfs.require_newer | rule-namespace-file-older
    - if task.namespace >= namespace:
    + if task.namespace == namespace:
bind.namespace-loop | a bound file may be bound in the namespace that it stands for
    attach.bind | rule-namespace-file-older
    - require_newer(task, held)
    + pass
propagate.namespace | a tree's copies have the file too
    propagation._told_part | rule-namespace-file-told
    - not (index and is_namespace_file(vfs, vfs.mounts[source[index]].root))
    + True
unshare.namespace | a new namespace gets the files of namespaces
    propagation._add_branch | rule-namespace-file-copied
    - if for_namespace and is_namespace_file(vfs, row.root):
    + if False:
unshare.namespace | a recursive bind leaves them out as well
    propagation._add_branch | rule-namespace-file-copied
    - if for_namespace and is_namespace_file(vfs, row.root):
    + if is_namespace_file(vfs, row.root):
path.missing | a name that is not there leads to the directory itself
    resolve._walk | rule-paths
    - raise _enoent(path)
    + return VfsPath(mount, dentry)
propagate.peer | peers receive nothing
    propagation.Copier._propagate | subtree-shared
    - in group[0 if slave else 1 :]:
    + in group[:1] if slave else []:
propagate.slave | slaves receive nothing
    propagation.Copier._propagate | subtree-slave
    - enumerate(list(peer_groups(vfs, dest)))
    + enumerate(list(peer_groups(vfs, dest))[:1])
propagate.outside | what lies outside of a receiver's root lands on that root
    propagation.Copier._propagate | fact-04-quiz-c-middle
    - self.rec(Skipped(receiver, "propagate.outside"))
    + self._copy(last, receiver, vfs.mounts[receiver].root, slave, shared)
propagate.outside | propagation ends at the first mount that does not show the mountpoint
    propagation.Copier._propagate | subtree-quiz-c
    - self.rec(Skipped(receiver, "propagate.outside"))
    - continue
    + return
propagate.slave | the slave of a slave gets no copy
    propagation.peer_groups | fact-04-quiz-c-middle
    - stack.append(
    + len(stack) > 1 or stack.append(
propagate.slave | the copy on a slave is a peer, not a slave
    propagation.Copier._propagate | subtree-slave
    - slave = number > 0
    + slave = False
propagate.slave | a copy listens to the copy made last, not to its master's
    propagation.Copier._master_copy | rule-masters-of-copies
    - while group_of[last].peer_group != original_group:
    + while False:
propagate.slave | a copy on a shared slave is not shared
    propagation.copy_of | rule-masters-of-copies
    - if shared and not group:
    + if False:
propagate.tuck | a copy is put on top of what is there
    propagation.Copier._tuck | fact-03-tucked-beneath
    - rec(Tucked(before, vfs.topmost(copy), vfs.counters["mount"]))
    + rec(Tucked(copy, vfs.topmost(before), vfs.counters["mount"]))
    + vfs.put(vfs.kids[vfs.mounts[before].parent_id], vfs.mounts[before].mountpoint, before)
remount.bind | remount,bind is told to the peers
    change.reconfigure_mount | fact-12-remount-is-not-told
    - rec(FlagsChanged(at.mount, wanted))
    + [rec(FlagsChanged(m, wanted)) for m in rec.vfs.ring(at.mount)]
remount.bind | remount,bind changes nothing
    change.reconfigure_mount | fact-12-remount-is-not-told
    - rec(FlagsChanged(at.mount, wanted))
    + pass
remount.superblock | a remount does not touch the filesystem
    change.reconfigure_filesystem | fact-12-remount-is-not-told
    - rec(FilesystemChanged(changed))
    + pass
umount | umount leaves the mount where it is
    unmount.umount_tree | subtree-slave
    - rec(Detached(mount, stuck))
    + pass
umount.busy | a process in a copy does not count
    unmount.is_busy | rule-busy-copy
    - for receiver in receiving_mounts(vfs, row.parent_id):
    + for receiver in ():
umount.busy | a process inside does not count
    unmount.is_busy | rule-busy-self
    - if vfs.kids.get(mount) or vfs.pins.get(mount):
    + if vfs.kids.get(mount):
umount.busy | a mount below does not count
    unmount.is_busy | subtree-umount-refused
    - if vfs.kids.get(mount) or vfs.pins.get(mount):
    + if vfs.pins.get(mount):
umount.freed | a detached mount exists for ever
    unmount.free_unused | rule-umount-frees
    - rec(Freed(mount))
    + pass
umount.propagate | umount does not propagate
    unmount.umount_tree | man-slave
    - going += _Propagation(rec, going).run()
    + pass
umount.propagate | a copy that carries a mount goes as well
    unmount._Propagation._trim | subtree-umount
    - if any(child != above for child in obstacles):
    + if False:
umount.slide | an overmounted copy stays
    unmount._Propagation._trim | fact-02-umount-takes-what-sits-there
    - if any(child != above for child in obstacles):
    + if obstacles:
unshare | the copies in a new namespace are private
    processes._copy_namespace | man-shared-private
    - number, foreign, False, index > 0)
    + number, foreign, False, index > 0)._replace(peer_group=0, master=0)
unshare.slave | in a less privileged namespace shared stays shared
    processes._copy_namespace | fact-14-less-privileged
    - number, foreign, False
    + number, False, False
unshare.user | who makes a user namespace has no rights in it
    processes.unshare | man-locked-tree
    - capable=True
    + capable=False
userns.locked | copies in a less privileged namespace are not locked
    propagation.locked_row | man-locked
    - locked=row.locked or not is_top
    + locked=row.locked
userns.locked | their flags are not locked
    propagation.locked_row | man-locked-flags
    - flags = row.locked_flags | (row.flags & LOCKABLE) | ATIME_FLAGS
    + flags = row.locked_flags
userns.locked | the top of a tree that propagates is locked too
    propagation.locked_row | rule-umount-frees-locked
    - locked=row.locked or not is_top
    + locked=True
"""

EDITS: list[tuple[Edit, str]] = []


def _read(block: list[str]) -> tuple[Edit, str]:
    rule, what = block[0].split(" | ")
    where, killer = block[1].strip().split(" | ")
    old, new = ("\n".join(line[6:] for line in block[2:] if line[4] == mark) for mark in "-+")
    return Edit(rule, what, where, old, new), killer


_block: list[str] = []
for _line in [*_EDITS.strip().splitlines(), "end"]:
    if not _line.startswith(" ") and _block:
        EDITS.append(_read(_block))
        _block = []
    _block.append(_line)
