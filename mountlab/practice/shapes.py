"""Makes the shape of a drill: a random situation, stripped of all that its question does not need.

A shape still has places for names in it.  The same topic, difficulty and number give the same shape in every
process, so shapes are kept once they are made.
"""

from __future__ import annotations

import random
from functools import lru_cache

from mountlab.practice.asked import Answer, Draft, Place, answer_in, steps_of
from mountlab.practice.beliefs import mind_of
from mountlab.practice.mind import machine
from mountlab.practice.naming import TOKEN, in_order, named
from mountlab.practice.questions import flaws, make
from mountlab.practice.situations import SITUATIONS
from mountlab.practice.situations.parts import Situation
from mountlab.practice.words import say
from mountlab.shell.simbackend import SimulatorBackend

MOVES = {1: (1, 2), 2: (3, 4), 3: (5, 7)}
"""Difficulty -> how many moves are tried before the useless ones go."""
STORY = {1: (0, 7), 2: (4, 8), 3: (5, 11)}
"""Difficulty -> how many lines the story has in the end."""
MOST_PLACES = 5
MOST_ASKED = 7
"""So many believers, taken at random, are asked; to ask all takes long, and MOST_BELIEFS are enough."""
MOST_BELIEFS = 4
JUDGES = 2
"""A command is needless when neither the answer nor those of so many believers depend on it."""
FEWEST_NAMES = 2
"""With one place for a name only, names would soon come again."""
OFTEN = 0.8
PERSISTENCE = 150
"""So often a shape is sought by which one misconception shows: each has its turn."""
PATIENCE = 4000


@lru_cache(maxsize=4096)
def shape(topic: str, difficulty: int, number: int) -> Draft:
    """One shape.

    Raises:
        KeyError: for a topic or a difficulty that is not there.
    """
    rng = random.Random(f"{topic}/{difficulty}/{number}")  # noqa: S311 - an exercise, no secret
    situation = SITUATIONS[topic]
    target = situation.beliefs[number % len(situation.beliefs)]
    for attempt in range(PATIENCE):
        found = _attempt(rng, situation, difficulty, target if attempt < PERSISTENCE else "")
        if found is not None:
            return canonical(found)
    raise RuntimeError(say("no.drill", topic=topic, difficulty=difficulty))


def canonical(draft: Draft) -> Draft:
    """The places for names in the order of the alphabet, as they appear."""
    names = in_order(f"{draft.story}\n{draft.asked}")
    return draft._replace(
        story=named(draft.story, names),
        asked=named(draft.asked, names),
        shows=named(draft.shows, names),
        places=tuple(Place(named(place.shell, names), named(place.path, names)) for place in draft.places),
    )


def _attempt(rng: random.Random, situation: Situation, difficulty: int, target: str) -> Draft | None:
    """One try; None when nobody would be wrong (the target least of all), or the question is not good."""
    init = rng.choice(situation.inits)
    ask = rng.choice(situation.asks)
    story = _story(rng, situation, difficulty, init)
    draft = Draft("", ask.kind, "\n".join(story), ask.lines, shows=ask.shows, init=init)
    if not _runs(draft):
        return None
    draft = draft._replace(places=_places(rng, situation, draft))
    if ask.kind in ("visible", "tags") and not draft.places:
        return None
    asked = [target] if target else []
    if target and len(set(_both(draft, target))) == 1:
        return None
    asked += [slug for slug in rng.sample(situation.beliefs, MOST_ASKED) if slug != target]
    right, believed = _answers(draft, tuple(asked))
    wrong = [slug for slug in asked if believed[slug] != right]
    if len(wrong) < min(difficulty, 2):
        return None
    draft = draft._replace(misconceptions=tuple(wrong[:MOST_BELIEFS]))
    draft = _fewer_places(draft, right, believed)
    draft = _shortest(draft)
    low, high = STORY[difficulty]
    lines = draft.story.splitlines()
    sensible = all(_is_sensible(line, lines[:number]) for number, line in enumerate(lines))
    if not low <= len(lines) <= high or not sensible or not _matters(draft):
        return None
    if len(set(TOKEN.findall(draft.transcript))) < FEWEST_NAMES:
        return None
    believers = _answers(draft, draft.misconceptions)
    kept = tuple(slug for slug, answer in believers[1].items() if answer != believers[0])
    draft = draft._replace(misconceptions=kept)
    return None if flaws(make(draft)) else draft


def _story(rng: random.Random, situation: Situation, difficulty: int, init: str) -> list[str]:
    """A beginning and some moves; a move that fails is left out."""
    world = machine(init)
    lines = rng.choice(situation.beginnings).splitlines()
    count = rng.randint(*MOVES[difficulty])
    moves = rng.sample(situation.moves, min(len(situation.moves), 2 * count))
    done: list[str] = []
    for line in [*lines, *moves]:
        step = steps_of(line)[0]
        if not _is_sensible(line, done):
            continue
        world.open(step.shell)
        if step.command and world.run(step.shell, step.command).exit == 0:
            done.append(line)
        if len(done) == len(lines) + count:
            break
    return done


def _is_sensible(line: str, done: list[str]) -> bool:
    """A second terminal begins with a namespace of its own, and no two mounts have one source."""
    shell = line.partition("#")[0]
    entered = any(each.startswith(f"{shell}# ") for each in done)
    if shell != "host" and not (entered or " unshare " in line or " nsenter " in line):
        return False
    words = line.split()
    source = words[words.index("tmpfs") + 1] if "tmpfs" in words else ""
    return not any(f" tmpfs {source} " in each for each in done)


