"""The playground in a notebook: typed in, undone, reloaded, with another kernel, with none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import keep, violations
from tests.browser.conftest import Open
from tests.browser.jupyter import Server
from tests.browser.notebooks import run_all, save, troubles

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.alone]
ROOT = ".jp-OutputArea .mlp"
CELLS = ("import mountlab", "mountlab.Playground()")


@pytest.fixture
def notebook(server: Server) -> str:
    server.stop_kernels()
    return server.write("play.ipynb", *CELLS)


def type_lines(page: Page, *lines: str) -> None:
    """Type commands in the terminal `host`, each after the answer to the one before."""
    prompt = page.get_by_label("Command for host")
    for line in lines:
        prompt.click()
        prompt.press_sequentially(line)
        prompt.press("Enter")
        page.locator(f"{ROOT} [role=log]", has_text=f"# {line}").wait_for()


def boxes(page: Page, number: int) -> None:
    """Wait until the picture shows so many mounts."""
    counted = "([at, n]) => document.querySelectorAll(at).length === n"
    page.wait_for_function(counted, arg=[f"{ROOT} .mlstep .box:not(.gone)", number])


def test_typed_undone_reloaded_and_with_another_kernel(notebook: str, server: Server, visit: Open) -> None:
    page = visit().page
    page.goto(server.lab(notebook))
    run_all(page, server, notebook)
    type_lines(page, "mkdir /jam /bad", "mount -t tmpfs disk /jam", "mount -t tmpfs disk /bad")
    boxes(page, 3)
    keep(page, "lab-playground")

    page.get_by_role("button", name="Undo").click()
    boxes(page, 2)
    save(page, server.work / notebook)

    # The browser reloads; the kernel is the same, and so is the playground.
    page.goto(server.lab(notebook))
    boxes(page, 2)
    type_lines(page, "umount /jam")
    boxes(page, 1)

    # A fresh kernel knows nothing; the page says so, and keeps the picture and the transcript.
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Restart Kernel…")).click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    page.get_by_text("No kernel holds this playground now").wait_for()
    boxes(page, 1)

    # Run again, it goes on where it was.
    run_all(page, server, notebook)
    page.get_by_text("Went on where you were").wait_for()
    boxes(page, 1)
    assert troubles(page) == []


def test_in_notebook_7(notebook: str, server: Server, visit: Open) -> None:
    page = visit().page
    page.goto(server.notebook(notebook))
    run_all(page, server, notebook)

    type_lines(page, "mkdir /jam", "mount -t tmpfs disk /jam")

    boxes(page, 2)
    save(page, server.work / notebook)
    keep(page, "notebook-7-playground")
    assert violations(page, ROOT) == []
