"""The slides in a browser, with the network off: they turn by key and by button, and their pictures step."""

from __future__ import annotations

import pytest

from mountlab.site.slides import build
from mountlab.view.display import show
from tests.browser.chromium import Visit, keep, violations
from tests.browser.conftest import Open
from tests.browser.jupyter import written
from tests.browser.notebooks import place, press

pytestmark = [pytest.mark.browser, pytest.mark.alone]
TRANSCRIPT = "#: init=systemd\nw# unshare --mount --propagation slave\nhost# mount -t tmpfs disk /mnt\n"
LESSON = "# A lesson\n\nAbout 5 minutes.\n\n## A question\n\n" + 30 * "Who sees it? "


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A lesson of three slides, the last one with a picture."""
    folder = tmp_path_factory.mktemp("slides")
    (folder / "notebooks").mkdir()
    picture = show(TRANSCRIPT)._repr_mimebundle_()
    lesson = folder / "notebooks" / "99-lesson.ipynb"
    written(lesson, LESSON, "%%lab\nhost# ls", outputs=[picture])
    build(folder / "notebooks", folder / "out")
    return (folder / "out" / "99-lesson.html").as_uri()


@pytest.fixture
def reader(visit: Open, deck: str) -> Visit:
    reader = visit(viewport={"width": 1280, "height": 720})
    reader.context.set_offline(True)
    reader.page.goto(deck)
    return reader


def shown(reader: Visit) -> list[str]:
    return [slide.get_attribute("id") or "" for slide in reader.page.locator(".slide:visible").all()]


def test_slides_turn_by_key_and_by_button_and_keep_their_place(reader: Visit) -> None:
    assert shown(reader) == ["slide-1"]

    reader.page.keyboard.press("PageDown")
    reader.page.keyboard.press("ArrowRight")
    assert shown(reader) == ["slide-3"]
    reader.page.reload()
    assert shown(reader) == ["slide-3"]
    reader.page.get_by_role("button", name="Previous").click()
    assert shown(reader) == ["slide-2"]
    reader.page.keyboard.press("End")
    assert reader.page.get_by_role("status").first.inner_text() == "3 of 3"
    reader.page.keyboard.press("PageDown")
    assert shown(reader) == ["slide-3"], "the last one stays"


def test_a_picture_on_a_slide_steps_and_does_not_turn_it(reader: Visit) -> None:
    reader.page.keyboard.press("End")
    stepper = reader.page.locator(".slide:visible [data-command][data-step]")
    keep(reader.page, "slide-picture")
    before = place(stepper)
    stepper.focus()

    press(stepper, "ArrowLeft")

    assert place(stepper) != before
    assert shown(reader) == ["slide-3"]


def test_the_slides_have_no_violation_of_accessibility(reader: Visit) -> None:
    assert violations(reader.page) == []
    reader.page.keyboard.press("End")
    assert violations(reader.page) == []


def test_on_paper_every_slide_is_there_with_its_picture(reader: Visit) -> None:
    reader.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    reader.page.emulate_media(media="print")

    assert len(shown(reader)) == 3
    assert reader.page.locator(".stepper [data-box]").count()
