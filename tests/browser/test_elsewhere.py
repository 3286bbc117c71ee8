"""A saved picture where nobody trusts it, without a kernel, in Notebook 7, in the dark: it steps."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mountlab.view.display import show
from tests.browser.chromium import Visit, keep, violations
from tests.browser.conftest import Open
from tests.browser.jupyter import Server
from tests.browser.notebooks import place, press, save, stepper, troubles

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.alone]
ROOT = Path(__file__).resolve().parents[2]
TRANSCRIPT = """#: init=systemd title="The backup disk"
host# mkdir /mnt/backup
worker# unshare --mount --propagation slave
other# unshare --mount
host# mount -t tmpfs disk /mnt/backup
host# umount /etc
"""
DARK = {"theme": "JupyterLab Dark"}
THEMES = "@jupyterlab/apputils-extension:themes"


@pytest.fixture
def saved(server: Server) -> str:
    """A notebook with a picture, from elsewhere: nobody signed it, and no kernel runs for it."""
    server.stop_kernels()
    return server.write("saved.ipynb", "show(TRANSCRIPT)", outputs=[show(TRANSCRIPT)._repr_mimebundle_()])


def test_untrusted_it_steps(saved: str, server: Server, visit: Open) -> None:
    page = visit().page
    page.goto(server.lab(saved))

    first = stepper(page)

    assert troubles(page) == []
    first.focus()
    press(first, "Home")
    assert press(first, "ArrowRight ArrowRight") == [(0, 0), (1, 0)]


def test_without_a_kernel_it_steps(saved: str, server: Server, visit: Open) -> None:
    file = server.work / saved
    notebook = json.loads(file.read_text())
    notebook["metadata"] = {}  # it names no kernel, so JupyterLab asks for one
    file.write_text(json.dumps(notebook))
    page = visit().page
    page.goto(server.lab(saved))
    page.get_by_role("dialog").get_by_text("No Kernel", exact=True).last.click()

    first = stepper(page)

    assert troubles(page) == []
    assert page.get_by_text("No Kernel").count()
    first.focus()
    press(first, "Home")
    assert press(first, "ArrowRight") == [(0, 0)]


def test_in_notebook_7_all_keys_work_and_control_s_saves(saved: str, server: Server, visit: Open) -> None:
    page = visit().page
    page.goto(server.notebook(saved))
    first = stepper(page)
    first.focus()

    assert press(first, "Home ArrowRight ArrowRight ArrowLeft ArrowDown End")[1:4] == [(0, 0), (1, 0), (0, 0)]
    assert place(first)[0] == 4
    assert troubles(page) == []
    save(page, server.work / saved)
    keep(page, "notebook-7")


def test_in_the_dark_it_is_readable_and_without_violations(saved: str, server: Server, visit: Open) -> None:
    server.settings(THEMES, DARK)
    try:
        page = visit().page
        page.goto(server.lab(saved))
        first = stepper(page)
        page.locator("body[data-jp-theme-light=false]").wait_for(state="attached")
        first.focus()
        for key in ("Home", "ArrowRight", "End"):
            press(first, key)

            assert violations(page, ".jp-OutputArea [data-command][data-step]") == [], key
        press(first, "ArrowLeft ArrowLeft")
        keep(page, "lab-dark")
    finally:
        server.settings(THEMES, {})


def test_what_cannot_be_drawn_says_so(saved: str, server: Server, visit: Open) -> None:
    page = visit().page
    page.route("**/view/stepper.js", lambda route: route.abort())
    page.goto(server.notebook(saved))

    page.get_by_role("alert").get_by_text("This output could not be drawn").wait_for()

    assert "make setup" in page.get_by_role("alert").all_text_contents()[0]


def test_a_page_that_asks_elsewhere_is_refused_and_noticed(browser: Browser) -> None:
    visit = Visit(browser)
    visit.page.set_content("<img src='http://192.0.2.1/a.png'>")
    visit.page.wait_for_load_state("load")

    assert visit.off_the_machine() == ["http://192.0.2.1/a.png"]
    assert visit.page.evaluate("document.images[0].naturalWidth") == 0
    visit.context.close()


def test_what_jupyter_serves_is_what_lies_here(server: Server) -> None:
    for name in ("labextension/remoteEntry.js", "view/dom.js", "view/stepper.js", "play/playground.js"):
        served = name.removeprefix("labextension/")
        with urllib.request.urlopen(f"{server.address}/lab/extensions/mountlab/{served}") as answer:  # noqa: S310
            assert answer.read() == (ROOT / "mountlab" / name).read_bytes(), "an old copy: make setup"
            # After an upgrade nobody must clear a browser's cache.
            assert answer.headers["Cache-Control"] == "no-cache"


def test_the_extension_has_the_package_s_version() -> None:
    package = json.loads((ROOT / "mountlab" / "labextension" / "package.json").read_text())

    assert f'version = "{package["version"]}"' in (ROOT / "pyproject.toml").read_text()
