"""A truth table in a browser: by mouse and by keyboard each of its cells plays, and no kernel is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is missing: make test-setup")

from playwright.sync_api import Browser, Locator, Page, expect

from mountlab.course.matrix import matrix
from mountlab.site.build import build
from mountlab.site.slides import build as build_slides
from tests.browser.chromium import Visit, keep, launched, violations
from tests.browser.jupyter import written
from tests.course.page import Output

pytestmark = pytest.mark.browser
Open = Callable[..., Output]
CURRENT = "button[aria-current=true]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """The output of ``matrix(…)`` on a page; at the end no script has failed."""
    visits: list[Visit] = []
    errors: list[str] = []

    def open_page(*cell: str, theme: str = "light", **options: Any) -> Output:
        visits.append(Visit(browser, **options))
        visits[-1].page.on("pageerror", lambda error: errors.append(str(error)))
        output = Output(visits[-1].page, "matrix", lambda _: [], theme)
        output.draw(matrix(*cell).data(), linked=False)
        return output

    yield open_page
    for each in visits:
        each.context.close()
    assert not errors


def shows(page: Page, name: str) -> None:
    """This cell is the one that is shown below the table."""
    expect(page.locator(CURRENT)).to_have_accessible_name(name)


def cell(page: Page, source: str, target: str) -> Locator:
    """The button of one cell of the table bind, found by its name."""
    return page.get_by_role("button", name=f"target B is {target}, source A is {source}:")


def test_a_click_plays_the_last_command_of_that_cell(opened: Open) -> None:
    page = opened("bind").page
    grid, stepper = page.get_by_role("grid", name="mount --bind A B/t"), page.locator(".mlstep")
    expect(grid.get_by_role("button")).to_have_count(25)
    shows(page, "target B is shared, source A is shared: shared")

    cell(page, "slave", "shared").click()

    # The scene has been set: a slave was made, and B.
    expect(stepper.locator("[data-box]", has_text="/b/t")).to_have_count(0)
    expect(stepper.get_by_role("button", name="Pause")).to_be_visible()
    expect(stepper.locator(".prompt")).to_contain_text("mount --bind /a /b/t")
    expect(stepper.get_by_role("button", name="Play")).to_be_visible()
    expect(stepper.get_by_role("button", name="Forward")).to_have_attribute("aria-disabled", "true")
    new = stepper.locator("[data-box].mark")
    expect(new.locator(".badge.sh")).to_have_count(1)
    expect(new.locator(".badge.ma")).to_have_count(1)
    shows(page, "target B is shared, source A is slave: shared and slave")
    expect(page.get_by_role("status")).to_contain_text("source A is slave. Result: shared and slave.")

    cell(page, "unbindable", "private").click()
    expect(stepper.locator(".prompt .exit")).to_contain_text("EINVAL")
    expect(page.locator(CURRENT)).to_have_text("▶✕invalid (EINVAL)")


def test_the_arrow_keys_move_and_enter_and_space_play(opened: Open) -> None:
    page = opened("bind").page
    focused = page.locator("button:focus")

    page.keyboard.press("Tab")
    expect(focused).to_have_accessible_name("target B is shared, source A is shared: shared")
    for keys, name in (
        ("ArrowUp ArrowLeft", "target B is shared, source A is shared: shared"),
        ("ArrowDown ArrowRight", "target B is private, source A is private: private"),
        ("End ArrowRight", "target B is private, source A is unbindable: invalid (EINVAL)"),
        (4 * "ArrowDown ", "target B is unbindable, source A is unbindable: invalid (EINVAL)"),
        ("Home ArrowUp", "target B is shared and slave, source A is shared: shared"),
    ):
        for key in keys.split():
            page.keyboard.press(key)
        expect(focused).to_have_accessible_name(name)
    shows(page, "target B is shared, source A is shared: shared")

    page.keyboard.press("Enter")
    shows(page, "target B is shared and slave, source A is shared: shared")
    expect(page.locator(".mlstep .prompt")).to_contain_text("mount --bind /a /b/t")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator(CURRENT)).to_be_focused()
    shows(page, "target B is shared and slave, source A is private: shared")
    assert page.locator("[role=grid] button[tabindex='0']").count() == 1
    page.keyboard.press("Tab")
    expect(page.locator("[role=grid] button:focus")).to_have_count(0)
    page.keyboard.press("Shift+Tab")
    expect(page.locator(CURRENT)).to_be_focused()


def test_the_same_cell_plays_as_often_as_one_likes(opened: Open) -> None:
    page = opened("umount", "a peer of B", "a mount right on top of it").page
    for _ in range(2):
        page.locator(CURRENT).click()
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        expect(page.locator(".mlstep")).to_have_attribute("data-command", "6")
        page.get_by_role("button", name="First", exact=True).click()
        expect(page.locator(".mlstep")).to_have_attribute("data-command", "-1")


def test_keys_go_over_what_a_table_does_not_have(opened: Open) -> None:
    page = opened("mount", "the copy at a peer of B", "shared").page
    page.locator(CURRENT).focus()

    for _ in range(2):
        page.keyboard.press("ArrowDown")
        name = "B is shared and slave, the copy at a peer of B: shared"
        expect(page.locator("button:focus")).to_have_accessible_name(name)


def test_jupyter_does_not_get_the_keys_but_those_with_control(opened: Open) -> None:
    page = opened("bind").page
    page.evaluate("""() => { window.marks = {}; document.addEventListener("keydown", (event) => {
      window.marks[event.key] = event.target.hasAttribute("data-lm-suppress-shortcuts"); }, true); }""")

    for key in ("j", "ArrowDown", "Control+s"):
        page.locator(CURRENT).press(key)

    marks = page.evaluate("() => window.marks")
    assert marks == {"j": True, "ArrowDown": True, "Control": False, "s": False}


def test_the_second_output_shows_nothing(opened: Open) -> None:
    output = opened("bind")
    output.draw(matrix("bind").bundles()[1]["application/vnd.mountlab.matrix+json"])

    assert output.page.locator("#out").inner_html() == ""


def test_strange_data_is_only_text(opened: Open) -> None:
    output = opened("bind")
    evil = "<img src=x onerror='window.evil=1'>"
    data = matrix("bind").data()
    data |= {"title": evil, "corner": evil, "columns": [evil] * 5, "rows": [evil] * 5}
    data["cells"][0][0] |= dict.fromkeys(("word", "name"), evil) | {"said": [evil]}
    output.draw(data)

    expect(output.page.locator(".mlm > .title")).to_have_text(f"Truth table {evil}")
    look = "() => [window.evil, document.querySelectorAll('#out img').length]"
    assert output.page.evaluate(look) == [None, 0]
    parts = ({"at": [7, 7]}, {"at": None}, {"cells": {}}, {"v": 2})
    for broken in ({}, None, [], *({**data, **part} for part in parts)):
        output.draw(broken)
        expect(output.page.get_by_text("This output holds no table.")).to_be_visible()
    output.draw({**data, "parts": None})
    expect(output.page.get_by_text("This picture cannot be drawn")).to_be_visible()


def test_on_the_site_and_on_slides_it_plays_and_without_scripts_it_is_there(
    browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "lessons").mkdir()
    lesson = tmp_path / "lessons" / "04-site.ipynb"
    written(lesson, "# Site\n\nA lesson.", "matrix()", outputs=matrix("bind").bundles())
    build(tmp_path / "lessons", tmp_path / "site")
    build_slides(tmp_path / "lessons", tmp_path / "slides")
    page_of = {name: (tmp_path / name / "04-site.html").as_uri() for name in ("site", "slides")}

    for name, address in page_of.items():
        visit = Visit(browser)
        page = visit.page
        page.goto(address)
        cell(page, "slave", "shared").click()
        page.keyboard.press("ArrowRight")
        expect(page.locator("button:focus")).to_have_accessible_name(
            "target B is shared, source A is shared and slave: shared and slave"
        )
        expect(page.locator(".mlstep .prompt")).to_contain_text("mount --bind /a /b/t")
        expect(page.locator("main img")).to_have_count(0)
        assert (visit.off_the_machine(), visit.ours(), violations(page)) == ([], [], []), name
        visit.context.close()
    plain = Visit(browser, java_script_enabled=False)
    plain.page.goto(page_of["site"])
    expect(plain.page.get_by_role("columnheader", name="shared and slave")).to_be_visible()
    expect(plain.page.locator("main img")).to_be_visible()
    plain.context.close()


@pytest.mark.parametrize(("theme", "width"), [("light", 1000), ("dark", 1000), ("light", 340)])
def test_accessible_by_day_and_night_and_narrow(opened: Open, theme: str, width: int) -> None:
    page = opened("move", theme=theme, viewport={"width": width, "height": 900}).page
    page.get_by_role("button", name="target B is private, source A is unbindable:").click()
    expect(page.get_by_role("status")).to_contain_text("Note: The documents disagree")
    expect(page.get_by_role("button", name="Forward")).to_have_attribute("aria-disabled", "true")

    assert violations(page, ".mlm") == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    keep(page, f"matrix-{theme}-{width}")
