"""Machines that have run a transcript, for tests of pictures."""

from __future__ import annotations

from random import Random
from typing import Any

from mountlab.agree.programs import random_lines
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.view.display import machine_for
from mountlab.view.frames import frames


def machine(*lines: str, init: str = "bare") -> SimulatorBackend:
    return machine_for("\n".join([f"#: init={init}", *lines]))


def random_machine(seed: int, length: int = 25) -> SimulatorBackend:
    """A machine on which random command lines were run; about half of them fail."""
    rng = Random(seed)
    return machine(*random_lines(rng, length), init=rng.choice(["bare", "systemd"]))


def data(*lines: str, init: str = "bare") -> dict[str, Any]:
    return frames(machine(*lines, init=init), name="test")


def sayings(*lines: str, init: str = "bare") -> list[str]:
    """What the steps of the last line say."""
    return [step["say"] for step in data(*lines, init=init)["commands"][-1]["steps"]]


def summary(*lines: str, init: str = "bare") -> str:
    """What the last line says as a whole."""
    return str(data(*lines, init=init)["commands"][-1]["say"])
