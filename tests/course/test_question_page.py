"""Questions in a browser: asked, answered by keyboard, told, watched; with a kernel and without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is missing: make test-setup")

from playwright.sync_api import Browser, expect

from mountlab.course import drill, level, predict, pretest
from mountlab.course.practice import Asked, Exam
from mountlab.course.question import MIME
from mountlab.course.record import reply
from mountlab.practice.progress import Progress
from mountlab.site.build import build
from tests.browser.chromium import Visit, keep, launched, violations
from tests.browser.jupyter import written
from tests.course.page import Output

pytestmark = pytest.mark.browser
Open = Callable[..., Output]
KEPT, NOT_KEPT = "Your answer was kept.", "Not kept: no kernel is running for this question."


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Progress:
    """A learner who has answered nothing yet."""
    monkeypatch.setenv("MOUNTLAB_PROGRESS", str(tmp_path / "progress.json"))
    return Progress()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """The output of a cell on a page; at the end no script has failed."""
    visits: list[Visit] = []
    errors: list[str] = []

    def open_page(
        asked: Asked | Exam, theme: str = "light", *, linked: bool = True, **options: Any
    ) -> Output:
        visits.append(Visit(browser, **options))
        visits[-1].page.on("pageerror", lambda error: errors.append(str(error)))
        output = Output(visits[-1].page, "question", lambda message: [reply(asked, message)], theme)
        output.draw(asked._repr_mimebundle_()[MIME], linked=linked)
        return output

    yield open_page
    for each in visits:
        each.context.close()
    assert not errors


def test_a_wrong_answer_by_keyboard_is_told_why_and_watched(opened: Open, kept: Progress) -> None:
    page = opened(predict("02/cdrom")).page

    expect(page.get_by_role("group", name="which of these paths show cdrom?")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")

    verdict = page.locator(".verdict")
    expect(verdict).to_be_focused()
    expect(verdict).to_have_text("✗ Not so.")
    notes = page.locator(".choice .note:visible")
    expect(notes).to_have_text(["shows it · ✓ as you said", "does not show it · ✗ you said otherwise"])
    expect(page.locator(".belief")).to_contain_text("People who answer so believe:There is one mount table.")
    expect(page.locator(".result > .law")).to_contain_text("A new mount namespace is a copy of the old")
    expect(page.locator(".chain li")).to_have_count(3)
    expect(page.locator(".kept")).to_have_text(KEPT)
    assert [each.correct for each in kept.answers] == [False]

    stepper = page.locator(".mlstep")
    expect(stepper).to_have_attribute("data-command", "1")
    expect(stepper.locator(".prompt")).to_contain_text("unshare --mount")
    stepper.focus()
    page.keyboard.press("ArrowRight")
    expect(stepper).to_have_attribute("data-command", "2")
    expect(stepper.locator(".prompt")).to_contain_text("mount -t tmpfs cdrom /mnt/cdrom")


def test_one_may_think_again_and_the_first_answer_counts(opened: Open, kept: Progress) -> None:
    page = opened(predict("02/cdrom")).page
    page.get_by_label("child: /mnt/cdrom").check()
    page.get_by_role("button", name="Answer").click()

    page.get_by_role("button", name="Think again").click()
    expect(page.get_by_label("host: /mnt/cdrom")).to_be_focused()
    expect(page.locator(".mlstep")).to_have_count(0)
    page.get_by_label("host: /mnt/cdrom").check()
    page.get_by_role("button", name="Answer").click()

    expect(page.locator(".verdict")).to_have_text("✓ Right.")
    expect(page.locator(".kept")).to_have_text("Your first answer counts.")
    assert [each.correct for each in kept.answers] == [False]


def test_nothing_chosen_is_no_answer_and_none_of_them_is_one(opened: Open) -> None:
    output = opened(predict("02/cdrom"))
    page = output.page

    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("Choose an answer first.")).to_be_visible()
    page.get_by_label("none of them").check()
    page.get_by_label("host: /mnt/cdrom").check()
    expect(page.get_by_label("none of them")).not_to_be_checked()
    page.get_by_label("none of them").check()
    expect(page.get_by_label("host: /mnt/cdrom")).not_to_be_checked()
    page.get_by_role("button", name="Answer").click()

    expect(page.locator(".kept")).to_have_text(KEPT)
    assert output.heard == [{"type": "answer", "taken": [], "n": 1}]


def test_of_one_choice_the_arrows_choose(opened: Open) -> None:
    page = opened(predict("03/move")).page
    page.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    page.keyboard.press("Enter")

    expect(page.locator(".verdict")).to_be_focused()
    expect(page.locator(".note.good:visible")).to_have_count(1)
    expect(page.locator(".note.good:visible")).to_contain_text("✓ this is so")
    said = "✗ your answer" if page.locator(".verdict.bad").count() else "✓ this is so · your answer"
    expect(page.get_by_text(said)).to_be_visible()


def test_without_a_kernel_all_is_told_and_it_says_that_nothing_was_kept(opened: Open, kept: Progress) -> None:
    page = opened(predict("02/cdrom"), linked=False).page
    page.get_by_label("host: /mnt/cdrom").check()
    page.get_by_role("button", name="Answer").click()

    expect(page.locator(".verdict")).to_have_text("✓ Right.")
    expect(page.locator(".kept")).to_contain_text(NOT_KEPT)
    expect(page.locator(".mlstep")).to_be_visible()
    assert kept.answers == ()


def test_drawn_again_it_shows_what_was_answered(opened: Open) -> None:
    asked = predict("02/cdrom")
    output = opened(asked)
    output.page.get_by_label("host: /mnt/cdrom").check()
    output.page.get_by_role("button", name="Answer").click()
    expect(output.page.locator(".kept")).to_have_text(KEPT)

    output.draw(asked.data())

    expect(output.page.locator(".verdict")).to_have_text("✓ Right.")
    assert len(output.heard) == 1
    assert not output.page.evaluate("() => document.activeElement.closest('.mlq')"), "focus is not taken"


def test_a_drill_gives_another_one(opened: Open, kept: Progress) -> None:
    asked = drill("slaves", 1, seed=3)
    page = opened(asked).page
    before = page.locator(".asked").inner_text() + page.locator(".story").inner_text()
    page.locator(".choice input").first.check()
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".kept")).to_have_text(KEPT)

    page.get_by_role("button", name="Another one").click()

    expect(page.get_by_role("button", name="Answer")).to_be_visible()
    expect(page.locator(".choice input").first).to_be_focused()
    assert page.locator(".asked").inner_text() + page.locator(".story").inner_text() != before
    page.locator(".choice input").first.check()
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".kept")).to_have_text(KEPT)
    assert len(kept.answers) == 2


def test_a_test_tells_nothing_until_its_end(opened: Open, kept: Progress) -> None:
    asked = pretest()
    page = opened(asked).page
    page.get_by_role("button", name="Begin").click()

    for number, question in enumerate(asked.questions, 1):
        expect(page.locator(".title")).to_have_text(f"Before the course Question {number} of 8")
        expect(page.locator(".title")).to_be_focused()
        wanted = next(iter(question.beliefs.values())) if number == 2 else question.right
        for each in sorted(wanted) or [0]:
            page.locator(f".choice input[value='{each}']").check()
        assert page.locator(".note:visible, .verdict").count() == 0
        page.get_by_role("button", name="Next" if number < 8 else "Answer").click()

    expect(page.locator(".verdict")).to_have_text("7 of 8 right")
    expect(page.locator(".verdict")).to_be_focused()
    expect(page.locator(".read li")).to_have_count(1)
    expect(page.locator(".read li")).to_contain_text("Notebook 0")
    page.locator("summary").nth(1).click()
    expect(page.locator("details[open] .mlstep")).to_be_visible()
    assert violations(page, ".mlq") == []
    keep(page, "test-end")
    assert [each.correct for each in kept.answers] == [True, False] + [True] * 6


def test_strange_data_is_only_text(opened: Open) -> None:
    output = opened(predict("02/cdrom"), linked=False)
    evil = "<img src=x onerror='window.evil=1'>"
    data = predict("02/cdrom").data() | {"name": "x"}
    beliefs = {slug: dict.fromkeys(("title", "believed", "truth"), evil) for slug in data["beliefs"]}
    texts = [evil for _ in data["texts"]]
    data |= dict.fromkeys(("title", "machine", "text"), evil) | {"beliefs": beliefs, "texts": texts}
    data |= {"choices": [evil, evil], "story": [evil], "asked": [evil]}
    output.draw(data, linked=False)
    for box in (0, 1):
        output.page.get_by_role("checkbox").nth(box).check()
    output.page.get_by_role("button", name="Answer").click()

    expect(output.page.locator(".belief")).to_contain_text("<img")
    look = "() => [window.evil, document.querySelectorAll('#out img').length]"
    assert output.page.evaluate(look) == [None, 0]
    halves = ({"v": 1, "answers": {}, "choices": []}, {"v": 1, "questions": [{}]})
    for broken in ({}, {"v": 2}, [], None, *halves):
        output.draw(broken)
        expect(output.page.get_by_text("This output holds no question.")).to_be_visible()
    whole = predict("02/cdrom").data()
    for key in whole:
        output.draw({**whole, "name": f"without {key}", key: None}, linked=False)
        if output.page.get_by_role("checkbox").count():
            output.page.get_by_role("checkbox").first.check()
            output.page.get_by_role("button", name="Answer").click()
            expect(output.page.locator(".verdict")).to_be_visible()


def test_jupyter_does_not_get_the_keys_but_those_with_control(opened: Open) -> None:
    page = opened(predict("02/cdrom")).page
    seen = """() => { window.marks = []; document.addEventListener("keydown", (event) => window.marks.push(
      [event.key, event.target.hasAttribute("data-lm-suppress-shortcuts")]), true); }"""
    page.evaluate(seen)
    box = page.get_by_role("checkbox").first

    for key in ("j", "ArrowDown", "Control+s"):
        box.press(key)
    page.get_by_role("button", name="Answer").press("b")

    assert dict(page.evaluate("() => window.marks")) == {
        "j": True, "ArrowDown": True, "Control": False, "s": False, "b": True,
    }  # fmt: skip


def test_the_site_asks_and_tells_and_shows_a_level_as_text(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "lessons").mkdir()
    outputs = [each._repr_mimebundle_() for each in (predict("02/cdrom"), pretest())]
    outputs.append(level("slave-only").bundle())
    written(tmp_path / "lessons" / "02-site.ipynb", "# Site\n\nA lesson.", "shown", outputs=outputs)
    build(tmp_path / "lessons", tmp_path / "site")
    visit = Visit(browser)
    page = visit.page
    page.goto((tmp_path / "site" / "02-site.html").as_uri())

    page.get_by_label("child: /mnt/cdrom").check()
    page.get_by_role("button", name="Answer").click()

    expect(page.locator(".verdict")).to_have_text("✗ Not so.")
    expect(page.locator(".question .mlstep")).to_be_visible()
    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    expect(page.get_by_text("Level slave-only: Listening only")).to_be_visible()
    expect(page.locator("main img")).to_have_count(1)
    assert visit.off_the_machine() == []
    assert visit.ours() == []
    assert violations(page) == []
    visit.context.close()


@pytest.mark.parametrize(("theme", "width"), [("light", 1000), ("dark", 1000), ("light", 320)])
def test_accessible_asked_and_told_by_day_and_night_and_narrow(opened: Open, theme: str, width: int) -> None:
    page = opened(predict("03/four-places"), theme, viewport={"width": width, "height": 800}).page
    assert violations(page, ".mlq") == []
    keep(page, f"question-{theme}-{width}")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".verdict")).to_be_focused()

    assert violations(page, ".mlq") == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    keep(page, f"question-{theme}-{width}-told")
