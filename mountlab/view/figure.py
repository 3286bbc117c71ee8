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
SHADES = 5
"""Of each colour in a PNG, from it to white: for the edges of letters and lines."""
OWN: dict[Any, Any] = {
    "path.sketch": None, "path.effects": [], "text.hinting": "default", "text.antialiased": True,
    "patch.antialiased": True, "lines.scale_dashes": True, "figure.autolayout": False,
    "figure.constrained_layout.use": False,
}  # fmt: skip
"""What a reader may have set for matplotlib, and artists do not say themselves."""
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
    import matplotlib as mpl  # noqa: PLC0415 - see above
    import numpy as np  # noqa: PLC0415 - comes with matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    picture = drawing(scene)
    canvas: Any = FigureCanvasAgg(painted(picture, dpi))
    with warnings.catch_warnings(), mpl.rc_context(OWN):
        # A path may have letters that the font has not: they are drawn as boxes.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        canvas.draw()
    palette = _palette(picture)
    image = Image.fromarray(_nearest(np.asarray(canvas.buffer_rgba()), np.array(palette)))
    image.putpalette([part for colour in palette for part in colour])
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _palette(picture: Drawing) -> list[tuple[int, ...]]:
    """The colours of a picture, and their shades: own ones, as a colour stands for a filesystem."""
    shapes = [shape for group in picture.groups for shape in group.shapes]
    papers = {shape.fill for shape in shapes if isinstance(shape, Rect)}
    inks = {shape.edge if isinstance(shape, Rect) else shape.colour for shape in shapes} - {"none"}
    found = {(255, 255, 255)} | {_parts(colour, 1.0) for colour in papers}
    found |= {_parts(colour, shade / SHADES) for colour in inks for shade in range(1, SHADES + 1)}
    return sorted(found)[-256:]


def _parts(colour: str, strength: float) -> tuple[int, ...]:
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return tuple(round(255 + (part - 255) * strength) for part in parts)


def _nearest(pixels: Any, palette: Any) -> Any:  # noqa: ANN401
    """The number of the nearest colour for each pixel; pixels that differ little are looked up together."""
    import numpy as np  # noqa: PLC0415

    def bucket(colours: Any) -> Any:  # noqa: ANN401
        red, green, blue = (colours[..., part].astype(np.uint16) for part in range(3))
        return red >> 3 << 11 | green >> 2 << 5 | blue >> 3

    buckets = bucket(pixels)
    used = np.flatnonzero(np.bincount(buckets.ravel(), minlength=1 << 16))
    colours = np.stack((used >> 11 << 3 | 4, (used >> 5 & 63) << 2 | 2, (used & 31) << 3 | 4), axis=-1)
    number = np.zeros(1 << 16, np.uint8)
    number[used] = ((colours[:, None, :] - palette[None, :, :]) ** 2).sum(axis=-1).argmin(axis=-1)
    number[bucket(palette)] = np.arange(len(palette))
    return number[buckets]


def painted(picture: Drawing, dpi: float = PIXELS) -> Figure:
    """The shapes of a picture as artists; texts and links carry the name of their group as ``gid``."""
    import matplotlib as mpl  # noqa: PLC0415

    with mpl.rc_context(OWN):
        return _painted(picture, dpi)


def _painted(picture: Drawing, dpi: float) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.transforms import Affine2D  # noqa: PLC0415

    found = Figure((picture.width / PIXELS, picture.height / PIXELS), dpi, facecolor="white")
    to_figure = Affine2D().scale(1 / picture.width, -1 / picture.height).translate(0, 1) + found.transFigure
    flat = [(group, shape) for group in picture.groups for shape in group.shapes]
    lines = [(group, shape) for group, shape in flat if not isinstance(shape, Words)]
    artists: list[Any] = []
    for _, run in itertools.groupby(lines, key=lambda item: isinstance(item[1], Wire)):
        shapes = list(run)
        wires = [(group, shape) for group, shape in shapes if isinstance(shape, Wire)]
        artists += [part for group, shape in wires for part in _wire(group, shape)]
        rects = [shape for _, shape in shapes if isinstance(shape, Rect)]
        artists += [_rects(rects)] if rects else []
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
    line = PathPatch(
        Path(corners, codes), fill=False, edgecolor=wire.colour, linewidth=wire.line * POINT,
        linestyle=_dash(wire.dash, wire.line), capstyle="butt", gid=group.name,
    )  # fmt: skip
    if not wire.arrow:
        return [line]
    return [line, Polygon(arrow_head(wire.points), closed=True, facecolor=wire.colour, edgecolor="none")]


def _dash(dash: tuple[float, ...], line: float) -> Any:  # noqa: ANN401
    # matplotlib counts dashes in widths of the line.
    return (0, tuple(length / line for length in dash)) if dash else "solid"


def _words(group: Group, words: Words) -> Any:  # noqa: ANN401
    from matplotlib.text import Text  # noqa: PLC0415

    sides: dict[str, Any] = {"left": "left", "middle": "center", "right": "right"}
    return Text(
        words.x, words.y, words.text,
        color=words.colour, fontsize=words.size * POINT, fontweight="bold" if words.bold else "normal",
        fontfamily=[MONO, SANS] if words.mono else [SANS], fontstyle="normal",
        horizontalalignment=sides[words.anchor],
        verticalalignment="baseline", rotation=90 if words.turned else 0, rotation_mode="anchor",
        parse_math=False, usetex=False, gid=f"{group.name}-{words.part}" if words.part else group.name,
    )  # fmt: skip
