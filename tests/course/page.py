"""A page with one output, whose comm is a function call; the browser and the Python behind it are real."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

PACKAGE = Path(__file__).resolve().parents[2] / "mountlab"
THEMES = Path(sys.prefix) / "share" / "jupyter" / "lab" / "themes" / "@jupyterlab"
ORIGIN = "http://localhost"
HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Course</title>
<link rel="stylesheet" href="/theme.css"></head>
<body data-jp-theme-light="{light}" style="margin: 1em; background: var(--jp-layout-color0)">
<main class="jp-Document"><h1 style="font-size: 1px; margin: 0">p</h1><div id="out"></div></main>
<button id="after">after</button></body></html>"""
DRAW = """async ([module, data, linked]) => {
  const { draw } = await import(module);
  const connect = async () => (linked ? {
    send: async (message) => { for (const each of await window.python(message)) window.hear(each); },
    onMessage: (callback) => { window.hear = callback; },
    close: () => { window.closed = true; },
  } : null);
  window.drawn = draw(document.getElementById("out"), data, connect);
}"""
Json = dict[str, Any]
Replies = Callable[[Json], list[Json]]


class Output:
    """The output of one cell on a page; ``replies`` may be exchanged, as when a kernel was restarted."""

    def __init__(self, page: Page, module: str, replies: Replies, theme: str = "light") -> None:
        self.page = page
        self.module = module
        self.replies = replies
        self.heard: list[Json] = []
        page.route(f"{ORIGIN}/**", lambda route: self._serve(route, theme))
        page.expose_function("python", self._answer)
        page.goto(f"{ORIGIN}/")

    def _serve(self, route: Route, theme: str) -> None:
        path = route.request.url.removeprefix(ORIGIN).lstrip("/")
        if not path:
            route.fulfill(body=HTML.format(light=str(theme == "light").lower()), content_type="text/html")
        elif path == "theme.css":
            style = THEMES / f"theme-{theme}-extension" / "index.css"
            route.fulfill(body=style.read_text(), content_type="text/css")
        elif (PACKAGE / path).is_file():
            route.fulfill(body=(PACKAGE / path).read_text(), content_type="text/javascript")
        else:
            route.fulfill(status=204)

    def _answer(self, message: Json) -> list[Json]:
        self.heard.append(message)
        return list(json.loads(json.dumps(self.replies(message))))

    def draw(self, data: Any, *, linked: bool = True) -> None:
        """Draw the output, as JupyterLab does when a cell has run or a notebook is opened."""
        self.page.evaluate("() => window.drawn?.destroy()")
        self.page.evaluate(DRAW, [f"/course/{self.module}.js", data, linked])
