"""The guest's first file system: an archive in memory with this Python, this package and the programs.

The guest sees no file of the host: what it needs is copied, the modules as they are loaded in this process.
The format is cpio's "newc" (Linux 6.1, Documentation/driver-api/early-userspace/buffer-format.rst).
"""

from __future__ import annotations

import importlib.util
import json
import marshal
import os
import stat
import sys
from types import ModuleType

from mountlab.kernel import tools
from mountlab.kernel.uml import package
from mountlab.kernel.wire import Json

CONFIG = "/config.json"
OVERLAY = "/overlay.ko"
_DIRECTORIES = ("proc", "dev", "tmp", "next")
_PYC_HEADER = importlib.util.MAGIC_NUMBER + bytes(12)
_INIT = """\
#!{python} -ISXutf8
import sys
sys.path.insert(0, {top!r})
from mountlab.kernel.uml.guest import main
main()
"""


def build(config: dict[str, Json]) -> int:
    """The archive as a file in memory; `config` is what the guest's supervisor is told.

    What it finds in ``tools`` are files of this machine: they are brought along.
    """
    archive = _Archive()
    python = os.path.realpath(sys.executable)
    binaries = [python, *(_add_module(archive, module) for module in list(sys.modules.values()))]
    archive.copy(python, python)
    linker, libraries = tools.libraries([path for path in binaries if path])
    for path in {linker, *libraries.values()}:
        archive.copy(path, path)
    archive.directory(f"{os.path.dirname(os.__file__)}/lib-dynload".lstrip("/"))
    brought = [(f"/inventory/{name}", name) for _, name in config["tools"]]
    for (source, _), (path, _) in zip(config["tools"], brought, strict=True):
        archive.copy(path, source)
    overlay = package.module("fs/overlayfs/overlay.ko")
    if overlay:
        archive.copy(OVERLAY, overlay)
    archive.write(CONFIG, json.dumps(config | {"tools": brought}).encode("ascii"))
    top = os.path.dirname(os.path.dirname(sys.modules["mountlab"].__file__ or ""))
    archive.write("/init", _INIT.format(python=python, top=top).encode())
    return archive.finish()


def _add_module(archive: _Archive, module: ModuleType) -> str | None:
    """Bring a loaded module along; the path of a shared object, whose libraries are needed too."""
    spec = getattr(module, "__spec__", None)
    if spec is None or spec.loader is None:
        return None
    origin = spec.origin or ""
    if origin == "frozen":  # in the interpreter itself, which finds its home by some of these files
        file = getattr(module, "__file__", None)
        if file and os.path.exists(file):
            archive.copy(file, file)
    elif origin.endswith(".so"):
        archive.copy(origin, origin)
        return str(origin)
    elif origin.endswith(".py"):
        code = spec.loader.get_code(spec.name)
        archive.write(origin + "c", _PYC_HEADER + marshal.dumps(code))
    return None


class _Archive:
    """Writes files in the order they come, each directory before what is in it."""

    def __init__(self) -> None:
        self._fd = os.memfd_create("image")
        self._names: set[str] = set()
        self._size = 0
        for name in _DIRECTORIES:
            self.directory(name)

    def directory(self, name: str) -> None:
        if name and name not in self._names:
            self.directory(os.path.dirname(name))
            self._header(name, stat.S_IFDIR | 0o755, 0)

    def write(self, path: str, data: bytes) -> None:
        """A file with this content, executable as all of them."""
        if self._begin(path, len(data)):
            self._put(data)
            self._pad()

    def copy(self, path: str, source: str) -> None:
        """A file with the content of another."""
        with open(source, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if not self._begin(path, size):
                return
            while size:
                sent = os.sendfile(self._fd, file.fileno(), None, size)
                if not sent:
                    raise OSError(f"{source} became shorter while it was read")
                size -= sent
                self._size += sent
        self._pad()

    def finish(self) -> int:
        self._header("TRAILER!!!", 0, 0)
        return self._fd

    def _begin(self, path: str, size: int) -> bool:
        name = os.path.normpath(path).lstrip("/")
        if name in self._names:
            return False
        self.directory(os.path.dirname(name))
        self._header(name, stat.S_IFREG | 0o755, size)
        return True

    def _header(self, name: str, mode: int, size: int) -> None:
        self._names.add(name)
        text = os.fsencode(name) + b"\0"
        fields = (len(self._names), mode, 0, 0, 1, 0, size, 0, 0, 0, 0, len(text), 0)
        self._put(b"070701" + b"".join(b"%08x" % field for field in fields) + text)
        self._pad()

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            written = os.write(self._fd, view)
            self._size += written
            view = view[written:]

    def _pad(self) -> None:
        self._put(bytes(-self._size % 4))