def _runs(draft: Draft) -> bool:
    """Whether the question can be asked: its command works, or is asked about because it may not."""
    world = machine(draft.init)
    shells = {line.partition("#")[0] for line in draft.story.splitlines()}
    asked = {step.shell for step in steps_of(draft.asked)}
    if not asked <= shells | {"host"} and "unshare" not in draft.asked and "nsenter" not in draft.asked:
        return False
    for text in (draft.story, draft.asked):
        for step in steps_of(text):
            world.open(step.shell)
            failed = step.command and world.run(step.shell, step.command).exit
            if failed and (text is draft.story or draft.kind in ("visible", "tags")):
                return False
    return True


def _places(rng: random.Random, situation: Situation, draft: Draft) -> tuple[Place, ...]:
    """Where one might look: directories that are there before the command."""
    if draft.kind not in ("visible", "tags"):
        return ()
    world = machine(draft.init)
    shells = ["host"]
    for step in steps_of(draft.story):
        world.open(step.shell)
        if step.command:
            world.run(step.shell, step.command)
        shells.append(step.shell)
    leaving = draft.asked.partition("#")[0] if draft.asked.endswith("# exit") else ""
    found: list[Place] = []
    for shell in dict.fromkeys(shells):
        world.open(shell)
        paths = [path for path in situation.paths if shell != leaving and _is_directory(world, shell, path)]
        found += [Place(shell, path) for path in paths]
    return _changed(rng, draft, found) if draft.kind == "tags" else tuple(found)


def _changed(rng: random.Random, draft: Draft, places: list[Place]) -> tuple[Place, ...]:
    """One place whose line in mountinfo the command changes; any mount, now and then."""
    quiet = draft._replace(asked=f"{steps_of(draft.asked)[0].shell}# true")
    seen = {place: _tags(draft, place) for place in places}
    mounts = [place for place in places if seen[place] != {say("not.mounted")}]
    changed = [place for place in mounts if seen[place] != _tags(quiet, place)]
    choose = changed if changed and rng.random() < OFTEN else mounts
    return (rng.choice(choose),) if choose else ()


def _tags(draft: Draft, place: Place) -> Answer:
    return answer_in(draft._replace(places=(place,)), machine(draft.init))


def _is_directory(world: SimulatorBackend, shell: str, path: str) -> bool:
    step = steps_of(f"{shell}# ls -d {path}/.")[0]
    return step.command is not None and world.run(shell, step.command).exit == 0


def _both(draft: Draft, slug: str) -> tuple[Answer, Answer]:
    """What is right, and what one believer answers."""
    return answer_in(draft, machine(draft.init)), answer_in(draft, mind_of(slug, draft.init))


def _answers(draft: Draft, slugs: tuple[str, ...]) -> tuple[Answer, dict[str, Answer]]:
    """What is right, and what each believer answers."""
    believed = {slug: answer_in(draft, mind_of(slug, draft.init)) for slug in slugs}
    return answer_in(draft, machine(draft.init)), believed


def _fewer_places(draft: Draft, right: Answer, believed: dict[str, Answer]) -> Draft:
    """Only places that are right, or that somebody takes for right; those that tell most apart first."""
    if draft.kind != "visible":
        return draft
    answers = [believed[slug] for slug in draft.misconceptions]
    split = {
        place: sum((str(place) in answer) != (str(place) in right) for answer in answers)
        for place in draft.places
    }
    worth = [place for place in draft.places if str(place) in right or split[place]]
    best = sorted(worth, key=lambda place: -split[place])[:MOST_PLACES]
    return draft._replace(places=tuple(place for place in worth if place in best))


def _shortest(draft: Draft) -> Draft:
    """Take away every line, and every directory of a mkdir, without which the answers stay the same."""
    judges = draft.misconceptions[:JUDGES]
    wanted = _answers(draft, judges)

    def still(story: list[str]) -> bool:
        shorter = draft._replace(story="\n".join(story))
        return _still_runs(shorter) and _answers(shorter, judges) == wanted

    lines, longer = draft.story.splitlines(), 0
    while len(lines) != longer:  # what goes may make something before it useless
        longer = len(lines)
        for at in reversed(range(longer)):
            fewer = [*lines[:at], *lines[at + 1 :]]
            if still(fewer):
                lines = fewer
    for at in range(len(lines)):
        words = lines[at].split()
        for word in words[2:] if words[1] == "mkdir" else ():
            shorter = " ".join(each for each in lines[at].split() if each != word)
            fewer = [*lines[:at], shorter, *lines[at + 1 :]]
            if "/" in shorter and still(fewer):
                lines = fewer
    return draft._replace(story="\n".join(lines))


def _matters(draft: Draft) -> bool:
    """Whether what is asked about makes a difference, in truth or to a believer."""
    if draft.kind not in ("visible", "tags"):
        return True
    judges = draft.misconceptions
    shell = steps_of(draft.asked)[0].shell
    return _answers(draft, judges) != _answers(draft._replace(asked=f"{shell}# true"), judges)


def _still_runs(draft: Draft) -> bool:
    """Whether no command fails that should not."""
    if not _runs(draft):
        return False
    shells = {step.shell for step in steps_of(draft.story + "\n" + draft.asked)} | {"host"}
    return all(place.shell in shells for place in draft.places)
