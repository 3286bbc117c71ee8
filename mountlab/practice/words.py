"""Every sentence of the practice room that a learner or a teacher reads, in one place."""

# ruff: noqa: E501 - one sentence, one line: the table is read as a table
from __future__ import annotations

TOPICS = {
    "binds": "bind mounts",
    "namespaces": "mount namespaces",
    "groups": "peer groups",
    "slaves": "slaves and unbindable mounts",
    "umount": "unmounting",
    "errors": "errors and mountinfo",
}
"""The topics of drills and misconceptions, in the order of the course."""

SENTENCES = {
    # -- questions
    "question": "a question",
    "about.to.run": "Before you run it, predict:",
    "was.run": "This was run:",
    "machine.shared": "On the machine, / is shared.",
    "machine.private": "On the machine, / is private.",
    "tables.now": "The mounts before it, with their optional fields:",
    "ask.visible": "Afterwards, which of these paths show {shows}?",
    "ask.error": "What becomes of this command?",
    "ask.errors": "Which of these commands fails, and with which error?",
    "ask.tags": "Afterwards, which optional fields has the line of {place}? (A peer group that was not there before is called new.)",
    "ask.output": "What does the last command print?",
    "answer.many": "Answer with the numbers of all that are right, such as 1 3; 0 for none.",
    "answer.one": "Answer with one number.",
    "works": "it succeeds",
    "none.fails": "none of them fails",
    "fails": "it fails with {errno}",
    "this.fails": "{shell}# {command} fails with {errno}",
    "and": ", and ",
    "an.error": "an error",
    "not.mounted": "nothing is mounted there",
    "no.fields": "none (private)",
    "nothing": "nothing",
    "none": "none",
    "new": "new",
    # -- answers that are none
    "no.such.choice": "{answer}: the choices are numbered 1 to {count}",
    "one.choice": "one choice is right: answer with one number from 1 to {count}",
    "no.answer": "{answer} is not understood: answer with numbers from 1 to {count}, or with the text of a choice",
    # -- what is told after an answer
    "right": "Right.",
    "wrong": "Not so. Right is: {answer}.",
    "believer": "So answers who believes: {title}. “{believed}” {truth}",
    "perhaps": "Do you believe this? {title}. “{believed}” {truth}",
    "rule": "The rule: {sentence} ({source})",
    "refused": "{errno}: {sentence}",
    # -- for authors of questions
    "no.kind": "{kind} is no kind of question; there are: {kinds}",
    "no.misconception": "{slug}: there is no such misconception in catalogue/misconceptions",
    "no.place": "a question of kind {kind} needs a place to look at, such as: #? place host: /a",
    "no.shows": "a question of kind visible needs shows=SOURCE in its header: what is looked for",
    "nothing.asked": "no command stands below '#? predict'",
    "flaw.agrees": "who believes {slug} gives the right answer: take it off the list",
    "flaw.nobody": "no believer would answer wrongly",
    "flaw.choices": "fewer than two choices",
    "flaw.story": "this command of the story fails: {line}",
    "flaw.twice": "'{text}' stands twice among the choices",
    "flaw.right": "{count} choices are right, where one should be",
    "flaw.feedback": "no misconception stands behind the wrong choice '{text}'",
    "flaw": "FLAW: {flaw}",
    "key": "Right: {right}",
    "key.believer": "Who believes {slug} answers: {taken}",
    # -- drills
    "no.topic": "{topic} is no topic; there are: {topics}",
    "no.difficulty": "difficulty {difficulty}: there are 1, 2 and 3",
    "no.drill": "no question of topic {topic}, difficulty {difficulty} was found: mend mountlab.practice.situations",
    "no.drill.name": "{name} is no drill's name; one looks like slaves-2-17",
    "no.form": "{form}: there are two forms, before and after",
    # -- progress
    "progress.no.json": "{path} is no JSON",
    "progress.strange": "{path} is no progress of mountlab",
    "progress.later": "{path} was written by a later mountlab (version {version} of the file): it is left as it is, and nothing new is kept",
    "progress.aside": "{why}. It was renamed to {aside}, and a new file begun.",
    "progress.unreadable": "{path} cannot be read ({why}): your answers so far are not known. You can go on.",
    "progress.unwritable": "{path} cannot be written ({why}): your answers are kept only until you close this. You can go on.",
    # -- the catalogue
    "no.prediction": "there is no prediction {name}; near it: {near}",
    "prediction.lacks": "a prediction needs a title in its header, and one line '#? predict' above the command that is asked about",
    "prediction.strange": "line {line}: {words} is not understood; there are: #? predict, #? place SHELL: PATH, #? ask WORDS, #? wrong SLUG: TEXT",
    "misconception.lacks": "a misconception needs a header with title, topic, rules and source, and the comments '# Believed:' and '# True:'; missing: {what}",
    "misconception.unknown": "'{word}' is no rule of mountlab.rules, or no topic",
}


def say(key: str, **facts: object) -> str:
    """The sentence of that name with its facts filled in."""
    return SENTENCES[key].format(**facts)
