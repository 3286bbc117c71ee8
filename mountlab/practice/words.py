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
    "misconception.lacks": "a misconception needs a header with title, topic, rules and source, and the comments '# Believed:' and '# True:'; missing: {what}",
    "misconception.unknown": "'{word}' is no rule of mountlab.rules, or no topic",
}


def say(key: str, **facts: object) -> str:
    """The sentence of that name with its facts filled in."""
    return SENTENCES[key].format(**facts)
