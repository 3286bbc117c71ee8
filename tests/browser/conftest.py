"""A server and a browser for this folder; a page that asks for anything elsewhere fails its test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import Visit, launched
from tests.browser.jupyter import Server, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one file only: playwright's event loop would be in the way of tests that have one of their own."""
    with launched() as started:
        yield started


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("jupyter")) as started:
        yield started


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Open pages; at the end nothing was asked of another machine, and no script failed."""
    visits: list[Visit] = []

    def opened(**options: object) -> Visit:
        visits.append(Visit(browser, **options))
        return visits[-1]

    yield opened
    for each in visits:
        each.context.close()
        assert each.off_the_machine() == []
        assert each.ours() == []
