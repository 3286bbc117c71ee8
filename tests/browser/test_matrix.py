"""A saved truth table in JupyterLab, untrusted and without a kernel: by keyboard its cells play."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is missing: make test-setup")

from playwright.sync_api import expect

from mountlab.course.matrix import matrix
from tests.browser.chromium import keep
from tests.browser.conftest import Open
from tests.browser.jupyter import Server
from tests.browser.notebooks import troubles

pytestmark = [pytest.mark.browser, pytest.mark.alone]


def test_untrusted_and_without_a_kernel_its_cells_play_by_keyboard(server: Server, visit: Open) -> None:
    server.stop_kernels()
    name = server.write("table.ipynb", 'matrix("bind")', outputs=matrix("bind").bundles())
    page = visit().page
    page.goto(server.lab(name))
    first = page.get_by_role("button", name="target B is shared, source A is shared: shared", exact=True)
    first.wait_for()
    server.stop_kernels()

    first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)

    chosen = page.locator(".jp-OutputArea button[aria-current=true]")
    expect(chosen).to_have_accessible_name("target B is private, source A is slave: slave")
    expect(chosen).to_be_focused()
    expect(page.locator(".mlstep .prompt")).to_contain_text("mount --bind /a /b/t")
    expect(page.locator(".mlstep")).to_have_count(1)
    expect(page.locator(".jp-OutputArea img")).to_have_count(0)
    assert page.locator(".jp-Cell").count() == 1
    assert troubles(page) == []
    keep(page, "lab-matrix")
