"""One learner's way through notebook 03 by keyboard alone: each prediction answered, each level solved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is missing: make test-setup")

from playwright.sync_api import Locator, Page, expect

from mountlab.practice.level_answers import solution
from mountlab.practice.levels import level
from mountlab.practice.predictions import prediction
from mountlab.practice.progress import Progress
from tests.browser.chromium import keep
from tests.browser.conftest import Open
from tests.browser.jupyter import Server, serving
from tests.browser.notebooks import PATIENCE, troubles, until

pytestmark = [pytest.mark.browser, pytest.mark.alone]
LESSON = "03-peer-groups.ipynb"
CALL = re.compile(r'(predict|level)\("([\w/-]+)"\)')
FAR = 8
"""So many presses of Tab a learner puts up with; the longest way takes 3."""
LONG = PATIENCE * 1000
HAS_FOCUS = "it => document.activeElement?.closest('.jp-Cell')?.dataset.windowedListIndex === it"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this learner's own: nothing has been answered there yet."""
    with serving(tmp_path_factory.mktemp("learner")) as started:
        yield started


def calls(server: Server) -> list[tuple[str, str]]:
    """What each cell asks for: ``("predict", "03/both-ways")``, ``("level", "two-windows")``, or nothing."""
    cells = json.loads((server.work / LESSON).read_text())["cells"]
    found = [CALL.fullmatch("".join(cell["source"])) for cell in cells]
    return [(call[1], call[2]) if call else ("", "") for call in found]


def opened(page: Page, server: Server) -> None:
    """Open the lesson; JupyterLab gives its first cell the keys."""
    page.goto(server.lab(LESSON))
    until(lambda: server.has_idle_kernel(LESSON), page)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()


def focused(page: Page, number: int) -> Locator:
    """The cell of that number, once it has the focus."""
    page.wait_for_function(HAS_FOCUS, arg=f"{number}", polling=20)
    return page.locator(f'.jp-Cell[data-windowed-list-index="{number}"]')


def tab_to(control: Locator) -> None:
    """Go to a control as a keyboard does: the test itself gives the focus to nothing."""
    # Looked up once: in so long a page that takes playwright longer than the key.
    found = control.element_handle()
    for _ in range(FAR):
        if found.evaluate("it => it === document.activeElement"):
            return
        control.page.keyboard.press("Tab")
    pytest.fail(f"{FAR} times Tab do not lead to {control}")


def choose(question: Locator, taken: Iterable[int]) -> None:
    """Give an answer."""
    inputs = question.locator("fieldset:enabled input")
    inputs.first.wait_for()
    tab_to(inputs.first)
    keyboard = question.page.keyboard
    if inputs.first.get_attribute("type") == "radio":
        for key in ("Space", *["ArrowDown"] * (min(taken) - 1)):
            keyboard.press(key)
    else:
        # The last box says: none of them.
        for at in sorted(number - 1 for number in taken) or [inputs.count() - 1]:
            tab_to(inputs.nth(at))
            keyboard.press("Space")
    keyboard.press("Enter")


def answer(question: Locator, name: str) -> None:
    """Answer a prediction rightly."""
    choose(question, prediction(name).question.right)
    expect(question.locator(".verdict")).to_have_text("✓ Right.", timeout=LONG)
    expect(question.locator(".verdict")).to_be_focused()


def answer_wrongly(question: Locator, name: str) -> None:
    """Answer as one who believes something that is not so; it is explained, and can be thought over."""
    found = prediction(name).question
    choose(question, next(taken for taken in found.beliefs.values() if taken != found.right))
    expect(question.locator(".verdict")).to_have_text("✗ Not so.", timeout=LONG)
    expect(question.locator(".belief")).to_contain_text("People who answer so believe:")
    tab_to(question.get_by_role("button", name="Think again"))
    question.page.keyboard.press("Enter")


def solve(played: Locator, name: str) -> None:
    """Type a level's solution, where its first button leads."""
    tab_to(played.get_by_role("button", name="To the command line"))
    played.page.keyboard.press("Enter")
    for step in solution(level(name)).steps:
        tab_to(played.get_by_label(f"Command for {step.shell}", exact=True))
        played.page.keyboard.type(f"{step.text}\n")
    # Not by expect(): in so long a page it took a second more for each level.
    played.locator(".outcome", has_text="The goal is reached").wait_for()


def test_from_the_first_prediction_to_the_last_level_by_keyboard(server: Server, visit: Open) -> None:
    page = visit().page
    opened(page, server)
    asked = calls(server)
    numbers = [number for number, (what, _) in enumerate(asked) if what]

    for number in range(numbers[-1] + 1):
        cell, (what, name) = focused(page, number), asked[number]
        # One runs it and stays; the other runs it, here once more, and goes on.
        page.keyboard.press("Control+Enter" if what else "Shift+Enter")
        if what == "predict":
            if number == numbers[0]:
                answer_wrongly(cell.locator(".mlq"), name)
            answer(cell.locator(".mlq"), name)
        elif what == "level":
            solve(cell.locator(".mlp"), name)
        if what and number < numbers[-1]:
            page.keyboard.press("Shift+Enter")

    keep(page, "lab-learner")
    assert troubles(page) == []
    kept = Progress(server.home / ".local" / "share" / "mountlab" / "progress.json").answers
    names = [name for _, name in asked if name]
    assert {what for what, _ in asked} == {"predict", "level", ""}
    assert [each.question for each in kept] == names
    assert [each.question for each in kept if not each.correct] == names[:1], "the first answer counts"
