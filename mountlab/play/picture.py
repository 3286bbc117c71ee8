"""The picture of a playground's machine: data for the page, a still image, and words."""

from __future__ import annotations

from typing import Any

from mountlab.play.live import Live
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.view.display import STEPPER, bundle
from mountlab.view.frames import Frames, Seen, frames, frames_of_tables


def frames_of(live: Live, name: str) -> Frames:
    """The data that the stepper draws: every line that was run, event by event where they are known."""
    backend = live.world.backend
    if isinstance(backend, SimulatorBackend):
        return frames(backend, name=name)
    seen = [
        Seen(each.shell, each.text, each.outcome.exit, each.outcome.stdout, each.outcome.stderr, each.tables)
        for each in live.moments
    ]
    return frames_of_tables(live.at_first, seen, name)


def still(data: Frames) -> dict[str, Any]:
    """The last moment for who has no page that could step: MIME type -> content."""
    return {mime: content for mime, content in bundle(data).items() if mime != STEPPER}
