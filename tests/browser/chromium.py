"""Chromium without a way off this machine: pages, what they asked for, screenshots, accessibility."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:  # a machine without playwright collects these tests too, and skips them
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = Path(os.environ.get("MOUNTLAB_ARTEFACTS") or ROOT / ".ci" / "artefacts")
AXE = os.environ.get("MOUNTLAB_AXE", "")
"""A folder in which `npm install axe-core` was run."""
NAMES = ("chromium", "chromium-browser", "google-chrome")
NEAR = frozenset({"127.0.0.1", "localhost", ""})
INLINE = frozenset({"data", "blob", "about", "file", "chrome-error"})
DEAD_PROXY: Any = {"server": "http://127.0.0.1:9", "bypass": "127.0.0.1,localhost"}
"""Port 9 of this machine: nobody answers, so nothing leaves it."""
AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def find() -> str:
    """Return the path of a Chromium; skip where there is none."""
    wished = os.environ.get("MOUNTLAB_CHROMIUM")
    found = wished or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip(
            f"none of {', '.join(NAMES)} is on the path (Debian: apt-get install chromium;"
            " MOUNTLAB_CHROMIUM may name another)"
        )
    if not Path(found).exists():
        pytest.skip(f"no Chromium: MOUNTLAB_CHROMIUM is {found}, which does not exist")
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """Start Chromium; skip, with the reason, where that cannot be."""
    program = find()
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is missing: make test-setup")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, proxy=DEAD_PROXY)
        yield browser
        browser.close()


class Visit:
    """One page, and all that it asked for."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
        self.context: BrowserContext = browser.new_context(**options)
        self.context.set_default_timeout(45_000)
        self.asked: list[str] = []
        self.failed: list[str] = []
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.context.on("weberror", lambda error: self.failed.append(f"{error.error.stack}"))
        self.page: Page = self.context.new_page()
        self.page.on("websocket", lambda socket: self.asked.append(socket.url))

    def off_the_machine(self) -> list[str]:
        """What was asked of others than this machine."""
        parts = [(url, urlsplit(url)) for url in self.asked]
        return [url for url, part in parts if part.scheme not in INLINE and part.hostname not in NEAR]

    def ours(self) -> list[str]:
        """The failures of our scripts: Jupyter has some of its own."""
        return [stack for stack in self.failed if "/mountlab/" in stack or "file://" in stack]


def keep(what: Page | Locator, name: str) -> Path:
    """Take a screenshot that CI keeps."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    path = ARTEFACTS / f"{name}.png"
    what.screenshot(path=path)
    return path


def axe_source() -> str:
    """Return the text of axe-core; skip where it is missing."""
    path = Path(AXE) / "node_modules" / "axe-core" / "axe.min.js"
    if not AXE or not path.is_file():
        pytest.skip("MOUNTLAB_AXE names no folder with axe-core: npm install --prefix FOLDER axe-core")
    return path.read_text()


def violations(page: Page, selector: str | None = None) -> list[str]:
    """What axe-core holds against this part of the page, by WCAG 2.1 A and AA: one line for each element."""
    page.evaluate(axe_source())
    run = "([at, tags]) => axe.run(at ? document.querySelector(at) : document, {runOnly: tags})"
    result = page.evaluate(run, [selector, AA])
    assert result["passes"], "axe looked at nothing"
    return [
        f"{found['id']}: {found['help']}: {node['html'][:200]} {node['failureSummary']}"
        for found in result["violations"]
        for node in found["nodes"]
    ]
