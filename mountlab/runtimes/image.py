"""The images of a private dockerd that lessons run on: folders, and this machine's own programs.

No image can be pulled without a network, and busybox's mount(8) is not the one that lessons are about.
So every image that is asked for is made here: the folders that a simulated image has, and copies of this
machine's bash, util-linux and coreutils with the libraries they need.  The copies look for their dynamic
linker in /usr/lib, so that `ls /` in a container shows the folders of an image and nothing else.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from mountlab.containers.docker.layers import IMAGE_DIRECTORIES
from mountlab.kernel.tools import PROGRAMS
from mountlab.runtimes.host import HostError

_ALSO = ("bash", "sleep", "true", "echo", "id")
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_LOADED = re.compile(r"(/\S+) \(0x")
_INTERPRETER = re.compile(rb"/lib[\w/.-]*/ld-linux[\w.-]*\0")
_LINKER = b"/usr/lib/ld.so"
_LOCALE = Path("/usr/lib/locale/C.utf8")
"""Without it the programs speak ASCII."""
_SERVER = "#!/bin/bash\nexec sleep infinity\n"


def tree(image: str, server: str) -> bytes:
    """A root file system as a tar file.

    Args:
        image: its name, for /etc/os-release.
        server: a program in it that runs until it is stopped; empty for none.

    Raises:
        HostError: when the programs are missing here, or are not linked with glibc.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in (*IMAGE_DIRECTORIES, "usr/lib"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(folder)
        _add(tar, "etc/os-release", f"NAME={image}\n".encode(), 0o644)
        for name in ("hostname", "hosts", "resolv.conf"):
            _add(tar, f"etc/{name}", b"", 0o644)
        for place, source in _files().items():
            data = Path(source).read_bytes()
            if place.startswith("bin/"):
                data = _INTERPRETER.sub(lambda found: _LINKER.ljust(len(found[0]), b"\0"), data)
            _add(tar, place, data, 0o755)
        link = tarfile.TarInfo("bin/sh")
        link.type, link.linkname = tarfile.SYMTYPE, "bash"
        tar.addfile(link)
        if server:
            _add(tar, f"bin/{server}", _SERVER.encode(), 0o755)
    return buffer.getvalue()


def _add(tar: tarfile.TarFile, place: str, data: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(place)
    entry.size, entry.mode = len(data), mode
    tar.addfile(entry, io.BytesIO(data))


def _files() -> dict[str, str]:
    """Place in the image -> file of this machine."""
    found = {name: shutil.which(name, path=_PATH) for name in (*PROGRAMS, *_ALSO)}
    programs = {name: path for name, path in found.items() if path}
    ran = subprocess.run(["ldd", *programs.values()], capture_output=True, text=True, check=False)
    files = {f"bin/{name}": os.path.realpath(path) for name, path in programs.items()}
    for path in dict.fromkeys(_LOADED.findall(ran.stdout)):
        name = os.path.basename(path)
        files["usr/lib/" + ("ld.so" if name.startswith("ld-linux") else name)] = os.path.realpath(path)
    if "bin/bash" not in files or "usr/lib/ld.so" not in files:
        raise HostError("an image needs this machine's bash, linked with glibc")
    places = (path for path in _LOCALE.rglob("*") if path.is_file())
    return files | {str(path)[1:]: str(path) for path in places}
