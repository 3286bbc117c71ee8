"""Runs the notebooks and saves what they print: ``python -m mountlab.course.build [--check] [FILE …]``.

Whoever changes a notebook, or what a program prints, runs this and commits the result.  The saved form is
the same on every machine: cells counted from 1, no times, no versions; cells whose output belongs to one
machine (tag ``nbval-ignore-output``) are saved without it.  A PNG is kept as long as what it shows is the
same (its bytes follow the version of matplotlib); ``--redraw`` makes all of them anew.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

Json = dict[str, Any]

METADATA: Json = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
"""In a clone: an installed package has nothing to build."""
VOLATILE = "nbval-ignore-output"
PICTURE = "image/png"
DATA = "application/vnd.mountlab."
"""How the MIME types of our own data begin."""
MARK = "mountlab-data-"
PATIENCE = 120
"""Seconds that one cell may take."""


def built(path: Path, *, redraw: bool = False) -> str:
    """The notebook as it is to be saved, after all its cells have been run.

    Args:
        path: the notebook as it is saved now.
        redraw: take the new pictures, even where they show the same.

    Raises:
        CellExecutionError: when a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(notebook, timeout=PATIENCE, kernel_name="python3", record_timing=False)
    before = {cell["id"]: cell.get("outputs", []) for cell in copy.deepcopy(notebook["cells"])}
    client.execute(cwd=str(path.parent))
    if not redraw:
        for cell in notebook["cells"]:
            _keep_pictures(before[cell["id"]], cell.get("outputs", []))
    return saved_form(notebook)


def _keep_pictures(before: Sequence[Json], now: Sequence[Json]) -> None:
    """Put the old PNG where all the rest of an output is as it was."""
    for old, new in zip(before, now, strict=False):
        was, data = old.get("data", {}), new.get("data", {})
        if PICTURE in was and PICTURE in data and _but_picture(was) == _but_picture(data):
            data[PICTURE] = was[PICTURE]


def _but_picture(data: Json) -> Json:
    return {mime: content for mime, content in data.items() if mime != PICTURE}


def saved_form(notebook: Mapping[str, Any]) -> str:
    """The text of the file: metadata, cells and outputs in the one form that is committed."""
    count = itertools.count(1)
    cells = [_cell(cell, count) for cell in notebook["cells"]]
    whole = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return _OnOneLine().whole(whole) + "\n"


class _OnOneLine:
    """Writes JSON as notebooks are written, but the data of a picture on one line: nobody reads it there."""

    def __init__(self) -> None:
        self._lines: dict[str, str] = {}

    def whole(self, value: Json) -> str:
        text = json.dumps(self._marked(value), indent=1, ensure_ascii=False, sort_keys=True)
        return re.sub(f'"{MARK}([0-9]+)"', lambda found: self._lines[found[1]], text)

    def _marked(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, list):
            return [self._marked(each) for each in value]
        if not isinstance(value, dict):
            return value
        return {
            key: self._line(each) if key.startswith(DATA) else self._marked(each)
            for key, each in value.items()
        }

    def _line(self, data: Json) -> str:
        number = str(len(self._lines))
        self._lines[number] = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return MARK + number


def _cell(cell: Mapping[str, Any], count: Iterator[int]) -> Json:
    tags = cell["metadata"].get("tags", [])
    metadata = {"tags": tags} if tags else {}
    common: Json = {"cell_type": cell["cell_type"], "id": cell["id"], "metadata": metadata}
    common["source"] = cell["source"].splitlines(keepends=True)
    if cell["cell_type"] != "code":
        return common
    outputs = [] if VOLATILE in tags else [_output(output) for output in cell["outputs"]]
    # nbval refuses a cell with outputs that was never run.
    return common | {"execution_count": next(count), "outputs": outputs}


def _output(output: Mapping[str, Any]) -> Json:
    kind = output["output_type"]
    if kind == "stream":
        text = output["text"].splitlines(keepends=True)
        return {"output_type": kind, "name": output["name"], "text": text}
    if kind == "error":
        return {"output_type": kind, **{key: output[key] for key in ("ename", "evalue", "traceback")}}
    data = {
        mime: content.splitlines(keepends=True) if isinstance(content, str) else content
        for mime, content in output["data"].items()
    }
    count = {"execution_count": None} if kind == "execute_result" else {}
    return {"output_type": kind, "data": data, "metadata": {}, **count}


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the notebooks, or with ``--check`` only tell which are not fresh; 1 when there is one."""
    parser = argparse.ArgumentParser(prog="python -m mountlab.course.build", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--redraw", action="store_true", help="make all pictures anew")
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="default: every notebook")
    options = parser.parse_args(arguments)
    stale = 0
    for path in options.files or sorted(NOTEBOOKS.glob("*.ipynb")):
        try:
            text = built(path, redraw=options.redraw)
        except CellExecutionError as error:
            print(f"{path.name}: a cell fails:\n{error}", file=sys.stderr)
            return 1
        if text == path.read_text():
            print(f"{path.name}: fresh")
        elif options.check:
            stale += 1
            print(f"{path.name}: its saved outputs are not what its cells print now")
        else:
            path.write_text(text)
            print(f"{path.name}: saved")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
