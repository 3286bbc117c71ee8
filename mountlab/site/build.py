"""Builds the site: an index, and a page for each notebook."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mountlab.site.cells import cells_as_html
from mountlab.site.lesson import Lesson, SiteError, read_all
from mountlab.site.prose import Prose

HERE = Path(__file__).resolve().parent
STEPPER = HERE.parent / "view" / "stepper.js"
HELPERS = HERE.parent / "view" / "dom.js"
COURSE = HERE.parent / "course"
FURTHER = ("question", "matrix")
"""The outputs that need more than the stepper: what draws them has their name."""
START = """
for (const [kind, paint] of painters) {
  for (const place of document.querySelectorAll(`.${kind}[data-of]`)) {
    paint(place, JSON.parse(document.getElementById(place.dataset.of).textContent));
  }
}
"""


class Built(NamedTuple):
    """What was written, and what somebody should know about it."""

    pages: int
    size: int
    notes: list[str]


def build(notebooks: Path, out: Path, stepper: Path = STEPPER) -> Built:
    """Write the site into a folder; files that are there already are replaced, others stay."""
    lessons = read_all(notebooks)
    notes: list[str] = []
    pages = {"index.html": _index(lessons, notebooks)}
    for at, lesson in enumerate(lessons):
        prose = Prose(notebooks, {each.name for each in lessons})
        body = cells_as_html(lesson, prose)
        notes += [f"{lesson.name}: the formula {each} is shown as text" for each in prose.formulas]
        before = lessons[at - 1] if at else None
        after = lessons[at + 1] if at + 1 < len(lessons) else None
        kinds = [kind for kind in ("stepper", *FURTHER) if f'class="{kind}"' in body]
        live = painters([kind for kind in kinds if kind in FURTHER], stepper) + START if kinds else ""
        pages[f"{lesson.name}.html"] = filled(
            "lesson.html.j2", live, title=lesson.title, body=body, before=before, after=after
        )
    out.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (out / name).write_text(text, encoding="utf-8")
    return Built(len(lessons), sum(len(text.encode()) for text in pages.values()), notes)


def _index(lessons: Sequence[Lesson], notebooks: Path) -> str:
    prose = Prose(notebooks, {each.name for each in lessons})
    aims = {each.name: [_inline(prose, aim) for aim in each.objectives] for each in lessons}
    return filled("index.html.j2", "", title="mountlab", lessons=lessons, aims=aims)


def _inline(prose: Prose, markdown: str) -> str:
    return prose.html_of(markdown).strip().removeprefix("<p>").removesuffix("</p>")


def module_text(module: Path) -> str:
    """A JavaScript module, to stand inside a page.  Raises SiteError."""
    try:
        text = module.read_text(encoding="utf-8")
    except OSError as problem:
        message = f"{module} cannot be read ({problem.strerror}): it draws outputs"
        raise SiteError(message) from problem
    for ending in ("</script", "<!--"):
        if ending in text.lower():
            message = f"{module} contains `{ending}`, so it cannot stand inside a page"
            raise SiteError(message)
    return text


def painters(further: Sequence[str] = FURTHER, stepper: Path = STEPPER) -> str:
    """The stepper and what draws these outputs, as one script: a page loads no second file."""
    functions = [_as_function(module_text(COURSE / f"{kind}.js")) for kind in further]
    pairs = [f'["{kind}", {code}]' for kind, code in zip(further, functions, strict=True)]
    listed = ",\n".join(['["stepper", draw]', *pairs])
    return f"{module_text(stepper)}\nconst painters = [{listed}];\n"


def _as_function(module: str) -> str:
    """A module that imports the stepper, and perhaps the helpers, as an expression: its function ``draw``."""
    helpers = module_text(HELPERS) if f"/{HELPERS.name}" in module else ""
    own = re.sub(r"^(?:import .*\n|export )", "", helpers + module, flags=re.MULTILINE)
    return f"((drawSteps) => {{\n{own}\nreturn draw;\n}})(draw)"


def filled(template: str, script: str, *, more_style: str = "", **values: object) -> str:
    """Fill in a template.  By its own policy a page loads nothing, and runs no other script."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"'sha256-{digest}'" if script else "'none'"
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    style = (HERE / "style.css").read_text(encoding="utf-8") + more_style
    return environment.get_template(template).render(style=style, script=script, allowed=allowed, **values)
