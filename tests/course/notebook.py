"""A notebook without a browser: cells go in, what is displayed and what fails comes out."""

from __future__ import annotations

from typing import NamedTuple

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


class Ran(NamedTuple):
    """What came of a cell."""

    shown: list[dict[str, str]]
    """What was displayed, each as MIME type -> content."""
    printed: str
    error: str | None
    """What the learner reads when the cell fails."""

    @property
    def texts(self) -> list[str]:
        return [bundle["text/plain"] for bundle in self.shown]


class Notebook:
    """An IPython shell with the course loaded."""

    def __init__(self) -> None:
        InteractiveShell.clear_instance()
        self.shell = InteractiveShell.instance()
        self.shell.history_manager.enabled = False
        assert self.run("%load_ext mountlab.course").error is None

    def run(self, source: str) -> Ran:
        with capture_output() as captured:
            result = self.shell.run_cell(source)
        error = result.error_before_exec or result.error_in_exec
        said = None if error is None else str(error)
        if said is not None:
            assert "Traceback" not in captured.stdout
        return Ran([output.data for output in captured.outputs], captured.stdout, said)

    def lab(self, transcript: str, session: str = "") -> Ran:
        return self.run(f"%%lab {session}\n{transcript}")
