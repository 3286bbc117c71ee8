"""An image for a private containerd: a root file system, by one or more names, in the OCI image layout."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from typing import Any

_MEDIA = "application/vnd.oci.image"
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class _Layout:
    """A tar file that grows."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._tar = tarfile.open(fileobj=self._buffer, mode="w")  # noqa: SIM115 - closed by `bytes`

    def add(self, name: str, data: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        self._tar.addfile(entry, io.BytesIO(data))

    def blob(self, kind: str, data: bytes) -> dict[str, Any]:
        """Add it under its digest; what refers to it."""
        digest = hashlib.sha256(data).hexdigest()
        self.add(f"blobs/sha256/{digest}", data)
        return {"mediaType": f"{_MEDIA}.{kind}", "digest": f"sha256:{digest}", "size": len(data)}

    def json(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        return self.blob(kind, json.dumps(data).encode())

    def bytes(self) -> bytes:
        self._tar.close()
        return self._buffer.getvalue()


def oci_layout(tree: bytes, names: tuple[str, ...]) -> bytes:
    """A tar file that `ctr images import` takes; the image sleeps when nothing else is asked of it."""
    layout = _Layout()
    layer = layout.blob("layer.v1.tar", tree)
    machine = platform.machine()
    config = layout.json(
        "config.v1+json",
        {
            "os": "linux",
            "architecture": _MACHINES.get(machine, machine),
            "config": {"Env": ["PATH=/bin"], "Cmd": ["sleep", "2147483647"]},
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
        },
    )
    manifest = layout.json("manifest.v1+json", {"schemaVersion": 2, "config": config, "layers": [layer]})
    named = [manifest | {"annotations": {"io.containerd.image.name": name}} for name in names]
    layout.add("index.json", json.dumps({"schemaVersion": 2, "manifests": named}).encode())
    layout.add("oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
    return layout.bytes()
