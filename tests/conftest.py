"""What every test shares: how long Hypothesis searches, and what may not be skipped.

``MOUNTLAB_REQUIRE="kernel userns programs"`` names what this machine must have.
A test that carries such a marker then fails where it would be skipped, and so
does a whole file that would be: a CI machine without a kernel must not look green.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import hypothesis
import pytest

# `make test`: the same examples each time.  `make test-long`: new ones, and many.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, max_examples=100)
hypothesis.settings.register_profile("long", deadline=None, max_examples=3000, print_blob=True)
hypothesis.settings.load_profile("ci")

REQUIRED = frozenset(os.environ.get("MOUNTLAB_REQUIRE", "").split())


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport, wanted: str) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}: {reason}\nMOUNTLAB_REQUIRE asks for {wanted}: skipped is failed."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a required test into a failure."""
    report = yield
    wanted = sorted(REQUIRED.intersection(mark.name for mark in item.iter_markers()))
    if report.skipped and wanted and not hasattr(report, "wasxfail"):
        _refuse_skip(report, " ".join(wanted))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole file into a failure where anything is required."""
    report = yield
    if report.skipped and REQUIRED:
        _refuse_skip(report, " ".join(sorted(REQUIRED)))
    return report
