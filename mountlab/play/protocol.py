"""What page and Python say to each other, over a comm with the target ``mountlab.playground``.

The page opens the comm with ``{"id": ID}``; Python closes it when it has no playground of that id.

Page to Python, each with a number ``n`` of the page's own:

    {"type": "hello"}                               a page is there
    {"type": "run", "shell": S, "text": T}          lines typed or pasted in a terminal
    {"type": "open" | "close", "shell": S}          a terminal
    {"type": "undo" | "redo" | "reset"}
    {"type": "import", "text": T}                   a transcript, or a share string
    {"type": "restore", "text": T}                  what a page still has of a kernel that has gone
    {"type": "world", "name": "sim" | "kernel"}
    {"type": "complete", "shell": S, "text": T}     the line up to the cursor
    {"type": "why" | "whynot", "ns": N, "view": S | null, "path": P}
    {"type": "keep"}                                the notebook's output is to hold what is there now
    {"type": QUESTION}                              one of `Playground.questions`, such as a level's hint

Python to page:

    {"type": "answer", "n": N, …}       exactly one for each message, after the state if there is a new one.
        "error": sentence               it could not be done, and nothing has changed
        "more": true                    the line goes on: a here-document, a backslash (run)
        "start": n, "choices": […]      what may replace the text from there (complete)
        "text": …                       the explanation (why, whynot), the answer to a question
    {"type": "state", "data": {…}, "token": T, "kernel": null | sentence}
        to every page whenever something has changed.  ``data`` is what the output holds, see
        `Playground.data`; ``token`` names this run of Python; ``kernel`` says why there is no real kernel
        (null: there is one).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, Protocol

from mountlab.play.complete import complete
from mountlab.play.session import PlayError, Session, UnfinishedError
from mountlab.play.worlds import no_kernel

TARGET = "mountlab.playground"
TOKEN = uuid.uuid4().hex
"""A page that meets another token knows that the kernel is another one."""

ACTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "run": ("run", ("text", "shell")),
    "open": ("open", ("shell",)),
    "close": ("leave", ("shell",)),
    "undo": ("undo", ()),
    "redo": ("redo", ()),
    "reset": ("reset", ()),
    "import": ("load", ("text",)),
    "restore": ("restore", ("text",)),
    "world": ("switch", ("name",)),
}
"""What changes something: the session's method, and the message's keys that it takes."""

Message = dict[str, Any]
Post = Callable[[Message], None]


class Table(Protocol):
    """What the pages of a playground are about."""

    session: Session
    questions: dict[str, Callable[[], str]]

    def data(self) -> Message:
        """What the output holds."""

    def keep(self) -> None:
        """Bring the notebook's output up to date."""

    def explain(self, question: str, ns: int, view: str | None, path: str) -> str:
        """Why a mount is there, or is not."""


class Pages:
    """The pages of one playground: answers each, and tells all of them what has changed."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._open: list[Post] = []

    def join(self, post: Post) -> None:
        """A page is there."""
        self._open.append(post)

    def leave(self, post: Post) -> None:
        """A page has gone."""
        if post in self._open:
            self._open.remove(post)

    def tell(self) -> None:
        """Send the state to every page."""
        if self._open:
            state = self.state()
            for post in list(self._open):
                post(state)

    def state(self) -> Message:
        """The message that holds everything."""
        return {"type": "state", "data": self.table.data(), "token": TOKEN, "kernel": no_kernel()}

    def receive(self, post: Post, message: Message) -> None:
        """Do what a page asks, and answer it."""
        answer: Message = {"type": "answer", "n": message.get("n")}
        before = self.table.session.turn
        try:
            answer |= self._do(message)
        except UnfinishedError:
            answer["more"] = True
        except PlayError as error:
            answer["error"] = str(error)
        except (KeyError, TypeError, AttributeError) as error:
            answer["error"] = f"not understood: {message.get('type')} ({error!r})"
        if message.get("type") == "hello":
            post(self.state())
        elif self.table.session.turn != before:
            self.tell()
        post(answer)

    def _do(self, message: Message) -> Message:
        session = self.table.session
        match message["type"]:
            case "hello":
                return {}
            case "complete":
                backend = session.live.world.backend
                return complete(backend, message["shell"], message["text"])._asdict()
            case "why" | "whynot" as question:
                where = message["ns"], message["view"], message["path"]
                return {"text": self.table.explain(question, *where)}
            case "keep":
                self.table.keep()
                return {}
            case question if question in self.table.questions:
                return {"text": self.table.questions[question]()}
            case act if act in ACTS:
                method, names = ACTS[act]
                getattr(session, method)(*(message[name] for name in names))
                return {}
            case other:
                raise PlayError(f"not understood: {other}")
