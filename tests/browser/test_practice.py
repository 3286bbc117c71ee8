"""Questions and levels in JupyterLab and Notebook 7: by keyboard, kept by the kernel, told without one."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is missing: make test-setup")

from playwright.sync_api import Page, expect

from mountlab.course import level, predict
from mountlab.course.practice import Asked
from mountlab.course.question import MIME
from mountlab.practice.progress import Progress
from tests.browser.chromium import keep, violations
from tests.browser.conftest import Open
from tests.browser.jupyter import Server
from tests.browser.notebooks import run_all, save, troubles

pytestmark = [pytest.mark.browser, pytest.mark.alone]
ASK = 'from mountlab.course import predict\npredict("02/cdrom")'
PLAY = 'from mountlab.course import level\nlevel("slave-only")'


def bundle(asked: Asked) -> dict[str, object]:
    return json.loads(json.dumps(asked._repr_mimebundle_()))  # type: ignore[no-any-return]


def answered(page: Page) -> None:
    """Answer that both see it, with the keyboard, from the first box on."""
    boxes = page.get_by_role("checkbox", name="/mnt/cdrom")
    boxes.first.focus()
    for key in ("Space", "Tab", "Space", "Enter"):
        page.keyboard.press(key)


def test_a_question_and_a_level_by_keyboard_in_jupyterlab(server: Server, visit: Open) -> None:
    name = server.write("practice.ipynb", ASK, PLAY)
    page = visit(viewport={"width": 1400, "height": 1100}).page
    page.goto(server.lab(name))
    run_all(page, server, name)
    cells = page.locator(".jp-Cell").count()

    expect(page.locator(".mlq")).to_be_visible()
    page.get_by_role("checkbox").first.focus()
    for key in ("j", "b", "d", "d", "ArrowDown"):
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells, "JupyterLab takes no keys of ours"
    answered(page)
    expect(page.locator(".verdict")).to_be_focused()
    expect(page.locator(".verdict")).to_have_text("✗ Not so.")
    expect(page.locator(".mlq .kept")).to_have_text("Your answer was kept.")
    [only] = Progress(server.home / ".local" / "share" / "mountlab" / "progress.json").answers
    assert (only.question, only.correct) == ("02/cdrom", False)
    stepper = page.locator(".mlq .mlstep")
    stepper.focus()
    page.keyboard.press("ArrowRight")
    expect(stepper.locator(".prompt")).to_contain_text("mount -t tmpfs cdrom")
    assert violations(page, ".mlq") == []
    keep(page, "lab-question")

    prompt = page.get_by_label("Command for c1")
    prompt.focus()
    page.keyboard.type("mount --make-slave /\n")
    expect(page.locator(".outcome")).to_contain_text("The goal is reached")
    assert violations(page, ".mlp") == []
    page.locator(".mlp").scroll_into_view_if_needed()
    keep(page, "lab-level")
    save(page, server.work / name)
    assert troubles(page) == []
    shown = json.loads((server.work / name).read_text())["cells"][0]["outputs"][0]["data"]
    assert shown[MIME] == json.loads(json.dumps(predict("02/cdrom").data()))


def test_saved_elsewhere_and_without_a_kernel_notebook_7_asks_and_tells(server: Server, visit: Open) -> None:
    outputs = [bundle(predict("02/cdrom")), json.loads(json.dumps(level("slave-only").bundle()))]
    name = server.write("practised.ipynb", "shown", outputs=outputs)
    page = visit().page
    page.goto(server.notebook(name))

    expect(page.locator(".mlp .goals li")).to_have_count(2)
    answered(page)

    expect(page.locator(".verdict")).to_be_focused()
    expect(page.locator(".mlq .kept")).to_contain_text("Not kept: no kernel is running for this question.")
    stepper = page.locator(".mlq .mlstep")
    stepper.focus()
    page.keyboard.press("ArrowRight")
    expect(stepper.locator(".prompt")).to_contain_text("mount -t tmpfs cdrom")
    assert troubles(page) == []
