"""A level in a notebook: a playground with a story, a goal that is checked after each command, and hints.

    lv = level("slave-only")             its output is the page
    lv.run("c1# mount --make-slave /")   without a page; also lv.hint(), lv.undo(), lv.reset(), lv.solution()

The goal is judged on a simulated machine that has run the same lines, whatever world is played in.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from mountlab.course.record import Json, Record
from mountlab.play import picture
from mountlab.play.session import PlayError, Session, State
from mountlab.play.widget import Playground
from mountlab.play.worlds import SIMULATOR
from mountlab.practice import levels
from mountlab.practice.level_attempt import REACHED, UNDO
from mountlab.practice.level_places import with_daemons
from mountlab.practice.levels import Attempt, Level, goal_machine
from mountlab.practice.progress import Answered
from mountlab.view.frames import Frames, frames_of_tables

MIME = "application/vnd.mountlab.level+json"
WIDTH = 100
TYPE_IN = "You type in {terminals}."
WITHOUT = "To be solved without: {forbidden}."
COUNT = "Commands: {commands}, par: {par}."
HOW = (
    'On the page: type and press Enter. Without a page: lv = level("{name}"), then lv.run("{first}# …"), '
    "lv.hint(), lv.undo(), lv.reset(), lv.solution()"
)
HOLDS, NOT_YET = "holds:  ", "not yet:"
NEXT = 'Next: level("{name}").'
SOLVED = "commands: {commands}, par: {par}"
AFTER_SOLUTION = "after the solution was shown"


class Told(str):
    """What came of something; it prints as it is, in a notebook too."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class LevelSession(Session):
    """A playground's session that begins as a level does, and is judged by it."""

    def __init__(self, level: Level, world: str) -> None:
        self.level = level
        self.attempt = Attempt(level)
        self.is_solution_shown = False
        super().__init__(self.attempt.transcript, level.init, world)

    def load(self, text: str) -> None:
        """Only for a page that has still what was typed in a kernel that has gone."""
        if not text.startswith(self.start.text):
            raise PlayError("this level begins otherwise")
        super().load(text)

    def solution(self) -> str:
        """The reference solution."""
        self.is_solution_shown = True
        return self.attempt.solution()

    def _check(self, lines: str) -> None:
        super()._check(lines)
        # What a level does not want, it does not want in any state.
        refused = Attempt(self.level).run(lines).refused
        if refused:
            raise PlayError(refused)

    def _move(self, new: State) -> None:
        super()._move(new)
        self.attempt.restart()
        self.attempt.run(self.state.text.removeprefix(self.start.text))
        if self.attempt.reached:
            self._keep()

    def _keep(self) -> None:
        how = [SOLVED.format(commands=self.attempt.commands, par=self.level.par)]
        how += [AFTER_SOLUTION] if self.is_solution_shown else []
        Record("level").add(Answered("level", self.level.name, True, tuple(how), (), self.level.teaches))


class PlayedLevel(Playground):
    """A level that is played; `level` makes one."""

    session: LevelSession

    def __init__(self, level: Level, backend: str = SIMULATOR) -> None:
        self.level = level
        self._begin(LevelSession(level, backend))
        self.questions = {"hint": self.hint, "solution": self.solution}

    def __str__(self) -> str:
        level = self.level
        forbidden = ", ".join(each.text for each in level.forbidden)
        rules = [TYPE_IN.format(terminals=" and ".join(level.terminals))]
        rules += [WITHOUT.format(forbidden=forbidden)] if forbidden else []
        how = HOW.format(name=level.name, first=level.terminals[0])
        parts = [f"Level {level.name}: {level.title}", textwrap.fill(level.story, WIDTH), self._standing()]
        return "\n".join([*parts, " ".join(rules), textwrap.fill(how, WIDTH)])

    __repr__ = __str__

    # -- for whoever writes Python -----------------------------------------------------------------------

    def run(self, text: str, shell: str | None = None) -> Told:  # type: ignore[override]
        """Run lines with prompts, or a command without in that terminal (without one: the level's first)."""
        try:
            said = super().run(text, shell or self.level.terminals[0])
        except PlayError as error:
            return Told(f"Not run: {error}")
        return Told(f"{said}\n{self._standing()}")

    def hint(self) -> Told:
        """What to think of in this state; asked again, the next hint that fits it."""
        return Told(self.session.attempt.hint())

    def solution(self) -> Told:
        """The reference solution, with what is to be learned from it."""
        return Told(self.session.solution())

    def _standing(self) -> str:
        """The goal, part by part, and how far it is."""
        attempt = self.session.attempt
        lines = [f"  {HOLDS if wanted.holds else NOT_YET} {wanted.text}" for wanted in attempt.goal]
        count = COUNT.format(commands=attempt.commands, par=self.level.par)
        if attempt.failed:
            lines.append(f"{attempt.failed} {UNDO}")
        if attempt.reached:
            return "\n".join(["Goal:", *lines, " ".join(filter(None, [REACHED, count, self._after()]))])
        return "\n".join(["Goal:", *lines, count])

    def _after(self) -> str:
        following = self._following()
        return NEXT.format(name=following) if following else ""

    def _following(self) -> str | None:
        """The next level of the same notebook."""
        names = levels.names(self.level.notebook)
        at = names.index(self.level.name) + 1 if self.level.name in names else len(names)
        return names[at] if at < len(names) else None

    # -- for the page ------------------------------------------------------------------------------------

    def data(self) -> Json:
        """A playground's data, and what the level says of it."""
        level, attempt = self.level, self.session.attempt
        return super().data() | {
            "level": {
                "name": level.name,
                "title": level.title,
                "story": level.story,
                "goal": [{"text": wanted.text, "holds": wanted.holds} for wanted in attempt.goal],
                "failed": attempt.failed,
                "reached": attempt.reached,
                "commands": attempt.commands,
                "par": level.par,
                "hints": bool(level.hints),
                "terminals": list(level.terminals),
                "forbidden": [each.text for each in level.forbidden],
                "next": self._following(),
                "frames": _goal_frames(level),
            }
        }

    def bundle(self) -> Json:
        """The output: MIME type -> content."""
        data = self.data()
        return {**picture.still(data["frames"]), "text/plain": str(self), MIME: data}


def level(name: str | Path, backend: str = SIMULATOR) -> PlayedLevel:
    """Play a level.

    Args:
        name: its name, such as ``slave-only``, or the path of a level of one's own.
        backend: ``sim``, or ``kernel`` for the real one.

    Raises:
        UnknownLevelError: when there is none of that name; the message says which there are.
        PlayError: when there is no such world here.
    """
    return PlayedLevel(levels.level(name), backend)


def _goal_frames(level: Level) -> Frames | None:
    """A state that reaches the goal, in the namespaces of which the goal speaks.

    How it came about is not told: where it shows in another namespace is the riddle of some levels.
    """
    if level.answers is None:
        return None
    spoken = {shell for rule in level.goal for shell in rule.condition.shells}
    tables = goal_machine(level).tables()
    named = zip(tables, with_daemons(tables), strict=True)
    shown = [table for table, with_names in named if spoken & set(with_names.shells)]
    return frames_of_tables(shown, (), level.name)
