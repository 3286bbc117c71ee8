"""Paints a scene with matplotlib, and writes it as PNG and SVG.

matplotlib is loaded when something is painted, and without pyplot: no state is shared with a reader's own
figures.
"""

from __future__ import annotations

import io
import itertools
import warnings
from typing import TYPE_CHECKING, Any

from mountlab.view.figure_drawing import drawing
from mountlab.view.figure_shapes import MONO, SANS, Drawing, Group, Rect, Wire, Words, arrow_head, strokes
from mountlab.view.figure_svg import written
from mountlab.view.scene import Scene

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PIXELS = 96
"""CSS pixels per inch: at this resolution a picture has its natural size in a notebook."""
POINT = 72 / PIXELS
COLOURS = 64
"""Of the palette of a PNG; with fewer, the edges of letters are rough."""
CIRCLE = 0.5523
"""How far the handles of a quarter of a circle are from its ends, in radii."""


def figure(scene: Scene) -> Figure:
    """The picture as a figure of its own."""
    return painted(drawing(scene))


def svg(scene: Scene) -> str:
    """The picture as an SVG file: text stays text, and every mount has a title."""
    return written(drawing(scene))


def png(scene: Scene, dpi: float = PIXELS) -> bytes:
    """The picture as a small PNG file on white."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - see above
    from PIL import Image  # noqa: PLC0415

    canvas = FigureCanvasAgg(painted(drawing(scene), dpi))
    with warnings.catch_warnings():
        # A path may have letters that the font has not: they are drawn as boxes.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        canvas.draw()
    size = canvas.get_width_height(physical=True)
    image = Image.frombuffer("RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
    file = io.BytesIO()
    few = image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(file, "PNG", optimize=True)
    return file.getvalue()


def painted(picture: Drawing, dpi: float = PIXELS) -> Figure:
    """The shapes of a picture as artists; texts and links carry the name of their group as ``gid``."""
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.transforms import Affine2D  # noqa: PLC0415

    found = Figure((picture.width / PIXELS, picture.height / PIXELS), dpi, facecolor="white", layout="none")
    to_figure = Affine2D().scale(1 / picture.width, -1 / picture.height).translate(0, 1) + found.transFigure
    flat = [(group, shape) for group in picture.groups for shape in group.shapes]
    lines = [(group, shape) for group, shape in flat if not isinstance(shape, Words)]
    artists: list[Any] = []
    for is_wire, run in itertools.groupby(lines, key=lambda item: isinstance(item[1], Wire)):
        shapes = list(run)
        if is_wire:
            artists += [artist for group, wire in shapes for artist in _wire(group, wire)]
        else:
            artists.append(_rects([shape for _, shape in shapes if isinstance(shape, Rect)]))
    artists += [_words(group, shape) for group, shape in flat if isinstance(shape, Words)]
    for order, artist in enumerate(artists):
        artist.set_zorder(order)
        artist.set_transform(to_figure)
        found.add_artist(artist)
    return found


def _rects(shapes: list[Rect]) -> Any:  # noqa: ANN401 - matplotlib is not loaded yet
    """All of them as one artist: many artists are slow."""
    from matplotlib.collections import PathCollection  # noqa: PLC0415

    return PathCollection(
        [_outline(shape) for shape in shapes],
        facecolors=[shape.fill for shape in shapes],
        edgecolors=[shape.edge for shape in shapes],
        linewidths=[shape.line * POINT for shape in shapes],
        linestyles=[_dash(shape.dash, shape.line) for shape in shapes],
    )


def _outline(shape: Rect) -> Any:  # noqa: ANN401
    from matplotlib.path import Path  # noqa: PLC0415

    r = min(shape.radius, shape.width / 2, shape.height / 2)
    x, y, right, bottom, c = shape.x, shape.y, shape.x + shape.width, shape.y + shape.height, r * (1 - CIRCLE)
    corners = [
        (x + r, y), (right - r, y), (right - c, y), (right, y + c), (right, y + r), (right, bottom - r),
        (right, bottom - c), (right - c, bottom), (right - r, bottom), (x + r, bottom), (x + c, bottom),
        (x, bottom - c), (x, bottom - r), (x, y + r), (x, y + c), (x + c, y), (x + r, y), (x + r, y),
    ]  # fmt: skip
    bend = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *([Path.LINETO, *bend] * 4), Path.CLOSEPOLY]
    return Path(corners, codes)


def _wire(group: Group, wire: Wire) -> list[Any]:
    from matplotlib.patches import PathPatch, Polygon  # noqa: PLC0415
    from matplotlib.path import Path  # noqa: PLC0415

    code = {"M": [Path.MOVETO], "L": [Path.LINETO], "Q": [Path.CURVE3, Path.CURVE3]}
    path = strokes(wire.points)
    corners = [point for _, points in path for point in points]
    codes = [each for kind, _ in path for each in code[kind]]
    style = {"edgecolor": wire.colour, "linewidth": wire.line * POINT, "linestyle": _dash(wire.dash, wire.line)}
    line = PathPatch(Path(corners, codes), fill=False, capstyle="butt", gid=group.name, **style)
    if not wire.arrow:
        return [line]
    return [line, Polygon(arrow_head(wire.points), closed=True, facecolor=wire.colour, edgecolor="none")]


def _dash(dash: tuple[float, ...], line: float) -> Any:  # noqa: ANN401
    # matplotlib counts dashes in widths of the line.
    return (0, tuple(length / line for length in dash)) if dash else "solid"


def _words(group: Group, words: Words) -> Any:  # noqa: ANN401
    from matplotlib.text import Text  # noqa: PLC0415

    return Text(
        words.x, words.y, words.text,
        color=words.colour, fontsize=words.size * POINT, fontweight="bold" if words.bold else "normal",
        fontfamily=[MONO, SANS] if words.mono else [SANS], fontstyle="normal",
        horizontalalignment={"left": "left", "middle": "center", "right": "right"}[words.anchor],
        verticalalignment="baseline", rotation=90 if words.turned else 0, rotation_mode="anchor",
        parse_math=False, usetex=False, gid=f"{group.name}-{words.part}" if words.part else group.name,
    )  # fmt: skip
