"""A question or a level with its answer, as Markdown for a teacher."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mountlab.practice.level_answers import Answer, answers
from mountlab.practice.level_attempt import NOTHING_MORE
from mountlab.practice.level_check import trail
from mountlab.practice.level_file import Level
from mountlab.practice.misconceptions import misconceptions
from mountlab.practice.questions import Question, start_of
from mountlab.practice.reveal import answer
from mountlab.practice.words import say
from mountlab.shell.transcript import Step

BELIEFS = "../../docs/misconceptions.md"
WAYS = {"solution": "Solution", "another": "Another way", "detour": "A way that leads astray"}


def solved_question(question: Question, title: str, where: str = "") -> list[str]:
    """A question, its right answer with the reasons, and who answers otherwise."""
    draft = question.draft
    lines = [f"### {title}", "", *([where, ""] if where else []), _machine(draft.init)]
    lines += [say("was.run"), "", *_code(draft.story)] if draft.story else [""]
    lines += [say("about.to.run"), "", *_code(draft.asked)]
    if question.tables:
        lines += [say("tables.now"), "", *_code(question.tables)]
    lines += [f"**{question.text}**", ""]
    lines += [
        f"{number}. {f'**{_shown(each.text)}** (right)' if each.right else _shown(each.text)}"
        for number, each in enumerate(question.choices, 1)
    ]
    told = answer(question, question.right)
    lines += ["", f"Right: **{_numbers(question.right)}**.", *([told.rule] if told.rule else []), ""]
    lines += [f"- {link}" for link in told.chain]
    return [*lines, *([""] if told.chain else []), *_beliefs(question)]


def _beliefs(question: Question) -> Iterator[str]:
    """Each wrong answer that has a belief behind it."""
    yield "Who answers otherwise, and what to say:"
    yield ""
    for slug, taken in question.beliefs.items():
        met = misconceptions()[slug]
        yield f"- **{_numbers(taken)}**: [{met.title}]({BELIEFS}#{slug}). “{met.believed}” {met.truth}"
    yield ""


def solved_level(level: Level, *, call: str = "", is_played: bool = True) -> list[str]:
    """A level, the ways to its goal, the detours, and the hints; `call` is what a cell says that plays it."""
    call = call or f'level("{level.name}")'
    lines = [f"### {level.title}: `{call}`", ""]
    lines += [] if is_played else ["Not played in a cell of the notebook.", ""]
    start = _code("\n".join(_typed(level.start.steps)))
    lines += [level.story, "", f"{_machine(level.init)} It starts with", "", *start]
    lines += ["The goal:", ""]
    lines += [f"- {f'{rule.sentence} ' * bool(rule.sentence)}`{rule.condition.text}`" for rule in level.goal]
    lines += ["", f"Par: {level.par}. {_typed_in(level)}", *_about(level), ""]
    for way in answers(level):
        lines += _way(level, way)
    if level.hints:
        lines += ["Hints; the first that fits the state is given:", ""]
        lines += [f"- {rule.sentence} (when `{rule.condition.text}`)" for rule in level.hints]
    return [*lines, ""]


def _machine(init: str) -> str:
    return start_of(init)


def _typed_in(level: Level) -> str:
    forbidden = ", ".join(f"`{each.text}`" for each in level.forbidden)
    where = f"Typed in {' and '.join(level.terminals)}."
    return f"{where} To be solved without {forbidden}." if forbidden else where


def _about(level: Level) -> list[str]:
    """The misconceptions that it corrects, and the incident or page that it is from."""
    known = misconceptions()
    links = [f"[{known[slug].title}]({BELIEFS}#{slug})" for slug in level.teaches if slug in known]
    lines = [f"Corrects: {'; '.join(links)}."] if links else []
    return [*lines, *([f"From: {level.source}."] if level.source else [])]


def _way(level: Level, way: Answer) -> Iterator[str]:
    yield f"**{WAYS[way.kind]}**"
    yield ""
    yield from _code("\n".join(_typed(way.steps)))
    if way.words:
        yield way.words
        yield ""
    if way.kind == "detour":
        *_, end = trail(level, way)
        if end.failed or end.hint != NOTHING_MORE:
            yield f"The learner is told: {end.failed or end.hint}"
            yield ""


def _typed(steps: Sequence[Step]) -> list[str]:
    return [f"{step.shell}# {step.text}".rstrip() for step in steps]


def _code(text: str) -> list[str]:
    return ["```", *text.splitlines(), "```", ""]


def _shown(choice: str) -> str:
    """Places and fields of mountinfo as code; sentences as they are."""
    return f"`{choice}`" if ":" in choice and "#" not in choice else choice


def _numbers(taken: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(taken))) or say("none")
