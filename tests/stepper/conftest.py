"""The stepper alone in a page: the module inlined, no server, nothing loaded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.chromium import Visit, launched
from tests.stepper.samples import MODULE, Data

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>stepper</title><body>
<button id="before">before</button><main id="place"></main>
<script type="module">{module}
window.draw = draw; window.told = [];
document.addEventListener("mountlab-step", (event) => told.push(event.detail));
</script>"""
Opened = Callable[..., "Stepper"]


class Stepper:
    """A stepper in a page, as a learner and as a caller see it."""

    def __init__(self, page: Page, data: object, position: Data | None) -> None:
        self.page = page
        place = "document.getElementById('place')"
        begin = f"([data, position]) => {{ window.s = draw({place}, data, position ? {{position}} : {{}}); }}"
        page.evaluate(begin, [data, position])
        self.root = page.locator(".mlstep")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def focus(self) -> Stepper:
        self.root.focus()
        return self

    def goto(self, command: int, step: int = 999) -> None:
        self.page.evaluate("([command, step]) => s.goto({command, step})", [command, step])

    def walk(self, look: str, keys: list[str]) -> list[Any]:
        """What ``look`` returns, now and after each of these keys."""
        each = """(keys) => { const look = LOOK, root = document.querySelector('.mlstep'), seen = [look()];
            for (const key of keys) {
              root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
              seen.push(look());
            }
            return seen; }""".replace("LOOK", look)
        seen: list[Any] = self.page.evaluate(each, keys)
        return seen

    @property
    def at(self) -> tuple[int, int]:
        root = self.page.evaluate("() => ({...document.querySelector('.mlstep').dataset})")
        return int(root["command"]), int(root["step"])

    @property
    def said(self) -> str:
        return self.page.locator(".say [aria-live=polite]").first.inner_text()

    def box(self, number: int) -> Any:
        return self.page.locator(f"[data-box='{number}']")


class Pages:
    """One page that serves many tests, and others for those that need one of another kind."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.shared: Visit | None = None
        self.problems: list[str] = []

    def new(self, **options: Any) -> Visit:
        visit = Visit(self.browser, **options)
        visit.page.on("pageerror", lambda error: self.problems.append(f"{error.stack}"))
        visit.page.set_content(PAGE.replace("{module}", MODULE.read_text().replace("</script", "<\\/script")))
        visit.page.wait_for_function("() => window.draw")
        return visit

    def usual(self) -> Visit:
        self.shared = self.shared or self.new()
        self.shared.page.evaluate("() => { window.s?.destroy(); told.length = 0; }")
        return self.shared


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with launched() as started:
        yield Pages(started)


@pytest.fixture
def stepper(pages: Pages) -> Iterator[Opened]:
    """Open a stepper; at the end nothing was asked of another machine, and no script failed."""
    visits: list[Visit] = []

    def opened(data: object, position: Data | None = None, **options: object) -> Stepper:
        visits.append(pages.new(**options) if options else pages.usual())
        return Stepper(visits[-1].page, json.loads(json.dumps(data)), position)

    yield opened
    asked = [url for visit in visits for url in visit.off_the_machine()]
    for visit in visits:
        if visit is not pages.shared:
            visit.context.close()
    problems, pages.problems = pages.problems, []
    assert not asked, "traffic off this machine"
    assert not problems, "a script failed on the page"
