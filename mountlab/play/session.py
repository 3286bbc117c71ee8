"""The playground without a page: a transcript that grows, its machine, undo and redo.

What is undone is never taken apart: the shorter transcript is run on a fresh machine.  So undo is exact in
every world, and there is nothing that it could not take back: lines, terminals, imports, resets, worlds.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mountlab.play import share
from mountlab.play.live import FIRST_SHELL, Entry, Live
from mountlab.play.typed import begun, is_unfinished, with_prompts
from mountlab.play.worlds import SIMULATOR, SNAPSHOT, PlayError
from mountlab.shell.complaints import TranscriptError, shown
from mountlab.shell.expect import SHELL
from mountlab.shell.simbackend import INITIAL_STATES

if TYPE_CHECKING:
    from mountlab.snapshot import Snapshot

__all__ = ["PlayError", "Session", "State", "UnfinishedError"]


class State(NamedTuple):
    """All there is to know: the same state gives the same machine."""

    text: str
    """The transcript, with a header that names the machine."""
    world: str


class UnfinishedError(PlayError):
    """The line goes on: a here-document has not ended, or a backslash ends it."""


class Said(tuple[Entry, ...]):
    """What came of the lines that were run; it prints as in the terminal."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    __repr__ = __str__


class Session:
    """One playground's machine and history.

    Args:
        transcript: text that was run already when the playground opens, or a share string.
        init: the machine, where the transcript's header names none.
        world: ``sim`` or ``kernel``.
        snapshot: what the machine begins with: a snapshot, or a file of one.

    Raises:
        PlayError: for a transcript outside the language, or a machine that is not to be had.
    """

    def __init__(
        self,
        transcript: str = "",
        init: str = INITIAL_STATES[0],
        world: str = SIMULATOR,
        snapshot: Snapshot | str | Path | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._init = init if snapshot is None else SNAPSHOT
        self.start = State(self._read(transcript), world)
        self.state = self.start
        self.turn = 0
        """Counts what was done, undone and redone."""
        self.past: list[State] = []
        self.future: list[State] = []
        self.live = self._fresh(self.start)

    # -- what there is -----------------------------------------------------------------------------------

    @property
    def transcript(self) -> str:
        """Everything that was run, as a transcript that `mountlab run` understands."""
        return self.state.text + "\n"

    @property
    def share(self) -> str:
        """The transcript as a short string without blanks."""
        return share.dump(self.state.text)

    # -- what can be done --------------------------------------------------------------------------------

    def run(self, text: str, shell: str = FIRST_SHELL) -> Said:
        """Run lines with prompts, or commands without in the terminal that is named.

        Raises:
            UnfinishedError: when a terminal would wait for the rest of the line.
            PlayError: for a line outside the language; then nothing has been run.
        """
        if not re.fullmatch(SHELL, shell):
            raise PlayError(f"{shown(shell)} is no name for a terminal: letters, digits, '.', '-' and '_'")
        try:
            lines = with_prompts(text, shell)
        except TranscriptError as error:
            raise self._refusal(f"{shell}# {text}", error) from None
        if not lines.strip():
            return Said()
        before = len(self.live.entries)
        self._check(lines)
        self._do(State(f"{self.state.text}\n{lines}", self.state.world))
        return Said(self.live.entries[before:])

    def open(self, shell: str) -> None:
        """Open a terminal."""
        if shell not in self.live.shells:
            self.run(f"{shell}#", shell)

    def leave(self, shell: str) -> None:
        """Close a terminal, as ``exit`` does."""
        if shell in self.live.shells:
            self.run(f"{shell}# exit")

    def undo(self) -> bool:
        """Take back what was done last; False when there is nothing."""
        return self._step(self.past, self.future)

    def redo(self) -> bool:
        """Do again what was undone last; False when there is nothing."""
        return self._step(self.future, self.past)

    def reset(self) -> None:
        """Begin again as the playground began."""
        self._do(self.start._replace(world=self.state.world))

    def load(self, text: str) -> None:
        """Go to the end of another transcript, or of a share string, on a fresh machine."""
        self._do(State(self._read(text), self.state.world))

    def restore(self, text: str) -> None:
        """Go on where a playground was whose kernel has gone: nothing once this one was used."""
        if not self.turn:
            self.load(text)

    def switch(self, world: str) -> None:
        """Run everything in another world: ``sim`` or ``kernel``."""
        self._do(State(self.state.text, world))

    def close(self) -> None:
        """End the machine."""
        self.live.close()

    # -- how ---------------------------------------------------------------------------------------------

    def _read(self, text: str) -> str:
        try:
            return begun(share.load(text) if share.is_share(text) else text, self._init)
        except (TranscriptError, share.ShareError) as error:
            raise PlayError(str(error)) from None

    def _check(self, lines: str) -> None:
        """Refuse lines that are outside the language, before anything happens."""
        try:
            begun(f"{self.state.text}\n{lines}", self._init)
        except TranscriptError as error:
            raise self._refusal(lines, error) from None

    def _refusal(self, lines: str, error: TranscriptError) -> PlayError:
        if is_unfinished(lines, error):
            return UnfinishedError(error.sentence)
        return PlayError(error.sentence)

    def _step(self, source: list[State], target: list[State]) -> bool:
        if not source:
            return False
        old = self.state
        self._move(source[-1])
        source.pop()
        target.append(old)
        return True

    def _do(self, new: State) -> None:
        old = self.state
        if new == old:
            return
        self._move(new)
        self.past.append(old)
        self.future.clear()

    def _move(self, new: State) -> None:
        """Make the machine that belongs to a state; when that fails, all is as before."""
        old, live = self.state, self.live
        if new.world == old.world and new.text.startswith(old.text + "\n"):
            try:
                live.go_on(new.text)
            except BaseException as error:
                # The machine may have run half of it: only a fresh one is known to be as before.
                live.close()
                self.live = self._fresh(old)
                if isinstance(error, live.world.stops):
                    raise PlayError(f"{error}\nThe machine was made again, without this line.") from None
                raise
        else:
            self.live = self._fresh(new)
            live.close()
        self.state = new
        self.turn += 1

    def _fresh(self, state: State) -> Live:
        return Live(state.text, state.world, self._snapshot)
