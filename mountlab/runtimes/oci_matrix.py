"""The propagation matrix of runc and crun: rootfsPropagation by mount option by source."""

from __future__ import annotations

from collections.abc import Iterator

from mountlab.mountinfo import render
from mountlab.runtimes import trace
from mountlab.runtimes.bundle import Bundles, config
from mountlab.runtimes.matrix import Row, observe, prepare, refused, tables
from mountlab.runtimes.places import INSIDE, SRC, STATES, Groups, words

ROOTS = (None, "private", "rprivate", "slave", "rslave", "shared", "rshared")
BAD_ROOTS = ("unbindable", "runbindable", "bogus")
OPTIONS = ((), ("rprivate",), ("private",), ("rslave",), ("slave",), ("rshared",), ("shared",))
BAD_OPTIONS = (("runbindable",), ("bogus",), ("rprivate", "rshared"))

CALLS: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    (None, ()), ("rslave", ("rslave",)), ("shared", ("rshared",)), ("private", ("rprivate",)),
    (None, ("rshared", "ro")),
)  # fmt: skip


def matrix(
    bundles: Bundles,
    roots: tuple[str | None, ...] = ROOTS,
    options: tuple[tuple[str, ...], ...] = OPTIONS,
    states: tuple[str, ...] = tuple(STATES),
    *,
    pairs: bool = True,
) -> Iterator[Row]:
    """Each rootfsPropagation with each option of a recursive bind, on each source; always with a submount.

    Without `pairs` there is one container a row, and nobody to see what it mounts: twice as fast.
    """
    for state in states:
        for root in roots:
            for option in options:
                yield one_row(bundles, state, root, option, pair=pairs)


def bad_input(bundles: Bundles) -> Iterator[Row]:
    """Values that no specification names, and more than one at a time."""
    for root in BAD_ROOTS:
        yield one_row(bundles, "shared", root, ("rslave",))
    for option in BAD_OPTIONS:
        yield one_row(bundles, "shared", "rslave", option)


def _mount(option: tuple[str, ...]) -> dict[str, object]:
    return {"destination": INSIDE, "type": "bind", "source": SRC, "options": ["rbind", *option]}


def one_row(
    bundles: Bundles, state: str, root: str | None, option: tuple[str, ...], *, pair: bool = True
) -> Row:
    """Start two containers with this config.json on such a source, or only one, and look."""
    prepare(bundles.host, state, submount=True)
    row: Row = {"rootfs_propagation": root, "options": ["rbind", *option], "source": state, "submount": True}
    names = ["one", "two"] if pair else ["one"]
    try:
        for name in names:
            ran = bundles.start(name, config([_mount(option)], root))
            if ran.status:
                return row | refused(ran.status, ran.stderr)
        pids = [bundles.pid(name) for name in names]
        return row | observe(bundles.host, state, submount=True, one=pids[0], two=pids[1] if pair else None)
    finally:
        bundles.delete(*names)


def call_orders(bundles: Bundles) -> Iterator[Row]:
    """The runtime's mount-related system calls, and the tables they led to."""
    for root, option in CALLS:
        prepare(bundles.host, "shared", submount=True)
        spec = config([_mount(option)], root)
        ran = bundles.start("one", spec, trace.TRACER)
        if ran.status:
            yield {"config": spec} | refused(ran.status, ran.stderr)
            continue
        bundles.host.script(trace.SETTLED)
        outside, inside = tables(bundles.host, [1, bundles.pid("one")])
        groups = Groups(outside)
        yield {
            "rootfs_propagation": root,
            "options": ["rbind", *option],
            "mounts": [{**each, "source": words(str(each["source"]))} for each in spec["mounts"]],
            "classes": {words(row.mountpoint): groups.describe(row) for row in inside},
            "mountinfo": [words(render(row)) for row in inside],
            "host_mountinfo": [words(render(row)) for row in outside],
            "calls": trace.calls_in(bundles.host.read(trace.OUTPUT)),
        }
        bundles.delete("one")
