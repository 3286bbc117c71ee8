"""``mountlab show``: draws a transcript, or a snapshot of a machine, as text, SVG, PNG or the stepper's data.

Exit statuses: 0 when it was drawn, 2 when the file or the command line was refused, 4 when the format needs
something that is not installed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mountlab.shell.complaints import shown
from mountlab.view.frames import Frames, frames
from mountlab.view.machines import machine_of
from mountlab.view.scene import Scene, fold
from mountlab.view.text import text

REFUSED = 2
UNAVAILABLE = 4
FORMATS = ("text", "svg", "png", "json")


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.description = "Draws the mounts of a transcript, or of a machine's snapshot."
    what = "a transcript, or what `mountlab snapshot` wrote; - for standard input"
    parser.add_argument("file", metavar="FILE", help=what)
    when = "after this command (0: before the first); default: the last"
    parser.add_argument("--step", type=int, metavar="N", help=when)
    parser.add_argument("--event", type=int, metavar="M", help="inside that command, after its M-th event")
    parser.add_argument("--format", choices=FORMATS, default="text", help="json is the stepper's data")
    parser.add_argument("--output", metavar="FILE", type=Path, help="write there, not to standard output")


def run(arguments: argparse.Namespace) -> int:
    """Draw; the exit status.

    Raises:
        TranscriptError: when the transcript is none.
    """
    name = "" if arguments.file == "-" else Path(arguments.file).name
    data = frames(machine_of(arguments.file, complain), name=name)
    refusal = _refusal(data, arguments.step, arguments.event)
    if refusal:
        complain(refusal)
        return REFUSED
    step = len(data["commands"]) if arguments.step is None else arguments.step
    event = None if arguments.event is None else arguments.event - 1
    try:
        drawn = _drawn(data, fold(data, step - 1, event), arguments.format)
    except ImportError as error:
        needs = f"{arguments.format} needs {error.name}: pip install 'mountlab[lab]'"
        complain(needs)
        return UNAVAILABLE
    if arguments.output:
        arguments.output.write_bytes(drawn)
    else:
        sys.stdout.buffer.write(drawn)
    return 0


def complain(sentence: str) -> None:
    """Say something that is no part of the picture."""
    print(f"mountlab: {sentence}", file=sys.stderr)


def _refusal(data: Frames, step: int | None, event: int | None) -> str | None:
    """What is wrong with the place that was asked for."""
    count = len(data["commands"])
    if step is not None and not 0 <= step <= count:
        return f"--step {step}: there are {count} commands; 0 is the state before the first"
    if event is None:
        return None
    if step is None or step == 0:
        return f"--event {event}: say with --step inside which command"
    events = len(data["commands"][step - 1]["steps"])
    if not 1 <= event <= events:
        command = shown(data["commands"][step - 1]["text"])
        return f"--event {event}: step {step} ({command}) has the events 1 to {events}"
    return None


def _drawn(data: Frames, scene: Scene, form: str) -> bytes:
    if form == "text":
        return text(scene).encode("utf-8", "surrogateescape")
    if form == "json":
        return (json.dumps(data) + "\n").encode()
    from mountlab.view import figure  # noqa: PLC0415 - matplotlib is loaded by whoever draws

    return figure.png(scene) if form == "png" else figure.svg(scene).encode()
