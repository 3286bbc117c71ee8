from __future__ import annotations

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.library.cells import NOTES, TABLES, Cell, Table
from mountlab.library.tables import PAGE, outcome_of, page, transcript_of
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse
from tests.library.replay import complaints, differences

CELLS = [(table, cell) for table in TABLES for cell in table.cells]
every_cell = pytest.mark.parametrize(
    ("table", "cell"), CELLS, ids=[f"{table.name}-{cell.row}-{cell.column}" for table, cell in CELLS]
)


@every_cell
def test_the_simulator_gives_what_the_documents_say(table: Table, cell: Cell) -> None:
    assert outcome_of(table, cell, SimulatorBackend()) == cell.expected
    assert complaints(parse(transcript_of(table, cell), cell.row)) == []


@pytest.mark.kernel
@pytest.mark.programs
@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_the_kernel_agrees_in_every_cell(kernel: KernelBackend, table: Table) -> None:
    wrong = []
    for cell in table.cells:
        wrong += differences(parse(transcript_of(table, cell), f"{cell.row} / {cell.column}"), kernel)

    assert wrong == []


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m mountlab.library.tables"


def test_every_note_is_used() -> None:
    assert {cell.note for _, cell in CELLS} == {None, *NOTES}


def test_every_link_of_the_page_leads_to_a_transcript() -> None:
    text = PAGE.read_text(encoding="utf-8")

    for table in TABLES:
        for number in range(1, len(table.cells) + 1):
            assert text.count(f"(#{table.name}-{number})") == 1
            assert text.count(f'<a id="{table.name}-{number}"></a>') == 1
