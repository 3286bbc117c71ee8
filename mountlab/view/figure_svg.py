"""Writes the shapes of a picture as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from mountlab.view.figure_shapes import MONO, SANS, Drawing, Group, Rect, Wire, Words, arrow_head, strokes

ANCHORS = {"left": "start", "middle": "middle", "right": "end"}
# Verdana and Menlo have the widths of the DejaVu fonts, for which the plan is made.
STYLE = (
    f"text{{font-family:'{SANS}',Verdana,Arial,sans-serif;white-space:pre}}"
    f".m{{font-family:'{MONO}',Menlo,Consolas,'{SANS}',monospace}}.b{{font-weight:bold}}path{{fill:none}}"
)


def written(picture: Drawing) -> str:
    """The whole file."""
    body = "\n".join(group_written(group) for group in picture.groups)
    return f"{opening(picture)}<style>{STYLE}</style>\n{background(picture)}\n{body}\n</svg>\n"


def opening(picture: Drawing) -> str:
    """The first lines: size, and what it is for who does not see it."""
    width, height = number(picture.width), number(picture.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="title desc">\n'
        f'<title id="title">{escape(picture.title)}</title>\n'
        f'<desc id="desc">{escape(picture.description)}</desc>\n'
    )


def background(picture: Drawing) -> str:
    """White paper: the picture may be shown on a dark page."""
    return f'<rect width="{number(picture.width)}" height="{number(picture.height)}" fill="#fff"/>'


def group_written(group: Group, attributes: str = "", *, named: bool = True) -> str:
    """The shapes that belong together."""
    title = f"<title>{escape(group.title)}</title>" if group.title else ""
    name = f" id={quoteattr(group.name)}" if named else ""
    return f"<g{name}{attributes}>{title}{''.join(_shapes(group.shapes))}</g>"


def _shapes(shapes: Iterable[Rect | Wire | Words]) -> Iterator[str]:
    for shape in shapes:
        match shape:
            case Rect():
                yield _rect(shape)
            case Wire():
                yield _wire(shape)
            case Words():
                yield _words(shape)


def _rect(rect: Rect) -> str:
    names = ("x", "y", "width", "height", "rx")
    place = zip(names, (rect.x, rect.y, rect.width, rect.height, rect.radius), strict=True)
    numbers = " ".join(f'{name}="{number(value)}"' for name, value in place if value)
    edge = "" if rect.edge == "none" else f' stroke="{rect.edge}"{_line(rect.line, rect.dash)}'
    return f'<rect {numbers} fill="{rect.fill}"{edge}/>'


def _wire(wire: Wire) -> str:
    path = "".join(kind + " ".join(map(_point, points)) for kind, points in strokes(wire.points))
    line = f'<path d="{path}" stroke="{wire.colour}"{_line(wire.line, wire.dash)}/>'
    if not wire.arrow:
        return line
    corners = " ".join(_point(point) for point in arrow_head(wire.points))
    return f'{line}<polygon points="{corners}" fill="{wire.colour}"/>'


def _line(width: float, dash: tuple[float, ...]) -> str:
    thick = f' stroke-width="{number(width)}"' if width != 1 else ""
    return thick + (f' stroke-dasharray="{" ".join(map(number, dash))}"' if dash else "")


def _words(words: Words) -> str:
    kinds = " ".join(filter(None, ("m" * words.mono, "b" * words.bold, words.part)))
    place = f'x="{number(words.x)}" y="{number(words.y)}"'
    anchor = "" if words.anchor == "left" else f' text-anchor="{ANCHORS[words.anchor]}"'
    turn = f' transform="rotate(-90 {number(words.x)} {number(words.y)})"' if words.turned else ""
    style = f'class="{kinds}" font-size="{number(words.size)}" fill="{words.colour}"'
    return f"<text {place}{anchor}{turn} {style}>{escape(words.text)}</text>"


def _point(point: tuple[float, float]) -> str:
    return f"{number(point[0])},{number(point[1])}"


def number(value: float) -> str:
    """As short as a tenth of a pixel allows."""
    return f"{value:.1f}".rstrip("0").rstrip(".")
