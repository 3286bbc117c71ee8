"""The pinned versions: exact, with hashes, without addresses, and fit for what pyproject.toml asks."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "binder" / "requirements.txt"
HUB = ROOT / "binder" / "hub-requirements.txt"
TEST = ROOT / "tests" / "requirements.txt"
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]

every = pytest.mark.parametrize("lock", [LAB, HUB, TEST], ids=["lab", "hub", "test"])


def entries(lock: Path) -> list[str]:
    """Return one string for each pinned package, its hashes with it."""
    lines = [line for line in lock.read_text().splitlines() if not line.startswith("#")]
    return [entry.strip() for entry in re.split(r"\n(?=\S)", "\n".join(lines)) if entry.strip()]


def pinned(lock: Path) -> dict[str, str]:
    """Map each package to its version."""
    requirements = [Requirement(entry.split(" \\")[0]) for entry in entries(lock)]
    return {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in requirements}


@every
def test_every_package_is_pinned_and_has_hashes(lock: Path) -> None:
    for entry in entries(lock):
        assert re.match(r"[A-Za-z0-9._-]+==[0-9][^ ]* ", entry), entry
        assert "--hash=sha256:" in entry, entry


@every
def test_no_package_is_pinned_twice(lock: Path) -> None:
    assert len(entries(lock)) == len(pinned(lock)), "two versions: learners would differ by their Python"


@every
def test_no_download_address_and_no_index(lock: Path) -> None:
    text = lock.read_text()

    assert not re.search(r"\w+://|\bfile:|@ |^-{1,2}(?!hash)\w", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("lock", "extra"), [(LAB, "lab"), (HUB, "lab"), (HUB, "hub"), (TEST, "lab"), (TEST, "test")]
)
def test_the_lock_holds_what_the_project_asks_for(lock: Path, extra: str) -> None:
    versions = pinned(lock)
    for wish in map(Requirement, EXTRAS[extra]):
        assert versions[canonicalize_name(wish.name)] in wish.specifier, f"{wish}: run `make lock`"


def test_the_build_backend_is_pinned_too() -> None:
    assert "hatchling" in pinned(LAB)


@pytest.mark.parametrize("other", [HUB, TEST], ids=["hub", "test"])
def test_binder_and_the_tests_have_the_versions_that_learners_have(other: Path) -> None:
    assert pinned(LAB).items() <= pinned(other).items()
