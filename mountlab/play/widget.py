"""The playground in a notebook: one object, its output, and the pages that show it."""

from __future__ import annotations

import itertools
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from mountlab.play import picture
from mountlab.play.live import FIRST_SHELL, Live
from mountlab.play.protocol import TARGET, Message, Pages
from mountlab.play.session import Said, Session
from mountlab.play.share import is_share
from mountlab.play.worlds import SIMULATOR, PlayError
from mountlab.shell.complaints import TranscriptError
from mountlab.shell.simbackend import INITIAL_STATES, SimulatorBackend
from mountlab.shell.transcript import read

if TYPE_CHECKING:
    from comm.base_comm import BaseComm

    from mountlab.snapshot import Snapshot

MIME = "application/vnd.mountlab.playground+json"
VERSION = 1
REMEMBERED = 16
"""So many playgrounds of a kernel can be found again by their page."""
_numbers: WeakKeyDictionary[object, Iterator[int]] = WeakKeyDictionary()
_known: OrderedDict[str, Playground] = OrderedDict()


class Playground:
    """Terminals on a machine of one's own, with its live picture beside them.

    Args:
        init: what the machine begins as, ``bare`` or ``systemd``.
        backend: ``sim``, or ``kernel`` for the real one.
        transcript: what was run already: text, a share string, or the path of a .mnt file.
        snapshot: begin as `mountlab snapshot` saw a machine: a snapshot, or a file of one.

    Raises:
        PlayError: for a transcript outside the language, or a machine that is not to be had.
    """

    def __init__(
        self,
        init: str = INITIAL_STATES[0],
        backend: str = SIMULATOR,
        transcript: str | Path | None = None,
        snapshot: Snapshot | str | Path | None = None,
    ) -> None:
        self._begin(Session(_text(transcript), init, backend, snapshot))

    def _begin(self, session: Session) -> None:
        """With its session a playground can be found by its pages."""
        self.session = session
        self.questions: dict[str, Callable[[], str]] = {}
        """What else pages may ask: message -> what gives the answer's text."""
        self.id = str(_number())
        self._pages = Pages(self)
        _known[self.id] = self
        while len(_known) > REMEMBERED:
            _known.popitem(last=False)

    def __repr__(self) -> str:
        return f"playground {self.id}"

    # -- for whoever writes Python -----------------------------------------------------------------------

    @property
    def transcript(self) -> str:
        """Everything that was run, as `mountlab run` understands it."""
        return self.session.transcript

    @property
    def machine(self) -> SimulatorBackend:
        """The simulated machine, for `mountlab.explain`; in the kernel's world one that ran the same."""
        backend = self.session.live.world.backend
        if isinstance(backend, SimulatorBackend):
            return backend
        twin = Live(self.session.state.text, SIMULATOR).world.backend
        assert isinstance(twin, SimulatorBackend)  # noqa: S101 - what the world "sim" is
        return twin

    def run(self, text: str, shell: str = FIRST_SHELL) -> Said:
        """Run lines with prompts, or commands without in that terminal; the pages show it."""
        said = self.session.run(text, shell)
        self._pages.tell()
        return said

    def undo(self) -> None:
        """Take back what was done last."""
        self.session.undo()
        self._pages.tell()

    def redo(self) -> None:
        """Do again what was undone last."""
        self.session.redo()
        self._pages.tell()

    def reset(self) -> None:
        """Begin again as the playground began."""
        self.session.reset()
        self._pages.tell()

    # -- for the page ------------------------------------------------------------------------------------

    def data(self) -> Message:
        """What the output holds, and what a page without a kernel still shows."""
        session = self.session
        entries = [
            {"shell": entry.shell, "kind": entry.kind, "text": entry.text}
            | {key: value for key, value in entry._asdict().items() if key not in _ALWAYS and value}
            for entry in session.live.entries
        ]
        return {
            "v": VERSION,
            "id": self.id,
            "turn": session.turn,
            "start": session.start.text,
            "transcript": session.state.text,
            "share": session.share,
            "world": session.state.world,
            "shells": session.live.shells,
            "log": entries,
            "undo": len(session.past),
            "redo": len(session.future),
            "frames": picture.frames_of(session.live, f"playground {self.id}"),
        }

    def bundle(self) -> Message:
        """The output: MIME type -> content."""
        data = self.data()
        still = picture.still(data["frames"])
        return {**still, "text/plain": f"{self!r}\n{still['text/plain']}", MIME: data}

    def explain(self, question: str, ns: int, view: str | None, path: str) -> str:
        """Why the mount at a path is there, or why none is, with a cure that was tried."""
        from mountlab import explain  # noqa: PLC0415 - only who asks needs it

        machine = self.machine
        inside = next((table.shells for table in machine.tables() if table.id == ns), ())
        shell = view or (inside[0] if inside else None)
        if shell is None:
            raise PlayError(f"no terminal is in namespace {ns}: a mount is explained as a terminal sees it")
        ask = explain.why if question == "why" else explain.whynot
        try:
            return str(ask(machine, shell, path))
        except explain.QuestionError as error:
            raise PlayError(str(error)) from None

    def _ipython_display_(self) -> None:
        _listen()
        self._publish()

    def keep(self) -> None:
        """Bring the notebook's output up to date, for whoever saves it now."""
        self._publish(update=True)

    def _publish(self, *, update: bool = False) -> None:
        from IPython.display import publish_display_data  # noqa: PLC0415 - `import mountlab` needs none

        name = {"display_id": f"mountlab-playground-{self.id}"}
        publish_display_data(self.bundle(), transient=name, update=update)  # type: ignore[no-untyped-call]


def _number() -> int:
    """The playgrounds of a notebook count from 1, so that what is saved is the same in every kernel."""
    ipython = sys.modules.get("IPython")
    notebook = (ipython and ipython.get_ipython()) or sys
    return next(_numbers.setdefault(notebook, itertools.count(1)))


_ALWAYS = ("shell", "kind", "text")


def _text(transcript: str | Path | None) -> str:
    """The text of a transcript that is given as text, as a share string, or as a path."""
    if transcript is None:
        return ""
    if isinstance(transcript, str) and ("\n" in transcript or "#" in transcript or is_share(transcript)):
        return transcript
    try:
        return read(str(transcript))
    except TranscriptError as error:
        raise PlayError(str(error)) from None


def _listen() -> None:
    """Let pages find their playground: in a notebook's kernel; elsewhere nobody asks."""
    try:
        from comm import get_comm_manager  # noqa: PLC0415 - comes with ipykernel
    except ImportError:
        return
    get_comm_manager().register_target(TARGET, _meet)


def _meet(comm: BaseComm, opening: Message) -> None:
    """A page has opened a comm."""
    playground = _known.get(str(opening["content"]["data"].get("id")))
    if playground is None:
        comm.close()
        return
    pages = playground._pages  # noqa: SLF001 - a function of the same module
    pages.join(comm.send)
    comm.on_msg(lambda message: pages.receive(comm.send, message["content"]["data"]))
    comm.on_close(lambda _: pages.leave(comm.send))
