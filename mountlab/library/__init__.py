"""The library of transcripts: every worked example that the course stands on.

Each is a file beside this one.  Its header has a title and its source, and its expectations state the
lesson.  The names begin with where they come from: ``man-`` (mount_namespaces(7)), ``subtree-``
(sharedsubtree.rst), ``article-``, ``fact-`` (measured, not documented), ``clinic-`` (incidents),
``quirk-`` (kernels differ), ``rule-`` (one rule of `mountlab.rules` each).
"""

from __future__ import annotations

from importlib.resources import files

from mountlab.shell.transcript import Transcript, parse

SUFFIX = ".mnt"


def names() -> list[str]:
    """All transcripts, sorted."""
    found = (file.name for file in files(__name__).iterdir())
    return sorted(name.removesuffix(SUFFIX) for name in found if name.endswith(SUFFIX))


def source(name: str) -> str:
    """The text of a transcript.

    Raises:
        KeyError: when there is none of that name.
    """
    file = files(__name__) / (name + SUFFIX)
    if "/" in name or not file.is_file():
        raise KeyError(f"no transcript {name!r} in the library")
    return file.read_text(encoding="utf-8")


def load(name: str) -> Transcript:
    """A transcript, read and checked (KeyError when there is none of that name)."""
    return parse(source(name), name + SUFFIX)
