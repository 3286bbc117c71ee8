"""What Binder would build and start, built and started here: the Dockerfile's own steps in a clean Debian 12.

Root prepares the folder, as a builder does; what the image's user runs has no capability and cannot gain one.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.binder import cleanroot
from tests.binder.build import ROOT, Image, build

pytestmark = [pytest.mark.slow, pytest.mark.binder, pytest.mark.alone]

# Not Binder's usual values: those would also be right if its arguments were ignored.
NAME, NUMBER = "learner", 1234
LESSONS = ["00-start-here", "01-bind-mounts", "02-mount-namespaces", "03-peer-groups"]
TOOLS = {"coverage", "iniconfig", "nbval", "pytest"}
"""What checks the notebooks, besides what the image has anyway."""
PATIENCE = 90.0
TRANSCRIPT = """\
host# mkdir /a
host# mount -t tmpfs x /a
host# mount --make-shared /a
c1# unshare --mount --propagation slave
host# mkdir /a/b
host# mount -t tmpfs y /a/b
c1# findmnt -R /a
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    reason = cleanroot.why_not()
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("binder") / "root"
    try:
        yield build((ROOT / "binder/Dockerfile").read_text(), folder, NB_USER=NAME, NB_UID=str(NUMBER))
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def tools(image: Image) -> str:
    """Install nbval beside the lab, in the versions that the project tests with; a Python with it."""
    lock = re.split(r"\n(?=\S)", (ROOT / "tests/requirements.txt").read_text())
    wanted = [entry for entry in lock if entry.split("==")[0] in TOOLS]
    assert len(wanted) == len(TOOLS)
    (image.folder / "tmp/tools.txt").write_text("\n".join(wanted) + "\n")
    pip = "pip install --no-cache-dir --require-hashes --no-deps --target /tmp/tools -r /tmp/tools.txt"
    ran = image.run("sh", "-c", pip)
    assert ran.returncode == 0, ran.stdout
    return "/tmp/tools"


def said(image: Image, line: str) -> str:
    """What a command line prints there, which must end well."""
    ran = image.run("sh", "-c", line)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


def test_it_runs_as_binder_s_user_without_any_right(image: Image) -> None:
    assert said(image, "id -u; id -un; pwd").split() == [str(NUMBER), NAME, f"/home/{NAME}"]
    status = said(image, "cat /proc/self/status")
    assert re.search(r"^CapBnd:\t0{16}$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)
    assert image.run("sh", "-c", "mount -t tmpfs x /mnt").returncode != 0


def test_everything_at_home_is_the_learner_s(image: Image) -> None:
    assert said(image, f"find $HOME /opt/lab ! -user {NUMBER} -print -quit") == ""


@pytest.mark.parametrize("program", ["python3", "jupyter", "jupyter-lab", "jupyter-notebook", "mountlab"])
def test_what_binder_and_learners_call_is_the_lab_s(image: Image, program: str) -> None:
    assert said(image, f"command -v {program}").strip() == f"/opt/lab/bin/{program}"


def test_a_hub_can_start_it(image: Image) -> None:
    assert said(image, "jupyterhub-singleuser --version").strip().startswith("5.")


def test_a_kernel_that_needs_no_rights_is_there(image: Image) -> None:
    assert said(image, "linux.uml --version").strip().startswith("6.1")


def test_jupyterlab_has_our_extension(image: Image) -> None:
    assert re.search(r"mountlab v\S+ .*enabled.*OK", said(image, "jupyter labextension list 2>&1"))


def check_notebooks(image: Image, tools: str, backend: str) -> str:
    lessons = [f"notebooks/{name}.ipynb" for name in LESSONS]
    words = "python3 -m pytest -q -p no:cacheprovider --nbval --nbval-current-env".split()
    ran = image.run(
        *words, *lessons, PYTHONPATH=tools, MOUNTLAB_BACKEND=backend, MOUNTLAB_PROGRESS="/tmp/progress.json"
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
    return ran.stdout


@pytest.mark.parametrize("backend", ["sim", "uml"])
def test_the_first_lessons_print_what_they_should(image: Image, tools: str, backend: str) -> None:
    assert "passed" in check_notebooks(image, tools, backend)


def test_simulator_and_the_kernel_without_rights_agree_there(image: Image) -> None:
    (image.folder / "tmp/a.mnt").write_text(TRANSCRIPT)

    ran = said(image, "mountlab run --backend both-uml /tmp/a.mnt")

    assert "6.1" in ran


def first_page() -> str:
    """The path that the README's link opens."""
    text = (ROOT / "README.md").read_text()
    (path,) = re.findall(r"^\[binder\]: \S+\?urlpath=lab/tree/(\S+)$", text, re.MULTILINE)
    return str(path)


def binderhub_s_arguments(port: int, base: str, token: str) -> list[str]:
    """What BinderHub starts a server with; ``binderhub/binderspawner_mixin.py`` of 2025."""
    both = {"base_url": base, "token": token, "trust_xheaders": "True"}
    apps = ("NotebookApp", "ServerApp")
    named = [f"--{app}.{name}={value}" for app in apps for name, value in both.items()]
    return ["--ip=127.0.0.1", f"--port={port}", *named]


@pytest.mark.parametrize("program", ["jupyter-lab", "jupyter-notebook"])
def test_started_as_binderhub_does_it_gives_the_page_of_the_link(image: Image, program: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [program, *binderhub_s_arguments(port, "/user/somebody/", "secret")]
    started = cleanroot.command(image.folder, words, user=image.user, cwd=image.cwd)
    with subprocess.Popen(
        started,
        env=cleanroot.environment(**image.variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            content = ask(f"http://127.0.0.1:{port}/user/somebody/api/contents/{first_page()}", server)
        finally:
            server.kill()  # its PID namespace goes with it

    assert content["name"] == "00-start-here.ipynb"
    assert content["writable"]


def ask(address: str, server: subprocess.Popen[bytes]) -> dict[str, object]:
    """Ask until it answers, as a browser that waits."""
    request = urllib.request.Request(address, headers={"Authorization": "token secret"})  # noqa: S310 - loopback
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
                return dict(json.loads(answer.read()))
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.3)
    pytest.fail(f"no answer from {address}; it ended with {server.poll()}")
