"""Each quirk has a transcript that shows it; kernel-6.1.json is what a real Linux 6.1 did with them.

It was recorded by raw system calls on Debian's user-mode-linux 6.1.176: of each transcript the last
mount tables, and the errors of all calls.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.library import load
from mountlab.mountinfo import Canon, MountInfo, parse_table
from mountlab.quirks import MODELLED_KERNEL, PROGRAM_QUIRKS, QUIRKS, Quirk, quirks_of
from mountlab.rules import RULES
from mountlab.shell.simbackend import SimulatorBackend

OLD = "6.1"
RECORD: dict[str, Any] = json.loads((Path(__file__).parent / "kernel-6.1.json").read_text())["transcripts"]
every_quirk = pytest.mark.parametrize("quirk", QUIRKS, ids=[quirk.name for quirk in QUIRKS])


def _simulated(name: str, kernel: str) -> tuple[dict[str, list[MountInfo]], list[str | None]]:
    """The last tables by terminal, and the error of every command."""
    transcript = load(name)
    backend = SimulatorBackend(transcript.header.get("init", "bare"), kernel)
    errors: list[Any] = []
    for step in transcript.steps:
        backend.open(step.shell)
        if step.command is not None:
            errors.append(backend.run(step.shell, step.command).errno)
    return {shell: list(table.seen_by(shell)) for table in backend.tables() for shell in table.shells}, errors


def _comparable(tables: dict[str, list[MountInfo]]) -> dict[str, Any]:
    canon = Canon()
    plain = {shell: [row._replace(super_options="") for row in rows] for shell, rows in tables.items()}
    return {shell: canon.table(rows) for shell, rows in sorted(plain.items())}


def _recorded(name: str) -> dict[str, Any]:
    tables = RECORD[name]["tables"]
    return _comparable({shell: list(parse_table("\n".join(rows) + "\n")) for shell, rows in tables.items()})


@every_quirk
def test_a_quirk_says_what_it_bends_and_what_shows_it(quirk: Quirk) -> None:
    assert quirk.rule in RULES
    assert quirk.sentence.endswith(".")
    assert quirk.source
    assert quirk.transcript == f"quirk-{quirk.name}"
    assert load(quirk.transcript).header["before"], "the header says what the older kernel shows"


@every_quirk
def test_the_older_kernel_differs_from_the_modelled_one(quirk: Quirk) -> None:
    tables, errors = _simulated(quirk.transcript, MODELLED_KERNEL)

    failed = {error for error in errors if error}
    assert _recorded(quirk.transcript) != _comparable(tables) or failed != set(_errors_of(quirk))


def _errors_of(quirk: Quirk) -> list[str]:
    return [error for error in RECORD[quirk.transcript]["errnos"] if error]


@pytest.mark.parametrize("quirk", [each for each in QUIRKS if each.simulated], ids=lambda each: each.name)
def test_the_simulator_with_the_older_kernel_does_what_that_kernel_did(quirk: Quirk) -> None:
    tables, errors = _simulated(quirk.transcript, OLD)

    assert _comparable(tables) == _recorded(quirk.transcript)
    assert [error for error in errors if error] == _errors_of(quirk)


def test_program_quirks_say_that_they_were_not_run() -> None:
    for quirk in PROGRAM_QUIRKS:
        assert quirk.sentence.endswith(".")
        assert quirk.source.endswith("from source, not run")


def test_versions() -> None:
    everything = {quirk.name for quirk in QUIRKS}

    assert quirks_of("6.18") == frozenset()
    assert quirks_of("6.1") == everything
    assert quirks_of("6.8") == everything - {"list-order", "opaque-on-tmpfs"}
    for wrong in ("6", "x.y", "5.14", "6.19"):
        with pytest.raises(ValueError, match="kernel"):
            quirks_of(wrong)
