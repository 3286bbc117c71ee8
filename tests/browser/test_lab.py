"""A lesson in JupyterLab, as `make lab` starts it: run, stepped by key and by mouse, saved, opened again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from mountlab.view.display import STEPPER
from tests.browser.chromium import Visit, keep, violations
from tests.browser.jupyter import Server
from tests.browser.notebooks import START, place, press, run_all, save, stepper, troubles

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.alone]
LESSON = "00-start-here.ipynb"


@pytest.fixture(scope="module")
def visited(browser: Browser, server: Server) -> Iterator[Visit]:
    """The first lesson, run whole, for all tests of this file."""
    visit = Visit(browser)
    visit.page.goto(server.lab(LESSON))
    run_all(visit.page, server, LESSON)
    yield visit
    visit.context.close()


@pytest.fixture
def lesson(visited: Visit) -> Iterator[Page]:
    """The lesson's page, its first stepper at the start; afterwards nothing has gone off this machine."""
    first = stepper(visited.page)
    first.focus()
    visited.page.keyboard.press("Home")
    assert place(first) == START
    yield visited.page
    assert visited.off_the_machine() == []
    assert visited.ours() == []


def test_run_whole_every_picture_is_a_stepper(lesson: Page, server: Server) -> None:
    save(lesson, server.work / LESSON)
    cells = json.loads((server.work / LESSON).read_text())["cells"]
    pictures = sum(STEPPER in output.get("data", {}) for cell in cells for output in cell.get("outputs", ()))

    assert pictures
    assert lesson.locator(".jp-OutputArea [data-command][data-step]").count() == pictures
    assert troubles(lesson) == []
    keep(lesson, "lab-lesson")


def test_keys_step_and_the_notebook_does_not_take_them(lesson: Page) -> None:
    first = stepper(lesson)
    cells = lesson.locator(".jp-Cell").count()

    [*_, end] = press(first, "End")
    went = press(first, "Home ArrowRight ArrowRight ArrowLeft ArrowDown ArrowUp")

    assert end[0] > 0
    assert went[0] == START
    assert went[1] == (0, 0)
    assert went[2] > went[1] == went[3]
    assert went[4][0] >= 1 > went[5][0]
    # In a notebook's command mode these cut, add and remove cells.
    press(first, "a b x d d j k Enter")
    assert lesson.locator(".jp-Cell").count() == cells
    assert lesson.evaluate("root => root.contains(document.activeElement)", first.element_handle())


def test_keys_work_on_a_button_too(lesson: Page) -> None:
    first = stepper(lesson)
    first.get_by_role("button", name="Forward").focus()

    assert press(first, "ArrowRight ArrowLeft Space Enter") == [(0, 0), START, (0, 0), place(first)]
    assert place(first) > (0, 0)


def test_the_mouse_steps_jumps_and_asks(lesson: Page) -> None:
    first = stepper(lesson)

    first.get_by_role("button", name="Forward").click()
    assert place(first) == (0, 0)
    first.get_by_text("All commands").click()
    first.get_by_role("button", name="mount -t tmpfs").first.click()
    assert place(first)[0] == 2
    first.locator("[data-box]", has_text="backup").click()
    assert first.get_by_text("- tmpfs disk rw").is_visible()
    keep(first, "lab-stepper-asked")


def test_control_s_saves_with_the_focus_in_a_stepper(lesson: Page, server: Server) -> None:
    stepper(lesson).focus()

    save(lesson, server.work / LESSON)


def languages(page: Page) -> list[tuple[str, str]]:
    """How each code cell begins, and the language that it is coloured as."""
    editors = page.locator(".jp-CodeCell .cm-content")
    found = editors.evaluate_all("all => all.map(e => [e.textContent.slice(0, 5), e.dataset.language])")
    return [(start, language) for start, language in found]


def test_a_lab_cell_is_coloured_as_a_transcript_and_python_as_python(lesson: Page) -> None:
    assert ("%%lab", "transcript") in languages(lesson)
    for start, language in languages(lesson):
        assert language == ("transcript" if start == "%%lab" else "python"), start
    prompt = lesson.locator(".cm-line", has_text="host# mount -t").first.locator("span").first
    assert prompt.text_content() == "host#"


def test_the_colours_follow_what_is_typed(lesson: Page) -> None:
    before = languages(lesson)
    editor = lesson.locator(".jp-CodeCell .cm-content").first
    editor.click()

    lesson.keyboard.press("Control+Home")
    lesson.keyboard.type("%%lab\n")
    assert editor.get_attribute("data-language") == "transcript"
    for _ in "%%lab\n":
        lesson.keyboard.press("Backspace")

    assert languages(lesson) == before


def test_the_stepper_has_no_violation_of_accessibility(lesson: Page) -> None:
    first = stepper(lesson)
    for key in ("Home", "ArrowRight", "End"):
        press(first, key)

        assert violations(lesson, ".jp-OutputArea [data-command][data-step]") == [], key


def test_opened_again_with_a_fresh_kernel_it_steps(lesson: Page, server: Server) -> None:
    save(lesson, server.work / LESSON)
    server.stop_kernels()

    lesson.goto(server.lab(LESSON))

    first = stepper(lesson)
    assert troubles(lesson) == []
    first.focus()
    press(first, "Home")
    assert press(first, "ArrowRight") == [(0, 0)]
