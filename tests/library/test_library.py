from __future__ import annotations

from pathlib import Path

import pytest

from mountlab import library
from mountlab.cli import OFFERS
from mountlab.kernel.backend import KernelBackend
from mountlab.library import load, names, source
from mountlab.quirks import QUIRKS, quirks_of
from mountlab.shell.simbackend import INITIAL_STATES, SimulatorBackend
from tests.library.replay import complaints, differences

SHOWS = {quirk.transcript: quirk.name for quirk in QUIRKS if not quirk.simulated}
SHOWS["rule-overlay-upper"] = "opaque-on-tmpfs"
every_transcript = pytest.mark.parametrize("name", names())


@every_transcript
def test_a_transcript_says_what_it_teaches(name: str) -> None:
    transcript = load(name)

    assert len(transcript.header["title"]) <= 90
    assert transcript.header["source"]
    assert transcript.header.get("init", "bare") in INITIAL_STATES
    assert set(transcript.header) <= {"init", "title", "source", "needs", "mounts", "before"}
    assert any(step.expectations for step in transcript.steps)


@every_transcript
def test_its_expectations_hold_on_the_simulator(name: str) -> None:
    assert complaints(load(name)) == []


@pytest.mark.kernel
@pytest.mark.programs
@pytest.mark.parametrize("name", [name for name in names() if OFFERS["both"].issuperset(load(name).needs)])
def test_the_kernel_agrees(kernel: KernelBackend, name: str) -> None:
    """On an older kernel a transcript may show a quirk that is not simulated, and then it does."""
    found = differences(load(name), kernel)
    if SHOWS.get(name) in quirks_of(".".join(kernel.found.kernel.split(".")[:2])):
        assert found, "the header says what this kernel shows"
    else:
        assert found == []


def test_what_was_promised_is_there() -> None:
    found = names()

    for promised, least in {"man-": 12, "subtree-": 25, "article-": 5, "fact-": 14, "clinic-": 17}.items():
        assert sum(name.startswith(promised) for name in found) >= least


def test_every_file_of_the_folder_is_listed() -> None:
    folder = Path(library.__file__).parent

    assert names() == sorted(path.stem for path in folder.glob("*.mnt"))


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError, match="no transcript"):
        source("nothing-like-this")
    with pytest.raises(KeyError):
        source("../library/man-slave")


def test_the_reader_in_a_chroot_sees_propagate_from() -> None:
    backend = SimulatorBackend()
    for step in load("man-propagate-from").steps:
        backend.open(step.shell)
        assert step.command is not None
        backend.run(step.shell, step.command)
    rows = {row.mountpoint: row for row in backend.tables()[0].mounts}

    assert rows["/tmp/etc"].propagate_from == rows["/"].shared
    assert rows["/tmp/etc"].master not in (None, rows["/"].shared)
