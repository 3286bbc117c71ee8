"""The static site, opened from the disk with the network off: it steps, and everybody can read it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mountlab.site.build import build
from mountlab.view.display import show
from tests.browser.chromium import Visit, keep, violations
from tests.browser.conftest import Open
from tests.browser.jupyter import written
from tests.browser.notebooks import START, place, press

pytestmark = [pytest.mark.browser, pytest.mark.alone]
ROOT = Path(__file__).resolve().parents[2]
TRANSCRIPT = "#: init=systemd\nw# unshare --mount --propagation slave\nhost# mount -t tmpfs disk /mnt\n"
LESSON = "# A lesson\n\nAbout 5 minutes. Afterwards you can\n\n- step through `mount`."
STEPPER = "[data-command][data-step]"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course's pages, and one more lesson with two pictures."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    picture = show(TRANSCRIPT)._repr_mimebundle_()
    written(folder / "notebooks" / "99-lesson.ipynb", LESSON, "%%lab\nhost# ls", outputs=[picture, picture])
    build(folder / "notebooks", folder / "out")
    return folder / "out"


@pytest.fixture(params=["light", "dark"])
def reader(request: pytest.FixtureRequest, visit: Open) -> Visit:
    """Somebody without a network, by day and by night."""
    reader = visit(color_scheme=request.param)
    reader.context.set_offline(True)
    return reader


@pytest.mark.parametrize("name", ["index", "99-lesson"])
def test_the_pages_have_no_violation_of_accessibility(
    name: str, reader: Visit, site: Path, request: pytest.FixtureRequest
) -> None:
    reader.page.goto((site / f"{name}.html").as_uri())

    assert violations(reader.page) == []
    keep(reader.page, f"site-{request.node.callspec.id}")


def test_the_first_lesson_has_no_violation_of_accessibility(visit: Open, site: Path) -> None:
    page = visit().page
    page.goto((site / "00-start-here.html").as_uri())

    assert violations(page) == []


def test_from_the_index_to_a_lesson_that_steps_by_key_and_by_mouse(reader: Visit, site: Path) -> None:
    page = reader.page
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="A lesson").click()
    first, second = page.locator(STEPPER).all()
    first.focus()

    assert press(first, "Home ArrowRight ArrowLeft")[1:] == [(0, 0), START]
    assert press(first, "End")[0][0] == 1
    first.get_by_role("button", name="Back").click()
    assert place(first)[0] <= 1
    assert second.locator("[data-box]").count()
    page.get_by_role("link", name="all lessons").click()
    assert page.title().startswith("mountlab")


def test_the_first_tab_leads_past_the_navigation(reader: Visit, site: Path) -> None:
    page = reader.page
    page.goto((site / "00-start-here.html").as_uri())

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_narrow_and_at_twice_the_size_nothing_runs_out_of_the_page(visit: Open, site: Path) -> None:
    page = visit(viewport={"width": 640, "height": 900}).page
    for path in sorted(site.glob("*.html")):
        page.goto(path.as_uri())

        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path.name


def test_without_scripts_there_is_the_picture(visit: Open, site: Path) -> None:
    page = visit(java_script_enabled=False).page
    page.goto((site / "99-lesson.html").as_uri())

    picture = page.locator("img").first
    assert picture.is_visible()
    assert "namespace 1" in (picture.get_attribute("alt") or "")
