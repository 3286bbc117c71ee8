"""What a person does with a notebook in the browser, and what they see of its pictures."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.jupyter import Server

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ROOT = ".jp-OutputArea [data-command][data-step]"
"""A stepper in a notebook; its root says which command and which step it shows."""
START = (-1, -1)
PATIENCE = 60.0


def stepper(page: Page) -> Locator:
    """The page's first stepper, once it is there."""
    found = page.locator(ROOT).first
    found.wait_for()
    return found


def place(stepper: Locator) -> tuple[int, int]:
    """Which command a stepper shows, and which of its steps; before the first command it is at START."""
    command, step = (int(stepper.get_attribute(f"data-{name}") or -2) for name in ("command", "step"))
    return START if command == START[0] else (command, step)


def press(stepper: Locator, keys: str) -> list[tuple[int, int]]:
    """Press keys one after the other; the places that the stepper went to."""
    places = []
    for key in keys.split():
        stepper.page.keyboard.press(key)
        places.append(place(stepper))
    return places


def run_all(page: Page, server: Server, name: str) -> None:
    """Run All Cells, and wait until each code cell has its number; after a failure the others never have."""
    until(lambda: server.has_idle_kernel(name), page)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt")
    numbered = re.compile(r"\[\d+\]:")
    until(lambda: all(map(numbered.fullmatch, prompts.all_text_contents() or [""])), page)


def save(page: Page, file: Path) -> None:
    """Save with the keyboard, and wait until the whole file is another one."""
    before = file.stat().st_mtime_ns
    page.keyboard.press("Control+s")
    until(lambda: file.stat().st_mtime_ns != before and file.read_text().endswith("}\n"), page)


def until(is_so: Callable[[], bool], page: Page) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        page.wait_for_timeout(50)


def troubles(page: Page) -> list[str]:
    """What a reader must never see in an output."""
    words = ("Error displaying widget", "Loading widget", "could not be drawn")
    return [word for word in words if page.get_by_text(word).count()]
