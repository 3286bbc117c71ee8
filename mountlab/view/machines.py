"""A machine from a file: a transcript that is run on the simulator, or a snapshot that is loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mountlab.shell.complaints import TranscriptError
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.start import simulated
from mountlab.shell.transcript import display_name, parse, read


def machine_of(
    file: str, remark: Callable[[str], object] | None = None, init: str | None = None
) -> SimulatorBackend:
    """The machine that a file describes; ``-`` is standard input.

    Args:
        file: its path.
        remark: is told, sentence by sentence, what a snapshot could not tell.
        init: the machine to start a transcript on, instead of the one that its header names.

    Raises:
        TranscriptError: when it is neither a transcript nor a snapshot, with the place of the mistake.
    """
    from mountlab.snapshot import SnapshotError, limits, load, machine  # noqa: PLC0415 - lessons need none

    try:
        text = "{" if file != "-" and _is_snapshot(Path(file)) else read(file)
        if text.lstrip()[:1] == "{":
            if init is not None:
                raise TranscriptError(f"it is a snapshot: init={init} is for transcripts", file=file)
            snapshot = load(text if text != "{" else Path(file))
            if remark is not None:
                for sentence in limits(snapshot):
                    remark(sentence)
            return machine(snapshot)
    except SnapshotError as error:
        raise TranscriptError(str(error)) from None
    return simulated(parse(text, display_name(file)), init)


def _is_snapshot(path: Path) -> bool:
    """Whether the file begins as JSON does; what cannot be read is told by whoever reads it.

    A pipe can be read only once, and is left to who reads it.
    """
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(64).lstrip()[:1] == b"{"
    except (OSError, ValueError):
        return False
