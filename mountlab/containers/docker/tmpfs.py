"""The options of a tmpfs that docker asks for: defaults first, and of two that clash the later one.

Source: moby/sys/mount v0.2, MergeTmpfsOptions; moby v20.10.24 daemon/oci_linux.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.containers.errors import ContainerError

_DEFAULTS = ("noexec", "nosuid", "nodev", "rprivate")
_CLASH = {
    word: group
    for group, words in enumerate(
        (
            ("ro", "rw"), ("exec", "noexec"), ("suid", "nosuid"), ("dev", "nodev"), ("sync", "async"),
            ("atime", "noatime"), ("diratime", "nodiratime"), ("relatime", "norelatime"),
            ("strictatime", "nostrictatime"), ("mand", "nomand"), ("bind",), ("rbind",), ("remount",),
            ("private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable"),
        )
    )
    for word in words
}  # fmt: skip
_WITH_VALUE = ("mode", "size", "gid", "uid", "nr_inodes", "nr_blocks", "mpol")


def merged_tmpfs_options(options: Sequence[str]) -> tuple[str, ...]:
    """The defaults and `options` as one list; what comes first of two that clash is left out.

    Raises:
        ContainerError: for a word that is none of tmpfs's.
    """
    kept: list[str] = []
    seen: set[int | str] = set()
    for word in reversed([*_DEFAULTS, *options]):
        if word == "defaults":
            continue
        key, has_value, _ = word.partition("=")
        if word not in _CLASH and not (has_value and key in _WITH_VALUE):
            raise ContainerError(f'invalid tmpfs option ["{word}"]', 125)
        group: int | str = _CLASH.get(word, key)
        if group not in seen:
            seen.add(group)
            kept.append(word)
    return tuple(reversed(kept))
