"""Markdown cells as HTML that needs nothing from outside."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from mountlab.site.lesson import SiteError

PICTURE = re.compile(r'<img[^>]* src="(?!data:)([^"]*)"')


class Prose(IPythonRenderer):
    """Markdown without the network: pictures are embedded, links lead to pages, formulas are text."""

    def __init__(self, folder: Path, pages: AbstractSet[str]) -> None:
        super().__init__(escape=False, embed_images=True, exclude_anchor_links=True, path=str(folder))
        self.pages = pages
        self.formulas: list[str] = []

    def link(self, text: str, url: str, title: str | None = None) -> str:
        parts = urlsplit(url)
        if not parts.scheme and not parts.netloc and parts.path:
            if parts.path.removesuffix(".ipynb") not in self.pages or not parts.path.endswith(".ipynb"):
                message = f"the link to `{url}` leads out of the site; link to a notebook, or to https://…"
                raise SiteError(message)
            fragment = f"#{parts.fragment}" if parts.fragment else ""
            url = f"{parts.path.removesuffix('.ipynb')}.html{fragment}"
        return super().link(text, url, title)

    def inline_math(self, body: str) -> str:
        return self._formula(body)

    def block_math(self, body: str) -> str:
        return f"<p>{self._formula(body)}</p>"

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def _formula(self, body: str) -> str:
        self.formulas.append(body.strip())
        return f'<code class="formula">{escape(body.strip())}</code>'

    def html_of(self, markdown: str) -> str:
        """Turn one cell into HTML."""
        html = MarkdownWithMath(renderer=self).render(markdown)
        if outside := PICTURE.search(html):
            message = f"the picture `{outside[1]}` is not beside the notebook"
            raise SiteError(message)
        return html
