"""What a table of the private machine shows: the lesson's mounts, under the names that the model gives them.

Left out are the mounts without which no dockerd runs, and what a runtime mounts into every container:
/proc, /dev and /sys with all below, three files in /etc.  They are known by their places, and where a
copy of one is somewhere else, by its device.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mountlab.containers.docker.places import DATA_ROOT
from mountlab.containers.docker.state import identity
from mountlab.kernel.tables import read_fixture
from mountlab.mountinfo import MountInfo, parse_table
from mountlab.runtimes.machine import Running

_LAYERS = f"{DATA_ROOT}/overlay2"
_RANDOM = re.compile(rf"(?<={_LAYERS}/)[0-9a-f]{{64}}")
_NAMED = re.compile(rf"(?<={_LAYERS}/)[^/:,\s]+")
_DIGITS = re.compile(r"\b[0-9a-f]{64}\b")
_LOWER = re.compile(rf"lowerdir=[^,\s]*(?=,upperdir={_LAYERS}/([0-9a-f]{{64}})/diff)")
_FIXTURE = re.compile(r"/(proc|sys|dev)(/|$)")
_FILES = f"{DATA_ROOT}/containers/"
"""Where dockerd keeps the files that it mounts over those in a container's /etc, and its /dev/shm."""
_SUFFIX = ".lab"
"""The real docker wants two characters at least: container A is called A.lab there."""
_SUFFIXED = re.compile(rf"\b(\w){re.escape(_SUFFIX)}\b")


def real_name(name: str) -> str:
    """What the real docker calls this container."""
    return name + _SUFFIX if re.fullmatch(r"[A-Za-z0-9]", name) else name


def lesson_name(name: str) -> str:
    """What the lesson calls this container of the real docker."""
    return _SUFFIXED.sub(r"\1", name)


class Shown:
    """Turns what the machine says into what a lesson says."""

    def __init__(self, fresh: str) -> None:
        """Learn from the table of a machine on which nothing has been done."""
        self._fixture = read_fixture(fresh)
        rows = parse_table(fresh)
        self._root = next(row.dev for row in rows if row.mountpoint == "/")
        self._hidden = {row.dev for row in rows} - {self._root}
        self._layers: dict[str, Running] = {}
        self._volumes: dict[str, str] = {}
        """Random name of a volume -> the name that the model has for it."""
        self._asked = self._next = 0

    def learn(self, containers: Iterable[Running]) -> None:
        """Remember whose layer is which; also of those that are removed later."""
        for each in containers:
            self._layers[each.layer] = each
            for volume in each.anonymous:
                if volume not in self._volumes:
                    self._next += 1
                    self._volumes[volume] = identity("volume", str(self._next))

    def ask_volumes(self, count: int) -> None:
        """The next line makes so many volumes without a name; it may take them away again."""
        self._next = self._asked
        self._asked += count

    def table(self, mountinfo: str) -> list[MountInfo]:
        """The rows that are shown."""
        text = _LOWER.sub(self._lower, self._fixture.cleaned(mountinfo))
        rows = parse_table(self.text(text))
        own = {row.dev for row in rows if row.fstype == "overlay"} | {self._root}
        hidden = self._hidden | {row.dev for row in rows if _FIXTURE.match(row.mountpoint)} - own
        return [
            row
            for row in rows
            if row.dev not in hidden
            and not _FIXTURE.match(row.mountpoint)
            and not row.root.startswith(_FILES)
            and not row.mountpoint.startswith(_FILES)
            and not (row.fstype == "nsfs" and row.root.startswith("net:"))
        ]

    def _lower(self, found: re.Match[str]) -> str:
        layer = self._layers.get(found[1])
        if layer is None:
            return found[0]
        return f"lowerdir={DATA_ROOT}/image/{layer.image.translate(str.maketrans('/:@', '___'))}"

    def text(self, printed: str) -> str:
        """What a program printed, with the lesson's names."""

        def name(found: re.Match[str]) -> str:
            layer = self._layers.get(found[0])
            return layer.name if layer else found[0]

        named = _RANDOM.sub(name, printed)
        return lesson_name(_DIGITS.sub(lambda found: self._volumes.get(found[0], found[0]), named))

    def word(self, word: str) -> str:
        """A word of a command line, with the folder that a layer really has."""
        layers = {lesson_name(each.name): layer for layer, each in self._layers.items()}

        def layer(found: re.Match[str]) -> str:
            return layers.get(found[0], found[0])

        volumes = {name: volume for volume, name in self._volumes.items()}
        return _DIGITS.sub(lambda found: volumes.get(found[0], found[0]), _NAMED.sub(layer, word))
