"""Levels in a browser: the goal and what holds of it, hints, harm, the solution, by keyboard and by mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is missing: make test-setup")

from playwright.sync_api import Browser, expect

from mountlab.course import level
from mountlab.course.capstone import capstone
from mountlab.course.levels import PlayedLevel
from mountlab.play.protocol import Message, Pages
from mountlab.practice.progress import Progress
from tests.browser.chromium import Visit, keep, launched, violations
from tests.course.page import Output, Replies

pytestmark = pytest.mark.browser
Open = Callable[..., Output]


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Progress:
    """A learner who has solved nothing yet."""
    monkeypatch.setenv("MOUNTLAB_PROGRESS", str(tmp_path / "progress.json"))
    return Progress()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


def replies(played: PlayedLevel) -> Replies:
    def said(message: Message) -> list[Message]:
        if message["type"] == "keep":
            return [{"type": "answer", "n": message["n"]}]
        heard: list[Message] = []
        pages = Pages(played)
        pages.join(heard.append)
        pages.receive(heard.append, message)
        return heard

    return said


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """The output of ``level(…)`` on a page; at the end no script has failed."""
    visits: list[Visit] = []
    errors: list[str] = []

    def open_page(
        played: PlayedLevel, theme: str = "light", *, linked: bool = True, **options: Any
    ) -> Output:
        visits.append(Visit(browser, **options))
        visits[-1].page.on("pageerror", lambda error: errors.append(str(error)))
        output = Output(visits[-1].page, "level", replies(played), theme)
        output.draw(played.data(), linked=linked)
        return output

    yield open_page
    for each in visits:
        each.context.close()
    assert not errors


def typed(output: Output, line: str, terminal: str) -> None:
    field = output.page.get_by_label(f"Command for {terminal}")
    field.fill(line)
    field.press("Enter")
    output.page.wait_for_function("() => !document.querySelector('.mlp .pending')")


def test_goal_by_goal_in_words_and_beside_its_picture(opened: Open, kept: Progress) -> None:
    output = opened(level("slave-only"))
    page = output.page
    goals = page.locator(".goals .sign")

    expect(goals).to_have_text(["✓ holds", "○ not yet"])
    expect(page.get_by_text("Commands: 0 · par: 1")).to_be_visible()
    expect(page.get_by_label("Command for c1")).to_be_visible()
    picture = page.locator(".goal .mlstep")
    expect(picture.locator(".badge.ma")).to_have_count(1)
    expect(picture.get_by_role("button", name="Forward")).to_have_count(0)
    goal, now = picture.bounding_box(), page.locator(".split .mlstep").bounding_box()
    assert goal
    assert now
    assert abs(goal["x"] - now["x"]) < 10, "the goal stands above what there is now"

    typed(output, "mount --make-slave /", "c1")

    expect(goals).to_have_text(["✓ holds", "✓ holds"])
    expect(page.locator(".outcome")).to_contain_text("✓ The goal is reached, with 1 command. That is par.")
    expect(page.locator(".outcome")).to_contain_text('Next level: level("slave-of-nobody")')
    assert [each.question for each in kept.answers] == ["slave-only"]


def test_harm_is_told_and_undone_where_it_is_told(opened: Open) -> None:
    output = opened(level("the-auditor"))
    page = output.page
    typed(output, "mount -o remount,bind,ro /ledger", "host")

    expect(page.locator(".outcome")).to_contain_text("This went wrong: The book-keeping cannot write")
    page.get_by_role("button", name="Undo it").click()

    expect(page.locator(".outcome")).to_be_hidden()
    expect(page.get_by_text("Commands: 0 · par: 1")).to_be_visible()


def test_hints_follow_the_state_and_the_solution_asks_first(opened: Open) -> None:
    output = opened(level("slave-only"))
    page = output.page

    page.get_by_role("button", name="Hint").click()
    expect(page.locator(".hinted")).to_contain_text("Four types: shared does both")
    typed(output, "mount --make-private /", "c1")
    expect(page.locator(".hinted")).to_be_hidden()
    page.get_by_role("button", name="Hint").click()
    expect(page.locator(".hinted")).to_contain_text("Now c1 hears nothing either.")

    page.get_by_role("button", name="Solution").click()
    expect(page.get_by_text("the riddle is gone")).to_be_visible()
    page.get_by_role("button", name="Not yet").click()
    assert not [message for message in output.heard if message["type"] == "solution"]
    page.get_by_role("button", name="Solution").click()
    page.get_by_role("button", name="Show the solution").click()
    expect(page.get_by_role("region", name="The solution")).to_contain_text("c1# mount --make-slave /")


def test_only_the_levels_terminals_take_commands_and_what_it_forbids_is_refused(opened: Open) -> None:
    output = opened(level("slave-only"))
    page = output.page

    typed(output, "unshare -m", "c1")
    expect(page.locator(".terminal:visible")).to_contain_text("this level is to be solved without `unshare`")
    page.get_by_role("tab", name="host").click()
    expect(page.get_by_text("Here you only look. You type in c1.")).to_be_visible()
    expect(page.get_by_label("Command for host")).to_be_hidden()
    for name in ("New terminal", "Close", "Export", "Import"):
        expect(page.get_by_role("button", name=name)).to_be_hidden()
    expect(page.get_by_role("radio")).to_have_count(0)


def test_one_tab_and_enter_lead_to_the_command_line(opened: Open) -> None:
    output = opened(level("slave-only"))
    page, skip = output.page, output.page.get_by_role("button", name="To the command line")
    away = "it => getComputedStyle(it.parentElement).clipPath"
    expect(page.get_by_label("Command for c1")).to_be_editable()
    assert skip.evaluate(away) == "inset(50%)", "it is seen by who comes with the Tab key only"

    page.get_by_role("tab", name="host").click()
    page.evaluate("() => { document.body.tabIndex = -1; document.body.focus(); }")
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    assert skip.evaluate(away) == "none"
    keep(page, "level-skip")
    page.keyboard.press("Enter")

    expect(page.get_by_label("Command for c1")).to_be_focused()  # in host one only looks
    page.keyboard.type("mount --make-slave /\n")
    expect(page.locator(".outcome.reached")).to_be_visible()


def test_the_incident_without_hints_has_no_button_for_them(opened: Open) -> None:
    page = opened(capstone()).page

    expect(page.get_by_role("button", name="Solution")).to_be_visible()
    expect(page.get_by_role("button", name="Hint")).to_have_count(0)
    keep(page, "level-capstone")


def test_the_goal_s_picture_shows_what_the_goal_speaks_of(opened: Open) -> None:
    """The keeper's table would show at which path the tmpfs was mounted."""
    output = opened(level("three-windows"))
    goal = output.page.locator(".goal .mlstep")

    expect(goal.locator(".column")).to_have_count(1)
    expect(goal).to_contain_text("tools")
    expect(goal).not_to_contain_text("full")
    expect(output.page.locator(".split .mlstep .column")).to_have_count(2)
    keep(output.page, "level-three-windows")


