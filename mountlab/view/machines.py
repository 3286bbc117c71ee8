"""A machine from a file: a transcript that is run on the simulator, or a snapshot that is loaded."""

from __future__ import annotations

from pathlib import Path

from mountlab.shell.complaints import TranscriptError, shown
from mountlab.shell.runner import play
from mountlab.shell.simbackend import INITIAL_STATES, SimulatorBackend
from mountlab.shell.transcript import Transcript, display_name, parse, read


def machine_of(file: str) -> SimulatorBackend:
    """The machine that a file describes; ``-`` is standard input.

    Raises:
        TranscriptError: when it is neither a transcript nor a snapshot, with the place of the mistake.
    """
    from mountlab.snapshot import SnapshotError, load, machine  # noqa: PLC0415 - lessons need no snapshots

    try:
        if file != "-" and _is_snapshot(Path(file)):
            return machine(load(Path(file)))
        text = read(file)
        if text.lstrip()[:1] == "{":
            return machine(load(text))
    except SnapshotError as error:
        raise TranscriptError(str(error)) from None
    return run(parse(text, display_name(file)))


def _is_snapshot(path: Path) -> bool:
    """Whether the file begins as JSON does; what cannot be read is told by whoever reads it."""
    try:
        with path.open("rb") as file:
            return file.read(64).lstrip()[:1] == b"{"
    except (OSError, ValueError):
        return False


def run(transcript: Transcript) -> SimulatorBackend:
    """The machine on which a transcript has been run.

    Raises:
        TranscriptError: when its header asks for a machine that there is not.
    """
    init = transcript.header.get("init", INITIAL_STATES[0])
    if init not in INITIAL_STATES:
        known = ", ".join(INITIAL_STATES)
        sentence = f"init={shown(init)}: there is no such machine; there are: {known}"
        raise TranscriptError(sentence, file=transcript.file, place=transcript.places["init"], word=init)
    backend = SimulatorBackend(init)
    for _ in play(transcript, backend):
        pass
    return backend
