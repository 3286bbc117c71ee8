"""The trial of the articles' claims: each has a verdict, and evidence that is there and holds."""

from __future__ import annotations

import re

import pytest

from mountlab.cli import main
from tests.docs.documents import ROOT, TRANSCRIPT, dead_links

PAGE = ROOT / "docs" / "claims.md"
TEXT = PAGE.read_text()
TRIALS = re.findall(r"^## (C\d+) · \"([^\n]+)\"\n(.+?)(?=^## )", TEXT, re.MULTILINE | re.DOTALL)
VERDICTS = set(re.findall(r"^\| (\w+) \| [a-z]", TEXT, re.MULTILINE)) - {"verdict"}
SOURCE_ALONE = {"C15"}
"""When a feature was alpha no transcript can show."""


def test_all_eighteen_claims_are_on_trial() -> None:
    assert [number for number, _, _ in TRIALS] == [f"C{number}" for number in range(1, 19)]
    assert dead_links(PAGE) == []


@pytest.mark.parametrize(("number", "claim", "trial"), TRIALS, ids=[number for number, _, _ in TRIALS])
def test_a_claim_has_a_verdict_and_evidence(number: str, claim: str, trial: str) -> None:
    verdict = re.match(r"\s*\*\*(\w+)\.\*\* ", trial)
    evidence = [line for line in trial.splitlines() if line.startswith("- ")]

    assert claim
    assert verdict
    assert verdict[1].lower() in VERDICTS
    assert evidence
    assert bool(TRANSCRIPT.search(trial)) == (number not in SOURCE_ALONE)


@pytest.mark.parametrize("name", sorted(set(TRANSCRIPT.findall(TEXT))))
def test_the_evidence_holds(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On the kernel it is replayed with the rest of the library."""
    assert main(["run", "--check", str(ROOT / name)]) == 0, capsys.readouterr().out
