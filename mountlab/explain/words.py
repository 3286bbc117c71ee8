"""Every sentence of an explanation, in one place, so that they can be read aloud and translated.

In braces stand the facts.  ``{when}`` becomes "step 3 (host# mount --make-shared /a)", and "step 3" where
the command was told before in the same answer; ``{When}`` is the same at the beginning of a sentence.  A
mount is told as "host:/a (mount 24)": the first shell of its namespace, and its path as that shell sees it.
"""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # -- names
    "mount": "{place} (mount {number})",
    "place.nobody": "namespace {namespace}:{path}",
    "place.shell": "{shell}:{path}",
    "group": "peer group {number}",
    "group.unnamed": "one peer group",
    "step": "step {number} ({command})",
    "step.again": "step {number}",
    "step.start": "the start",
    "step.nobody": "a system call without a command",
    # -- why a mount is there
    "start": "{mount} was there when the machine started.",
    "mounted": "{When} mounted {what} on {mount}.",
    "bound": "{When} showed {source} at a second place, {mount}.",
    "bound.tree": "{When} showed {source}, with what is mounted below, at a second place, {mount}.",
    "bound.below": "{When} bound the tree of mounts above it: {original} came along, to {mount}.",
    "unshared": "{When} gave {shell} a mount namespace of its own, a copy: {original} became {mount}.",
    "unshared.user": (
        "{When} gave {shell} a user namespace and a copy of all mounts: {original} became {mount}, a slave."
    ),
    "shared": "{mount} is in {group} since {when}.",
    "peer": "{mount} is in the same group since {when}.",
    "slave": "{mount} is a slave of {group} since {when}.",
    "slave.shared": "{mount} is a slave of {group} since {when}, and shared itself, in {own}.",
    "between": "{mount} hears it too and does not show that place, but its own slaves hear it through it.",
    "received": "So a copy was made under it: {mount}.",
    "received.below": "So the whole tree was copied under it: {original} came along, to {mount}.",
    "received.beneath": "{before} was mounted there already: the copy slipped beneath it.",
    "moved": "{When} moved it from {old} to {mount}.",
    "moved.with": "{When} moved {ancestor} to {new}, and this mount with it.",
    "pivoted": "{When} exchanged the roots: it went from {old} to {mount}.",
    "pivoted.with": "{When} exchanged the roots: {ancestor} went to {new}, and this mount with it.",
    "slid": "{When} took away what it stood on: it slid down to {mount}.",
    "tucked": "{When} brought a copy to the same place, which slipped beneath: it stands on {parent} now.",
    "left.out": "… {count} more steps of copying …",
    "covers": "It covers {below}, which stands at the same place.",
    "covers.root": "It covers what {shell} had as its root before.",
    "view": "{shell}'s root is {root} since {when}: its paths begin there.",
    # -- what is at a path
    "inside": "{shell}:{path} is no mountpoint: it is a {kind} of {mount}.",
    "inside.missing": "{shell}:{path} does not exist: {mount} has no {name} in {directory}.",
    "inside.notdir": "{shell}:{path} cannot exist: {name} is a file of {mount}.",
}


def say(key: str, **facts: object) -> str:
    """The sentence with its facts."""
    return SENTENCES[key].format(**facts)
