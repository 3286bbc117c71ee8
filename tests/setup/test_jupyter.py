"""The whole way: what `make lab` runs answers on the loopback interface and lists the first lesson."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.alone
PATIENCE = 60.0
ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/lab/tree/00-start-here\.ipynb\?token=(\w+)")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Start JupyterLab as `make lab` does; give its address and token."""
    home = tmp_path_factory.mktemp("home")
    log = home / "log"
    environment = {**os.environ, "HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home / "run")}
    command = [sys.executable, "-m", "mountlab.lab", "--work", str(home / "work"), "--no-browser"]
    command += ["--ServerApp.port=0", "--ServerApp.ip=127.0.0.1"]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment, cwd=home)
    try:
        yield address_in(log, process)
    finally:
        process.terminate()
        process.wait(timeout=20)


def address_in(log: Path, process: subprocess.Popen[bytes]) -> tuple[str, str]:
    """Wait until the log names the server's address, as a person would."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if found := ADDRESS.search(log.read_text()):
            return found[1], found[2]
        time.sleep(0.1)
    pytest.fail(f"no address after {PATIENCE:.0f} s:\n{log.read_text()}")


def get(server: tuple[str, str], path: str) -> bytes:
    """Ask the server for a page."""
    address, token = server
    request = urllib.request.Request(address + path, headers={"Authorization": f"token {token}"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
        return bytes(answer.read())


def test_jupyterlab_answers(server: tuple[str, str]) -> None:
    assert b"JupyterLab" in get(server, "/lab/tree/00-start-here.ipynb")


def test_the_first_lesson_is_listed_without_outputs(server: tuple[str, str]) -> None:
    names = [entry["name"] for entry in json.loads(get(server, "/api/contents/"))["content"]]
    cells = json.loads(get(server, "/api/contents/00-start-here.ipynb"))["content"]["cells"]

    assert "00-start-here.ipynb" in names
    assert not any(cell.get("outputs") for cell in cells)


def test_the_kernel_is_this_python(server: tuple[str, str]) -> None:
    specs = json.loads(get(server, "/api/kernelspecs"))

    assert specs["default"] == "python3"
    assert Path(specs["kernelspecs"]["python3"]["spec"]["argv"][0]).name.startswith("python")


def test_no_question_about_news_and_no_traffic_off_the_machine(server: tuple[str, str]) -> None:
    page = get(server, "/lab/api/settings/@jupyterlab/apputils-extension:notification")
    schema = json.loads(page)["schema"]

    assert schema["properties"]["fetchNews"]["default"] == "false"
    assert schema["properties"]["checkForUpdates"]["default"] is False
