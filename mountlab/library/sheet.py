"""A printed page that is filled from the top: headings, sentences, tables and small pictures.

A page is a `Drawing` of the size of A4, so the painters of pictures paint it: SVG, and PDF with matplotlib.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mountlab.view.figure_shapes import Drawing, Group, Rect, Wire, Words, room

WIDTH, HEIGHT = 794.0, 1123.0
"""A4 in CSS pixels."""
MARGIN = 44.0
INK, SOFT, RULE, BAND = "#000000", "#333333", "#777777", "#eeeeee"
"""Read in black and white: grey only for lines, and for the paper behind the heads of tables."""
TITLE, HEAD, TEXT = 21.0, 14.0, 10.4
LEADING = 1.36
PAD = 3.6

Shape = Rect | Wire | Words


class Cell(NamedTuple):
    """A piece of text in a table."""

    text: str
    mono: bool = False
    bold: bool = False


def lines_of(text: str, width: float, size: float, *, mono: bool = False, bold: bool = False) -> list[str]:
    """The lines that a text takes; unlike in a picture, nothing is shortened."""
    lines: list[str] = []
    for word in text.split():
        if lines and room(f"{lines[-1]} {word}", size, mono=mono, bold=bold) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


class Page:
    """One page being filled."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.y = MARGIN
        self._groups: list[Group] = []
        self._heard: list[str] = []

    @property
    def width(self) -> float:
        """What is between the margins."""
        return WIDTH - 2 * MARGIN

    def title(self, text: str, beside: str) -> None:
        """The first line, and a remark at its right end."""
        self.y += TITLE
        words = Words(MARGIN, self.y, text, TITLE, INK, bold=True)
        self._add([words, Words(WIDTH - MARGIN, self.y, beside, TEXT, SOFT, anchor="right")], text)
        self.y += 5

    def heading(self, text: str) -> None:
        """A section begins, below a line."""
        self.y += 10
        line = Wire(((MARGIN, self.y), (WIDTH - MARGIN, self.y)), INK, 0.8)
        self.y += HEAD + 4
        self._add([line, Words(MARGIN, self.y, text, HEAD, INK, bold=True)], text)
        self.y += 6

    def says(self, text: str, *, mono: bool = False) -> None:
        """A sentence or two."""
        shapes: list[Shape] = []
        for line in lines_of(text, self.width, TEXT, mono=mono):
            self.y += TEXT * LEADING
            shapes.append(Words(MARGIN, self.y, line, TEXT, INK, mono=mono))
        self._add(shapes, text)
        self.y += 2

    def table(self, widths: Sequence[float], rows: Iterable[Sequence[Cell]], *, head: bool = True) -> None:
        """A table over the whole width; `widths` are parts of it, the first row is the head."""
        whole = sum(widths)
        edges = [MARGIN + self.width * sum(widths[:n]) / whole for n in range(len(widths) + 1)]
        self.y += 2
        for number, row in enumerate(rows):
            self._row(edges, row, is_head=head and number == 0)
        self._add([Wire(((MARGIN, self.y), (WIDTH - MARGIN, self.y)), RULE, 0.7)])
        self.y += 4

    def _row(self, edges: Sequence[float], row: Sequence[Cell], *, is_head: bool) -> None:
        shapes: list[Words] = []
        tallest = 1
        for cell, left, right in zip(row, edges[:-1], edges[1:], strict=True):
            bold = cell.bold or is_head
            lines = lines_of(cell.text, right - left - 3 * PAD, TEXT, mono=cell.mono, bold=bold)
            tallest = max(tallest, len(lines))
            for n, line in enumerate(lines):
                y = self.y + PAD + TEXT * (LEADING * n + 0.95)
                shapes.append(Words(left + PAD, y, line, TEXT, INK, cell.mono, bold))
        height = TEXT * LEADING * tallest + 2 * PAD - 2
        band = Rect(MARGIN, self.y, self.width, height, BAND) if is_head else None
        rule = Wire(((MARGIN, self.y), (WIDTH - MARGIN, self.y)), RULE, 0.7)
        self._add([*([band] if band else []), rule, *shapes], " | ".join(cell.text for cell in row))
        self.y += height

    def pictures(self, drawn: Sequence[tuple[str, Drawing]], size: float) -> None:
        """Pictures side by side, each with a sentence above; without their own sentences and legends."""
        width = self.width / len(drawn)
        top = bottom = self.y
        shapes: list[Shape] = []
        for number, (caption, picture) in enumerate(drawn):
            left = MARGIN + number * width
            lines = lines_of(caption, width - 12, TEXT)
            shapes += [
                Words(left, top + TEXT * LEADING * n, line, TEXT, INK) for n, line in enumerate(lines, 1)
            ]
            below = top + TEXT * LEADING * len(lines) + 6
            parts, height = scaled(picture, left, below, size)
            shapes += parts
            bottom = max(bottom, below + height)
            self._heard += [caption, picture.description]
        self._add(shapes)
        self.y = bottom + 6

    def drawing(self) -> Drawing:
        """The page as shapes."""
        return Drawing(WIDTH, HEIGHT, self.name, "\n".join(self._heard), tuple(self._groups))

    def _add(self, shapes: Sequence[Shape], heard: str = "") -> None:
        self._groups.append(Group(f"part-{len(self._groups)}", "", tuple(shapes)))
        self._heard += [heard] if heard else []


def scaled(picture: Drawing, left: float, top: float, size: float) -> tuple[list[Shape], float]:
    """The namespaces of a picture at a place, smaller; and how high they are."""
    kept = [group for group in picture.groups if group.name not in ("sentence", "legend")]
    shapes = [shape for group in kept for shape in group.shapes]
    corners = [point for shape in shapes for point in _corners(shape)]
    x, y = min(x for x, _ in corners), min(y for _, y in corners)
    placed = [_placed(shape, size, left - x * size, top - y * size) for shape in shapes]
    return placed, (max(y for _, y in corners) - y) * size


def _corners(shape: Shape) -> list[tuple[float, float]]:
    if isinstance(shape, Wire):
        return list(shape.points)
    if isinstance(shape, Rect):
        return [(shape.x, shape.y), (shape.x + shape.width, shape.y + shape.height)]
    return [(shape.x, shape.y - shape.size)] if shape.anchor == "left" else []


def _placed(shape: Shape, size: float, right: float, down: float) -> Shape:
    if isinstance(shape, Wire):
        points = tuple((x * size + right, y * size + down) for x, y in shape.points)
        return shape._replace(points=points, dash=tuple(length * size for length in shape.dash))
    x, y = shape.x * size + right, shape.y * size + down
    if isinstance(shape, Words):
        return shape._replace(x=x, y=y, size=shape.size * size)
    across, high = shape.width * size, shape.height * size
    return shape._replace(x=x, y=y, width=across, height=high, radius=shape.radius * size)
