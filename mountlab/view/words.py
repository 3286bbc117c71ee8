"""Every sentence a picture says, in one place, so that it can be translated."""

from __future__ import annotations

WORDS = {
    "namespace": "namespace {number}",
    "view": "namespace {number} as {shell} sees it",
    "nobody": "nobody",
    "mount": "a mount that nobody sees",
    # One thing that happened.
    "made": "{what} is mounted on {where}.",
    "bound": "{where} is made. It shows what {original} shows.",
    "bound.part": "{where} is made. It shows {root} of {source}.",
    "bound.tree": "{where} is made, with {count} below it: copies of {original} and what is mounted there.",
    "copy.peer": "{receiver} is a peer in the same group: it gets {where} as well.",
    "copy.slave": "{receiver} listens to that group: it gets {where} as well.",
    "copy.more": "{count} more receivers get their copies.",
    "skip": "{receiver} gets no copy. {reason}",
    "tuck": "Something already stood there: the copy slips beneath it.",
    "joined": "{where} becomes shared: it is now in peer group {group}.",
    "joined.attached": "Its parent is shared, so {where} becomes shared too: peer group {group}.",
    "joined.many": "{count} become shared, each in a peer group of its own.",
    "left.private": "{where} becomes private: it leaves its peer group, sends nothing and hears nothing.",
    "left.slave": "{where} becomes a slave: it listens to group {group} and sends nothing back.",
    "left.alone": "{where} was alone in its peer group: as a slave of nobody it is private.",
    "deaf": "{where} becomes private: it no longer listens to anybody.",
    "private.many": "{count} become private.",
    "slave.many": "{count} become slaves.",
    "master.passed": "The master of {where} has left its group: {where} now listens to group {group}.",
    "master.gone": "The master of {where} is gone, and nobody takes its place: {where} listens to nobody.",
    "unbindable": "{where} becomes unbindable: private, and it cannot be bound.",
    "bindable": "{where} is no longer unbindable.",
    "gone": "{where} is unmounted.",
    "gone.tree": "{where} is unmounted, with {count} below it.",
    "gone.too": "{where} goes too: the umount is told to its parent.",
    "gone.more": "{where} goes too, and {count} more.",
    "slide": "{where} lay on top of what went. It stays, and slides down.",
    "moved": "{before} moves to {where}.",
    "flags": "The options of {where} change to {options}.",
    "superblock": "The filesystem {source} changes, for all its mounts.",
    "namespace.new": "{shell} gets a mount namespace of its own, with copies of {count}.",
    "namespace.slaves": "{shell} gets a mount namespace of its own. Its {count} listen to the originals.",
    "namespace.entered": "{shell} is now in namespace {number}.",
    "namespace.ended": "Namespace {number} ends with its last process. Its mounts go, and nobody is told.",
    "closed": "The terminal closes.",
    "refused": "The kernel refuses with {errno}: {sentence}.",
    "changed": "The mount table changes.",
    # A whole command.
    "nothing": "The mount tables stay as they are.",
    "failed": "The command fails, and nothing changes.",
    "and.copies": "{count} elsewhere.",
    "and.skips": "{count} left out.",
    "start": "Before the first command.",
    # Counted things.
    "mounts.1": "1 mount",
    "mounts.n": "{n} mounts",
    "copies.1": "1 copy arrives",
    "copies.n": "{n} copies arrive",
    "places.1": "1 mount is",
    "places.n": "{n} mounts are",
    # Painted text.
    "shared": "shared:{group}",
    "master": "master:{group}",
    "unbindable.word": "unbindable",
    "private": "private",
    "covered": "covered",
    "empty": "not here",
    "part": "{root} of {source}",
    "ended": "ended",
    "folded": "{path} and below: {count}",
    "nothing mounted": "nothing is mounted here",
}


def say(key: str, **facts: object) -> str:
    """The sentence of that name with its facts filled in."""
    return WORDS[key].format(**facts)


def counted(thing: str, n: int) -> str:
    """``1 mount``, ``2 mounts``."""
    return say(f"{thing}.{'1' if n == 1 else 'n'}", n=n)
