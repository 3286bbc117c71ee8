"""The pages of `make site`, as text: what stands in them, and what is said when a notebook does not fit."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mountlab.site.__main__ import main
from mountlab.site.build import build

ROOT = Path(__file__).resolve().parents[2]
STEPPER = "application/vnd.mountlab.stepper+json"
FIRST = "# Slaves\n\nAbout 20 minutes. Afterwards you can\n\n- find a `master`,\n- say why\n  it listens."
# The smallest picture there is.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
LOADS = re.compile(r'<(?:link|script|img|iframe|embed)[^>]+(?:src|href)="(?!data:)[^"]*"|@import|url\((?!#)')


def markdown(source: str, id: str = "words") -> dict[str, Any]:
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": source.splitlines(keepends=True)}


def code(source: str, **data: Any) -> dict[str, Any]:
    outputs = [{"output_type": "display_data", "data": data, "metadata": {}}] if data else []
    cell = {"cell_type": "code", "id": "code", "execution_count": 3, "metadata": {}}
    return {**cell, "source": source, "outputs": outputs}


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    write(folder / "00-first.ipynb", markdown("# First"))
    return folder


def write(path: Path, *cells: dict[str, Any]) -> None:
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


def pages(notebooks: Path, stepper: str = "export function draw() {}") -> dict[str, str]:
    """Build the site of these notebooks; the text of each page."""
    module = notebooks.parent / "stepper.js"
    module.write_text(stepper)
    out = notebooks.parent / "site"
    build(notebooks, out, module)
    return {path.name: path.read_text() for path in out.iterdir()}


def complaint(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What is printed when the site cannot be built."""
    assert main([str(notebooks.parent / "site"), "--notebooks", str(notebooks)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


def test_the_course_itself_becomes_pages_that_load_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 0
    names = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}

    assert {path.stem for path in tmp_path.iterdir()} == {"index", *names}
    assert f"{len(names)} lessons" in capsys.readouterr().out
    for path in tmp_path.iterdir():
        assert not LOADS.search(path.read_text()), path.name


def test_the_index_names_title_minutes_and_objectives(notebooks: Path) -> None:
    write(notebooks / "05-slaves.ipynb", markdown(FIRST))
    write(notebooks / "play.ipynb", markdown("# Play\n\n- Type a command."))

    index = pages(notebooks)["index.html"]

    assert '<a href="05-slaves.html">Slaves</a>' in index
    assert "About 20 minutes" in index
    assert "<li>find a <code>master</code></li>" in index
    assert re.search(r"<li>say why\s+it listens</li>", index)
    assert index.count("About") == 1, "the others do not say how long they take"
    assert "Type a command" not in index, "not what one can do afterwards"


def test_a_picture_is_a_stepper_with_its_data_and_without_scripts_the_png(notebooks: Path) -> None:
    data = {STEPPER: {"v": 1, "say": "</script><b>é"}, "image/png": PNG, "text/plain": "two <mounts>"}
    write(notebooks / "01-steps.ipynb", markdown(FIRST), code("show()", **data))

    page = pages(notebooks, "export function draw() { /* marks the place */ }")["01-steps.html"]

    [(name, saved)] = re.findall(r'<script type="application/json" id="(.*?)">(.*?)</script>', page)
    assert json.loads(saved) == data[STEPPER]
    assert f'data-of="{name}"' in page
    assert f'<noscript><img src="data:image/png;base64,{PNG}" alt="two &lt;mounts&gt;"></noscript>' in page
    assert page.count("marks the place") == 1


def test_a_page_without_pictures_has_no_script(notebooks: Path) -> None:
    page = pages(notebooks)["00-first.html"]

    assert "<script" not in page
    assert "script-src 'none'" in page


def test_the_plainest_outputs_are_escaped(notebooks: Path) -> None:
    cell = code("%%lab\nhost# cat <x>")
    cell["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["a <b>\n", "c"]},
        {"output_type": "error", "ename": "E", "evalue": "no", "traceback": ["\x1b[31mE\x1b[0m: <no>"]},
        {"output_type": "execute_result", "metadata": {}, "data": {"text/plain": "<Playground 1>"}},
    ]
    write(notebooks / "01-plain.ipynb", markdown(FIRST), cell)

    page = pages(notebooks)["01-plain.html"]

    for text in ("a &lt;b&gt;\nc", "E: &lt;no&gt;", "&lt;Playground 1&gt;", "cat &lt;x&gt;"):
        assert text in page
    assert "\x1b" not in page


def test_links_between_notebooks_lead_to_their_pages(notebooks: Path) -> None:
    write(notebooks / "01-next.ipynb", markdown(FIRST), markdown("[back](00-first.ipynb#top), [web](https://kernel.org/)"))

    page = pages(notebooks)["01-next.html"]

    assert '<a href="00-first.html#top">back</a>' in page
    assert '<a href="https://kernel.org/">web</a>' in page


def test_a_picture_beside_the_notebook_is_put_into_the_page(notebooks: Path) -> None:
    (notebooks / "tree.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    write(notebooks / "01-image.ipynb", markdown(FIRST), markdown("![a tree](tree.svg)"))

    assert 'src="data:image/svg+xml;base64,' in pages(notebooks)["01-image.html"]


def test_a_formula_becomes_text_and_that_is_said(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(notebooks / "01-math.ipynb", markdown(FIRST), markdown("It grows as $2^n$."))

    assert main([str(notebooks.parent / "site"), "--notebooks", str(notebooks)]) == 0

    assert "01-math: the formula 2^n is shown as text" in capsys.readouterr().out
    assert '<code class="formula">2^n</code>' in (notebooks.parent / "site" / "01-math.html").read_text()


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([markdown("No title here")], "01-bad.ipynb: the first cell has no title"),
        ([markdown(FIRST), markdown("[x](../a.md)", "at")], "01-bad.ipynb, cell `at`: the link to `../a.md`"),
        ([markdown(FIRST), markdown("![x](no.png)", "at")], "cell `at`: the picture `no.png` is not beside"),
        ([markdown(FIRST), {"cell_type": "code", "id": "half"}], "01-bad.ipynb, cell `half` cannot be read"),
    ],
    ids=["title", "link", "picture", "cell"],
)
def test_a_notebook_that_does_not_fit_is_named_with_its_cell(
    cells: list[dict[str, Any]], said: str, notebooks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(notebooks / "01-bad.ipynb", *cells)

    assert said in complaint(notebooks, capsys)


def test_a_file_that_is_no_notebook_is_named(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (notebooks / "01-bad.ipynb").write_text("{")

    assert "01-bad.ipynb is not a notebook that Jupyter could open" in complaint(notebooks, capsys)


def test_a_folder_without_notebooks_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()

    assert "no notebook (*.ipynb)" in complaint(tmp_path / "empty", capsys)
