"""Paths as the C library sees them: realpath(3), and how util-linux compares and cuts them."""

from __future__ import annotations

import re

from mountlab.errors import MountError
from mountlab.shell.programs.context import Context


def getcwd(context: Context) -> str | None:
    """getcwd(3): None when the directory was removed or is not under the root."""
    try:
        path = context.sim.getcwd(context.proc)
    except MountError:
        return None
    return path if path.startswith("/") else None


def realpath(context: Context, path: str) -> str | None:
    """realpath(3), where only /proc/self is a link: None when a component does not exist."""
    if not path:
        return None
    base = "/" if path.startswith("/") else getcwd(context)
    if base is None:
        return None
    parts = [part for part in base.split("/") if part]
    words = path.split("/")
    for position, word in enumerate(words):
        if word in ("", "."):
            continue
        if word == "..":
            del parts[-1:]
            continue
        parts.append(word)
        found = context.stat("/" + "/".join(parts))
        rest = words[position + 1 :]
        needs_directory = bool(rest) and all(word in ("", ".") for word in rest)
        if found is None or (needs_directory and found.kind != "dir"):
            return None
    return "/" + "/".join(parts)


def canonical(context: Context, path: str) -> str:
    """libmount's canonicalize_path: the real path, or the path itself when there is none."""
    return realpath(context, path) or path


def absolute(context: Context, path: str) -> str | None:
    """libmount's absolute_path: the working directory before a relative path, nothing else."""
    cwd = getcwd(context)
    if cwd is None:
        return None
    rest = path.removeprefix("./") if path != "." else ""
    return f"{cwd}/{rest}" if rest else cwd


def same(one: str | None, other: str | None) -> bool:
    """libmount's streq_paths: slashes may be doubled, and may follow."""
    if one is None or other is None:
        return False
    return one == other or _plain(one) == _plain(other)


def _plain(path: str) -> str:
    squeezed = re.sub("/+", "/", path)
    return squeezed.rstrip("/") or squeezed


def logical(context: Context, path: str) -> str:
    """The path a shell's cd tries first: ``..`` taken off the text, where what it leaves is a directory."""
    cwd = getcwd(context)
    if cwd is None and not path.startswith("/"):
        return path
    parts: list[str] = [part for part in (cwd or "").split("/") if part] if not path.startswith("/") else []
    for word in path.split("/"):
        if word == "..":
            found = context.stat("/" + "/".join(parts))
            if found is None or found.kind != "dir":
                return path
            del parts[-1:]
        elif word not in ("", "."):
            parts.append(word)
    return "/" + "/".join(parts)
