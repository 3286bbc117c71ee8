"""A page with a playground whose comm is a function call; the browser and the Python behind it are real."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mountlab.play.protocol import Message, Pages
from mountlab.play.widget import Playground

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

PACKAGE = Path(__file__).resolve().parents[2] / "mountlab"
THEMES = Path(sys.prefix) / "share" / "jupyter" / "lab" / "themes" / "@jupyterlab"
ORIGIN = "http://localhost"
HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Playground</title>
<link rel="stylesheet" href="/theme.css"></head>
<body data-jp-theme-light="{light}" style="margin: 1em; background: var(--jp-layout-color0)">
<main class="jp-Document"><h1 style="font-size: 1px; margin: 0">p</h1><div id="out"></div></main>
<button id="after">after</button></body></html>"""
DRAW = """async ([data, linked]) => {
  const { draw } = await import("/play/playground.js");
  const connect = async () => (linked ? {
    send: async (message) => { for (const each of await window.python(message)) window.hear(each); },
    onMessage: (callback) => { window.hear = callback; },
    close: () => { window.closed = true; },
  } : null);
  window.drawn = draw(document.getElementById("out"), data, connect);
}"""


class Bridge:
    """One page; `playground` may be exchanged, as when a kernel was restarted."""

    def __init__(self, page: Page, playground: Playground, theme: str = "light") -> None:
        self.page = page
        self.playground = playground
        self.token: str | None = None
        self.heard: list[Message] = []
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

    def _answer(self, message: Message) -> list[Message]:
        self.heard.append(message)
        said: list[Message] = []
        pages = Pages(self.playground)
        pages.join(said.append)
        pages.receive(said.append, message)
        for each in said:
            if each["type"] == "state" and self.token:
                each["token"] = self.token
        return list(json.loads(json.dumps(said)))

    def draw(self, data: Any = None, *, linked: bool = True) -> None:
        """Draw the output, as JupyterLab does when a cell has run or a notebook is opened."""
        self.page.evaluate("() => window.drawn?.destroy()")
        self.page.evaluate(DRAW, [self.playground.data() if data is None else data, linked])

    def type(self, *lines: str, terminal: str = "host") -> None:
        """Type lines in a terminal, each with Enter, and wait until they were run."""
        field = self.page.get_by_label(f"Command for {terminal}")
        for line in lines:
            field.fill(line)
            field.press("Enter")
            self.page.wait_for_function("() => !document.querySelector('.mlp .pending')")

    def log(self, shell: str = "host") -> str:
        """What stands in a terminal."""
        return self.page.get_by_label(f"What was typed in {shell},").inner_text()
