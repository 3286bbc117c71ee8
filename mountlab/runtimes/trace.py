"""The mount-related system calls of a runtime, in their order, as strace saw them."""

from __future__ import annotations

import re

from mountlab.runtimes.host import WORK
from mountlab.runtimes.matrix import Row
from mountlab.runtimes.places import words

OUTPUT = f"{WORK}/trace"
SETTLED = (
    f"before=-1; for n in $(seq 100); do now=$(stat -c %s {OUTPUT}); "
    '[ "$before" = "$now" ] && break; before=$now; sleep .1; done'
)
"""A script that waits until the tracer has written all: it goes on for a moment when a container runs."""
CALLS = (
    "mount", "umount2", "pivot_root", "unshare", "setns", "open_tree", "move_mount", "mount_setattr",
    "fsopen", "fsconfig", "fsmount", "chroot", "chdir", "fchdir", "clone", "clone3",
)  # fmt: skip
TRACER = f"strace -D -f -s 4096 -y -o {OUTPUT} -e trace={','.join((*CALLS, 'openat', 'openat2', 'execve'))}"
"""-D: the runtime stays the child of whoever started it, and the tracer waits for the container alone."""

_LINE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+|\?)(<.*?>)?(?: (E[A-Z]+))?")
_UNFINISHED = re.compile(r"(\d+) +(\w+\(.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)")
_DESCRIPTOR = re.compile(r"/proc/(?:self|thread-self)/fd/(\d+)")
_OF_DESCRIPTOR = re.compile(r"^\d+<(.*)>$")
_NOTHING = re.compile(r"^(0x[0-9a-f]+|NULL)$")
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|\{[^}]*\}|[^,\s][^,]*')


def _whole_lines(text: str) -> list[str]:
    """Put together what strace wrote in two pieces; a call stands where it ended."""
    waiting: dict[tuple[str, str], str] = {}
    lines = []
    for line in text.splitlines():
        unfinished, resumed = _UNFINISHED.match(line), _RESUMED.match(line)
        if unfinished:
            pid, start = unfinished.groups()
            waiting[pid, start.partition("(")[0]] = line.removesuffix(" <unfinished ...>")
        elif resumed:
            pid, name, rest = resumed.groups()
            lines.append(waiting.pop((pid, name), f"{pid} {name}(") + rest)
        else:
            lines.append(line)
    return lines


def calls_in(text: str) -> list[Row]:
    """The calls in what strace wrote: ``process`` (1, 2 …), ``call``, ``args``, ``result``.

    mount has the five arguments of mount(2), an empty string for one that is not used.  A path such as
    /proc/self/fd/7 is written as what the descriptor was opened for: ``fd:PATH``.
    """
    found: list[Row] = []
    numbers: dict[str, int] = {}
    opened: dict[tuple[str, str], str] = {}
    for line in _whole_lines(text):
        match = _LINE.match(line)
        if not match or "CLONE_THREAD" in line or "CLONE_VFORK" in line:
            continue
        pid, name, inside, value, path, error = match.groups()
        if name.startswith("openat"):
            if path:
                opened[pid, value] = path[1:-1]
            continue
        number = numbers.setdefault(pid, len(numbers) + 1)
        args = [_word(word, pid, opened) for word in _WORD.findall(inside)]
        if name == "execve":
            del args[1:]
        if name.startswith("clone"):
            child = numbers.setdefault(value, len(numbers) + 1)
            args, value = [word for word in args if word.startswith("flags=")], str(child)
        found.append({"process": number, "call": name, "args": args, "result": error or int(value)})
    return [row for row in found if row["call"] != "execve" or row["result"] == 0]


def _word(word: str, pid: str, opened: dict[tuple[str, str], str]) -> str:
    def resolve(descriptor: re.Match[str]) -> str:
        return "fd:" + opened.get((pid, descriptor[1]), descriptor[0])

    if not word.startswith('"'):
        word = _NOTHING.sub("", word)
    word = _OF_DESCRIPTOR.sub(r"fd:\1", word.strip('"'))
    return words(_DESCRIPTOR.sub(resolve, word))
