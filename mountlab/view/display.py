"""What a notebook shows: one output that every front end can show in some form.

The bundle holds plain text (for nbval, terminals and screen readers), a PNG (where no code of ours runs), and
the data of the stepper, which our JupyterLab extension draws, without a kernel too.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mountlab.quirks import MODELLED_KERNEL
from mountlab.shell.simbackend import INITIAL_STATES, SimulatorBackend
from mountlab.shell.start import simulated
from mountlab.shell.transcript import Transcript, parse
from mountlab.view.frames import Frames, frames
from mountlab.view.machines import machine_of
from mountlab.view.numbers import numbers_of
from mountlab.view.scene import fold
from mountlab.view.text import text

STEPPER = "application/vnd.mountlab.stepper+json"
Bundle = dict[str, Any]


class Display:
    """A picture that can be stepped through; the last value of a cell shows itself."""

    def __init__(self, data: Frames) -> None:
        self.data = data

    def __str__(self) -> str:
        return text_of(self.data)

    def __repr__(self) -> str:
        return str(self).rstrip("\n")

    def _repr_mimebundle_(self, **_options: object) -> Bundle:
        return bundle(self.data)


Machine = SimulatorBackend | Transcript | str | Path
"""A machine; or a transcript, parsed or as text; or the path of a transcript's or snapshot's file."""


def show(what: Machine, first: int = 0, last: int | None = None, *, kernel: str | None = None) -> Display:
    """The picture of a machine, to be stepped through.

    Args:
        what: the machine, or a transcript that is run on the simulator.
        first, last: which of its lines can be stepped through, as a slice; by default all.
        kernel: the version that a transcript's machine behaves like, such as "6.1".

    Raises:
        TranscriptError: when the transcript is none.
        ValueError: when there is no such version, or a machine was given, which has its own.
    """
    machine = machine_for(what, kernel)
    if machine.sim.init not in INITIAL_STATES:  # a snapshot: its numbers are those of a real machine
        return Display(frames(machine, first, last))
    return Display(frames(machine, first, last, recall=numbers_of(machine).recall))


def machine_for(what: Machine, kernel: str | None = None) -> SimulatorBackend:
    """The machine that is meant.  Raises TranscriptError, and ValueError for a kernel that cannot be had."""
    if isinstance(what, str):
        what = parse(what, "transcript")
    if isinstance(what, Transcript):
        return simulated(what, kernel=kernel or MODELLED_KERNEL)
    if kernel is not None:
        message = f"kernel={kernel!r} is for a transcript: a machine or a file has its own"
        raise ValueError(message)
    return machine_of(str(what)) if isinstance(what, Path) else what


def two_worlds(
    left: Machine,
    right: Machine,
    titles: Sequence[str] = ("left", "right"),
    kernels: Sequence[str | None] = (None, None),
) -> Display:
    """Two machines side by side that step together, such as the same commands with private and with shared.

    Args:
        left, right: machines or transcripts, as for `show`.
        titles: what stands above them.
        kernels: the versions that the transcripts' machines behave like.

    Raises:
        ValueError: when they have not the same number of lines, or there is no such version.
    """
    worlds = zip((left, right), kernels, strict=True)
    pair = [show(each, kernel=kernel).data for each, kernel in worlds]
    counts = [len(each["commands"]) for each in pair]
    if counts[0] != counts[1]:
        raise ValueError(f"two worlds step together, line by line: {counts[0]} lines and {counts[1]} do not")
    ends = [each["at"] for each in pair]
    at = {"command": counts[0] - 1, "step": max(end["step"] for end in ends)}
    return Display({"v": 1, "pair": pair, "titles": list(titles), "at": at})


def bundle(data: Frames, plain: str | None = None) -> Bundle:
    """The output: MIME type -> content; `plain` replaces the text."""
    shown: Bundle = {"text/plain": plain if plain is not None else text_of(data).rstrip("\n"), STEPPER: data}
    picture = _picture(data)
    return shown | ({"image/png": picture} if picture else {})


def text_of(data: Mapping[str, Any]) -> str:
    """The end of the trace as text; of two worlds one after the other."""
    if "pair" in data:
        halves = zip(data["titles"], data["pair"], strict=True)
        return "\n".join(f"{title}\n{text(fold(half))}" for title, half in halves)
    return text(fold(data))


def _picture(data: Mapping[str, Any]) -> str | None:
    """The end of the trace as PNG in base64; None where matplotlib is not to be had (in a browser tab)."""
    try:
        from mountlab.view.figure import png  # noqa: PLC0415 - matplotlib is loaded by whoever draws
    except ImportError:
        return None
    # One picture stands for both worlds: the text tells of the other one.
    scene = fold(data["pair"][0] if "pair" in data else data)
    try:
        return base64.b64encode(png(scene)).decode("ascii") + "\n"
    except ImportError:
        return None
