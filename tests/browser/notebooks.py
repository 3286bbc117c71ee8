"""What a person does with a notebook in the browser, and what they see of its pictures."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ROOT = ".jp-OutputArea [data-command][data-step]"
"""A stepper in a notebook; its root says which command and which step it shows."""
PATIENCE = 60.0


def stepper(page: Page) -> Locator:
    """The page's first stepper, once it is there."""
    found = page.locator(ROOT).first
    found.wait_for()
    return found


def place(stepper: Locator) -> tuple[int, int]:
    """Which command a stepper shows, and which of its steps."""
    command, step = (stepper.get_attribute(f"data-{name}") for name in ("command", "step"))
    return int(command or -2), int(step or -2)


def press(stepper: Locator, keys: str) -> list[tuple[int, int]]:
    """Press keys one after the other; the places that the stepper went to."""
    places = []
    for key in keys.split():
        stepper.page.keyboard.press(key)
        places.append(place(stepper))
    return places


def run_all(page: Page) -> None:
    """Run All Cells, and wait until each code cell has its number; after a failure the others never have."""
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt")
    numbered = re.compile(r"\[\d+\]:")
    until(lambda: all(map(numbered.fullmatch, prompts.all_text_contents() or [""])), page)


def save(page: Page, file: Path) -> None:
    """Save with the keyboard, and wait until the file is another one."""
    before = file.stat().st_mtime_ns
    page.keyboard.press("Control+s")
    until(lambda: file.stat().st_mtime_ns != before, page)


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
