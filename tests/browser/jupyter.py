"""A Jupyter server as `make lab` starts it, on the loopback interface, with a home of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60.0
TOKEN = "loopback-only"  # noqa: S105 - of a server that nobody else reaches
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+(?=/lab/tree/00-start-here\.ipynb)")


class Server:
    """Where it answers, and its folders."""

    def __init__(self, address: str, home: Path) -> None:
        self.address = address
        self.home = home
        self.work = home / "work"

    def lab(self, name: str) -> str:
        """The address of a notebook in JupyterLab, in a workspace that remembers nothing."""
        return f"{self.address}/lab/tree/{name}?token={TOKEN}&reset"

    def notebook(self, name: str) -> str:
        """The address of a notebook in Notebook 7."""
        return f"{self.address}/notebooks/{name}?token={TOKEN}"

    def settings(self, plugin: str, values: dict[str, Any]) -> None:
        """Set a user's settings, as the settings editor does."""
        package, _, name = plugin.partition(":")
        path = self.home / ".jupyter" / "lab" / "user-settings" / package / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))

    def has_idle_kernel(self, name: str) -> bool:
        """Whether the notebook's kernel is connected to a page, and has nothing to do."""
        sessions = json.loads(self._ask("GET", "/api/sessions"))
        kernels = [session["kernel"] for session in sessions if session["path"] == name]
        return any(kernel["connections"] and kernel["execution_state"] == "idle" for kernel in kernels)

    def stop_kernels(self) -> None:
        """Shut all kernels down, as somebody who closed the lid."""
        for session in json.loads(self._ask("GET", "/api/sessions")):
            self._ask("DELETE", f"/api/sessions/{session['id']}")

    def _ask(self, method: str, path: str) -> bytes:
        headers = {"Authorization": f"token {TOKEN}"}
        request = urllib.request.Request(self.address + path, method=method, headers=headers)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
            return bytes(answer.read())

    def write(self, name: str, *sources: str, outputs: Sequence[dict[str, Any]] = ()) -> str:
        """Write a notebook of code cells into the work folder; the outputs are the last cell's.

        Nobody signed it: JupyterLab does not trust its outputs.
        """
        written(self.work / name, *sources, outputs=outputs)
        return name


def written(path: Path, *sources: str, outputs: Sequence[dict[str, Any]] = ()) -> None:
    """Write a notebook; a source that begins as a title is Markdown, the outputs are the last cell's."""
    cells: list[dict[str, Any]] = []
    for at, source in enumerate(sources):
        cell = {"id": f"cell-{at}", "metadata": {}, "source": source}
        is_code = not source.startswith("# ")
        code = {"cell_type": "code", "execution_count": None, "outputs": []}
        cells.append(cell | (code if is_code else {"cell_type": "markdown"}))
    if outputs:
        shown = [{"output_type": "display_data", "data": data, "metadata": {}} for data in outputs]
        cells[-1].update(execution_count=1, outputs=shown)
    spec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": spec, "language_info": {"name": "python"}}
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    """Start `make lab`'s JupyterLab, which answers as Notebook 7 too, and stop it."""
    log = home / "log"
    folders = {"HOME": home, "JUPYTER_RUNTIME_DIR": home / "run", "IPYTHONDIR": home / "ipython"}
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    environment = {**quiet, **{name: str(path) for name, path in folders.items()}}
    command = [sys.executable, "-m", "mountlab.lab", "--work", str(home / "work"), "--no-browser"]
    command += ["--ServerApp.port=0", "--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment, cwd=home)
    try:
        yield Server(_address(log, process), home)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if found := ADDRESS.search(log.read_text()):
            return found[0]
        time.sleep(0.1)
    pytest.fail(f"no address after {PATIENCE:.0f} s:\n{log.read_text()}")
