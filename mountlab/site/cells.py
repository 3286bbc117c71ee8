"""A notebook's cells as HTML, with their saved outputs; a picture becomes a live stepper."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from mountlab.site.lesson import Json, Lesson, SiteError, text_of
from mountlab.site.prose import Prose

STEPPER = "application/vnd.mountlab.stepper+json"
PLAYGROUND = "application/vnd.mountlab.playground+json"
QUESTION = "application/vnd.mountlab.question+json"
LEVEL = "application/vnd.mountlab.level+json"
MATRIX = "application/vnd.mountlab.matrix+json"
LIVE = {STEPPER: "stepper", QUESTION: "question", MATRIX: "matrix"}
"""The outputs that need no kernel, and the class of their places."""
PROMPT = re.compile(r"[\w.-]+[#$](?= )")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
NEEDS_A_KERNEL = "These terminals need a running kernel: open the notebook in JupyterLab (make lab)."


def cells_as_html(lesson: Lesson, prose: Prose) -> str:
    """All cells of a lesson, one after the other."""
    return "\n".join(html for cell in lesson.cells for html in _cell(cell, lesson, prose))


def _cell(cell: Json, lesson: Lesson, prose: Prose) -> Iterator[str]:
    try:
        source = text_of(cell["source"])
        if cell["cell_type"] == "markdown":
            yield f'<section class="prose">{prose.html_of(source)}</section>'
        elif cell["cell_type"] == "code":
            yield f'<div class="cell-source">{_coloured(source)}</div>'
            number = cell.get("execution_count")
            for at, output in enumerate(cell["outputs"]):
                yield _output(output, f"{lesson.name}-{cell.get('id', number)}-{at}", number)
    except SiteError as problem:
        message = f"{lesson.name}.ipynb, cell `{cell.get('id', '?')}`: {problem}"
        raise SiteError(message) from problem
    except (KeyError, TypeError, ValueError) as problem:
        message = f"{lesson.name}.ipynb, cell `{cell.get('id', '?')}` cannot be read ({problem!r})"
        raise SiteError(message) from problem


def _coloured(source: str) -> str:
    if source.lstrip().startswith("%%lab"):
        html = "\n".join(_transcript_line(line) for line in source.split("\n"))
    else:
        html = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip("\n")
    return f"<pre><code>{html}</code></pre>"


def _transcript_line(line: str) -> str:
    if prompt := PROMPT.match(line):
        return f'<span class="prompt">{escape(prompt[0])}</span>{escape(line[prompt.end() :])}'
    return f'<span class="aside">{escape(line)}</span>' if line.startswith(("#", "%%")) else escape(line)


def _output(output: Json, name: str, number: int | None) -> str:
    kind = output["output_type"]
    if kind == "stream":
        return _framed(f"<pre>{_plain(output['text'])}</pre>", number)
    if kind == "error":
        return _framed(f'<pre class="cell-error">{_plain(chr(10).join(output["traceback"]))}</pre>', number)
    data: Json = output["data"]
    for mime, kind in LIVE.items():
        if mime in data:
            return _live(data, mime, kind, name)
    if LEVEL in data:
        told = f"<p>{NEEDS_A_KERNEL}</p><pre>{_plain(data.get('text/plain', ''))}</pre>"
        return _framed(told + (_picture(data) if "image/png" in data else ""), number)
    note = f"<p>{NEEDS_A_KERNEL}</p>" if PLAYGROUND in data else ""
    if "text/html" in data:
        return _framed(note + text_of(data["text/html"]), number)
    if "image/png" in data:
        return _framed(note + _picture(data), number)
    return _framed(f"{note}<pre>{_plain(data.get('text/plain', ''))}</pre>", number)


def _framed(html: str, number: int | None) -> str:
    """A wide table scrolls inside its frame, so the frame can be reached by keyboard."""
    label = f"Output of cell {number}" if number else "Output"
    return f'<div class="cell-output" tabindex="0" role="group" aria-label="{label}">{html}</div>'


def _plain(text: str | list[str]) -> str:
    return escape(ANSI.sub("", text_of(text)))


def _picture(data: Json) -> str:
    words = escape(text_of(data.get("text/plain", "A picture of mounts")))
    png = text_of(data["image/png"]).replace("\n", "")
    return f'<img src="data:image/png;base64,{png}" alt="{words}">'


def _live(data: Json, mime: str, kind: str, name: str) -> str:
    """The place, its data, and what is there without JavaScript."""
    if "image/png" in data:
        still = _picture(data)
    else:
        still = text_of(data.get("text/html", "")) or f"<pre>{_plain(data.get('text/plain', ''))}</pre>"
    return (
        f'<div class="{kind}" data-of="{escape(name)}"></div>'
        f'<script type="application/json" id="{escape(name)}">{_json(data[mime])}</script>'
        f"<noscript>{still}</noscript>"
    )


def _json(data: Json) -> str:
    """JSON inside a page: there only "<" could end or change it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
