"""The overlay filesystem: one tree put together from several directories, as it is when it is mounted.

What is written there goes to the upper directory (`mountlab.copyup`).  Changes made below after the mount,
of which Linux says nothing for certain, are not shown above.
"""

from __future__ import annotations

from mountlab.copyup import OPAQUE, WHITEOUT, is_read_only
from mountlab.errors import MountError
from mountlab.events import FilesystemCreated
from mountlab.model import MS_RDONLY, Dentry, Filesystem, Mount, Task, Vfs
from mountlab.resolve import resolve_dir

_WORDS = ("lowerdir", "upperdir", "workdir")


def overlay(vfs: Vfs, task: Task, source: str, data: str, read_only: bool) -> FilesystemCreated:
    """A new instance that holds what its layers hold, the upper one first (ovl_fill_super).

    Raises:
        MountError: EINVAL for a word that is not simulated, for layers that do not make sense or whose
            mounts may not be copied; ENOENT or ENOTDIR for a layer that is not there.
    """
    options = dict(_split(word) for word in data.split(",") if word)
    lower = [resolve_dir(vfs, task, path) for path in options.get("lowerdir", "").split(":") if path]
    upper = [resolve_dir(vfs, task, options[key]) for key in ("upperdir", "workdir") if key in options]
    if not lower or len(upper) == 1 or (not upper and len(lower) == 1):
        raise MountError(
            "EINVAL", "overlay.layers", "an overlay needs lowerdir= and both of upperdir= and workdir=,"
            " or at least two lower directories",
        )  # fmt: skip
    for layer in upper[:1]:
        mount = vfs.mounts[layer.mount]
        if mount.flags & MS_RDONLY or is_read_only(vfs, mount.fs):
            raise MountError("EINVAL", "overlay.layers", "the upper directory cannot be written to")
    number, first = vfs.counters["fs"], vfs.counters["dentry"]
    layers = [*upper[:1], *lower]
    for layer in layers:
        _require_copy(task, vfs.mounts[layer.mount])
    top = vfs.dentries[layers[0].dentry]
    root = top._replace(id=first, fs=number, parent=first, name="", unlinked=False)
    contents: list[Dentry] = []
    _merge(vfs, [layer.dentry for layer in layers], root, contents)
    shown = ",".join(f"{key}={options[key]}" for key in _WORDS if key in options)
    fs = Filesystem(
        number, f"0:{number}", "overlay", source, first, shown, read_only or not upper, task.userns, False,
        tuple(layer.dentry for layer in layers) if upper else (),
    )  # fmt: skip
    return FilesystemCreated(fs, root, tuple(contents))


def _require_copy(task: Task, mount: Mount) -> None:
    """EINVAL unless the overlay may have a private copy of a layer's mount (clone_private_mount)."""
    if mount.unbindable or mount.namespace != task.namespace:
        raise MountError(
            "EINVAL", "overlay.copy", "a layer's mount is unbindable, or belongs to another mount namespace"
        )


def _split(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")
    if key not in _WORDS:
        raise MountError("EINVAL", "mount.option", f"overlay's option {key!r} is not simulated")
    return key, value


def _merge(vfs: Vfs, layers: list[int], directory: Dentry, made: list[Dentry]) -> None:
    """Copy the names below these directories: of one name the topmost layer's, of directories all."""
    names = dict.fromkeys(name for layer in layers for name in reversed(vfs.entries[layer]))
    for name in reversed(names):
        found = [vfs.dentries[vfs.entries[layer][name]] for layer in layers if name in vfs.entries[layer]]
        number = directory.id + 1 if not made else made[-1].id + 1
        if found[0].kind == WHITEOUT:
            continue
        is_dir = found[0].kind == "dir"
        copied = found[0]._replace(id=number, fs=directory.fs, parent=directory.id)
        made.append(copied._replace(content="") if is_dir else copied)
        if is_dir:
            _merge(vfs, _directories(found), copied, made)


def _directories(found: list[Dentry]) -> list[int]:
    """Of what layers hold under one name, the topmost first: the directories that are seen together."""
    seen = []
    for each in found:
        if each.kind != "dir":
            break
        seen.append(each.id)
        if each.content == OPAQUE:
            break
    return seen
