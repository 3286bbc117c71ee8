"""The machine that a transcript starts on."""

from __future__ import annotations

from mountlab.quirks import MODELLED_KERNEL
from mountlab.shell.complaints import TranscriptError, shown
from mountlab.shell.runner import play
from mountlab.shell.simbackend import INITIAL_STATES, SimulatorBackend
from mountlab.shell.transcript import Transcript


def no_such_machine(init: str) -> str:
    """What is said to who asks for a machine that there is not."""
    return f"init={shown(init)}: there is no such machine; there are: {', '.join(INITIAL_STATES)}"


def initial_state(transcript: Transcript) -> str:
    """The name of the machine that the header asks for.

    Raises:
        TranscriptError: when there is no such machine.
    """
    init = transcript.header.get("init", INITIAL_STATES[0])
    if init in INITIAL_STATES:
        return init
    place = transcript.places["init"]
    raise TranscriptError(no_such_machine(init), file=transcript.file, place=place, word=init)


def tells_runtime(transcript: Transcript) -> bool:
    """Whether pictures are to show each call of a container's runtime."""
    return transcript.header.get("runtime") == "shown"


def simulated(
    transcript: Transcript, init: str | None = None, kernel: str = MODELLED_KERNEL
) -> SimulatorBackend:
    """The simulated machine on which the transcript has been run.

    Args:
        init: the machine to start on, instead of what the header asks for.
        kernel: the version that it behaves like.

    Raises:
        TranscriptError: when there is no such machine.
        ValueError: when there is no such version.
    """
    machine = SimulatorBackend(init or initial_state(transcript), kernel)
    machine.tells_runtime = tells_runtime(transcript)
    for _ in play(transcript, machine):
        pass
    return machine
