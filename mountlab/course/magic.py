"""The ``%%lab`` cell magic: a cell is a transcript.

    %%lab [SESSION]                     run the cell on the session's machine
    %lab reset [SESSION] [init=NAME]    a new machine
    %lab table [SESSION]                the mount tables
    %lab why PATH in SHELL [SESSION]    why is a mount there, or why is it not?
    %lab kernel                         is a real kernel at hand?
    %lab backend kernel                 run everything on the real kernel as well, on new machines (sim: not;
                                        uml, userns: on that kernel; auto: on the safest one that works)
    %lab doctor                         what works on this computer, and what would change what does not

A cell with a header line (``#: init=systemd``) starts on a new machine; any other cell goes on where the
last one ended.  With MOUNTLAB_BACKEND=kernel in the environment everything runs on the real kernel as well.
"""

from __future__ import annotations

import os
import re

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.display import publish_display_data

from mountlab.course.here import doctor, kernel_here
from mountlab.course.session import CellRun, MachineStoppedError, Session
from mountlab.course.show import State, display_of, display_of_answer, display_of_steps
from mountlab.explain import QuestionError
from mountlab.shell.backend import BackendUnavailableError
from mountlab.shell.complaints import TranscriptError, shown
from mountlab.shell.simbackend import INITIAL_STATES
from mountlab.shell.start import initial_state, no_such_machine
from mountlab.shell.transcript import Transcript, parse
from mountlab.view.display import Bundle

DEFAULT_SESSION = "lab"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
BACKENDS = ("", "sim", "kernel", "userns", "uml", "auto")
FORMS = (
    "%lab reset [SESSION] [init=NAME], %lab table [SESSION], %lab why PATH in SHELL [SESSION], %lab kernel, "
    "%lab backend auto|sim|kernel|userns|uml, %lab doctor"
)


class CellFailed(Exception):
    """The cell did not do what it says; the message is for the person who wrote it."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback."""
        return [str(self)]


@magics_class
class LabMagics(Magics):
    """The magics of one notebook, with its sessions."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.sessions: dict[str, Session] = {}
        self.backend: str | None = None
        """What ``%lab backend`` chose; else the environment decides."""

    @line_cell_magic
    def lab(self, line: str, cell: str | None = None) -> None:
        """Run a transcript (``%%lab``), or one of the line magics (``%lab reset``, ``table``, ``kernel``)."""
        words = line.split()
        if cell is None:
            self._line(words)
        elif len(words) > 1:
            raise CellFailed(f"%%lab {line.strip()}: one word may follow, the session's name")
        else:
            self._cell(_name(words), cell)

    def _line(self, words: list[str]) -> None:
        match words:
            case ["reset", *rest]:
                self._reset(rest)
            case ["table", *name] if len(name) <= 1:
                session = self._session(_name(name))
                _show(display_of(State(session.state().tables)))
            case ["why", path, "in", shell, *name] if len(name) <= 1:
                self._why(_name(name), shell, path)
            case ["backend", name] if name in BACKENDS:
                self._use(name)
            case ["doctor"]:
                print(doctor(), end="")
            case ["kernel"]:
                print(kernel_here())
            case _:
                asked = " ".join(["%lab", *words])
                raise CellFailed(f"{asked}: the forms are {FORMS}; a transcript begins with %%lab")

    def _use(self, backend: str) -> None:
        """Change worlds: all machines begin again."""
        for session in self.sessions.values():
            session.close()
        self.sessions.clear()
        before, self.backend = self.backend, backend
        try:
            self._start(DEFAULT_SESSION, INITIAL_STATES[0])
        except CellFailed:
            self.backend = before
            raise
        if backend == "auto":
            print(f"backend auto: {self.sessions[DEFAULT_SESSION].kernel}")

    def _why(self, name: str, shell: str, path: str) -> None:
        try:
            _show(display_of_answer(self._session(name).why(shell, path)))
        except QuestionError as error:
            raise CellFailed(f"%lab why {path} in {shell}: {error}") from None

    def _reset(self, words: list[str]) -> None:
        names = [word for word in words if not word.startswith("init=")]
        inits = [word.removeprefix("init=") for word in words if word.startswith("init=")]
        if len(names) > 1 or len(inits) > 1:
            raise CellFailed(f"%lab reset {' '.join(words)}: the form is %lab reset [SESSION] [init=NAME]")
        init = inits[0] if inits else INITIAL_STATES[0]
        if init not in INITIAL_STATES:
            raise CellFailed(no_such_machine(init))
        self._start(_name(names), init)

    def _cell(self, name: str, cell: str) -> None:
        try:
            # The magic's own line is line 1 of the cell.
            transcript = parse("\n" + cell, "this cell")
            init = initial_state(transcript)
        except TranscriptError as error:
            raise CellFailed(str(error)) from None
        session = self._start(name, init) if transcript.header else self._session(name)
        run = self._run(name, session, transcript)
        if run.steps:
            _show(display_of_steps(run.steps))
        for note in run.notes:
            _show({"text/plain": note})
        _show(display_of(session.state(), session.picture(run)))
        if run.failures:
            raise CellFailed("\n".join(run.failures))

    def _run(self, name: str, session: Session, transcript: Transcript) -> CellRun:
        """Run the cell; a machine that was stopped in the middle is not used again."""
        try:
            return session.run(transcript)
        except (KeyboardInterrupt, MachineStoppedError) as error:
            self.sessions.pop(name).close()
            reason = str(error) or "interrupted"
            raise CellFailed(f"{reason}; the next cell of this session starts on a new machine") from None

    def _session(self, name: str) -> Session:
        return self.sessions.get(name) or self._start(name, INITIAL_STATES[0])

    def _start(self, name: str, init: str) -> Session:
        wanted = self.backend or os.environ.get("MOUNTLAB_BACKEND", "")
        if wanted not in BACKENDS:
            raise CellFailed(f"MOUNTLAB_BACKEND={wanted}: it may be auto, sim, kernel, userns or uml")
        if name in self.sessions:
            self.sessions.pop(name).close()
        try:
            self.sessions[name] = Session(init, backend=wanted or "sim")
        except BackendUnavailableError as error:
            raise CellFailed(f"backend {wanted}, and no kernel is to be had here: {error}") from None
        return self.sessions[name]


def _show(bundle: Bundle) -> None:
    publish_display_data(bundle)  # type: ignore[no-untyped-call]


def _name(words: list[str]) -> str:
    name = words[0] if words else DEFAULT_SESSION
    if not NAME.fullmatch(name):
        raise CellFailed(f"{shown(name)} is no name for a session; it has letters, digits, '_', '-' and '.'")
    return name


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Make ``%%lab`` known: IPython calls this for ``%load_ext mountlab.course``."""
    shell.register_magics(LabMagics)