def test_without_a_kernel_story_goal_and_picture_are_there(opened: Open) -> None:
    page = opened(level("the-auditor"), linked=False).page

    expect(page.get_by_text("Run the cell again: it goes on where you were.")).to_be_visible()
    expect(page.get_by_text("An auditor is to read the ledger")).to_be_visible()
    expect(page.locator(".goals li")).to_have_count(3)
    page.get_by_role("button", name="Hint").click(force=True)
    expect(page.locator(".hinted")).to_be_hidden()


def test_strange_data_is_only_text(opened: Open) -> None:
    output = opened(level("the-auditor"), linked=False)
    data = level("the-auditor").data()
    evil = "<img src=x onerror='window.evil=1'>"
    data["level"] |= dict.fromkeys(("title", "story", "failed", "next"), evil)
    data["level"] |= {"goal": [{"text": evil, "holds": False}], "forbidden": [evil], "terminals": [evil]}
    output.draw(data, linked=False)

    expect(output.page.locator(".story")).to_have_text(evil)
    look = "() => [window.evil, document.querySelectorAll('#out img').length]"
    assert output.page.evaluate(look) == [None, 0]
    for broken in ({}, None, [], {"v": 1}):
        output.draw(broken)
        expect(output.page.get_by_text("This output holds no level.")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 1200), ("dark", 1200), ("light", 340)])
def test_accessible_by_day_and_night_and_narrow(opened: Open, theme: str, width: int) -> None:
    output = opened(level("the-auditor"), theme, viewport={"width": width, "height": 900})
    page = output.page
    typed(output, "mount -o remount,bind,ro /ledger", "host")
    page.get_by_role("button", name="Hint").click()
    page.get_by_role("button", name="Solution").click()

    assert violations(page, ".mlp") == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    keep(page, f"level-{theme}-{width}")
    page.get_by_role("button", name="Undo it").click()
    typed(output, "mount --bind -o ro /ledger /audit", "host")
    expect(page.locator(".outcome.reached")).to_be_visible()
    assert violations(page, ".mlp") == []
    keep(page, f"level-{theme}-{width}-reached")
    page.get_by_role("button", name="To the command line").focus()
    assert violations(page, ".mlp") == []
