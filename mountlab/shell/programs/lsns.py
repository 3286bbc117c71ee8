"""lsns(8) for mount namespaces.

Deterministic where a real machine is not: the initial namespace has the number it has on Linux 6.18, the
others follow in order of creation; a shell is called ``bash``, the first process ``init`` or ``systemd``,
what a daemon started ``dockerd``, ``container A`` or ``unit web.service``.
"""

from __future__ import annotations

from mountlab.containers.world import title
from mountlab.nsfs import number_of
from mountlab.shell.programs.columns import Column, Form, Line, render
from mountlab.shell.programs.context import Context, Leave
from mountlab.shell.programs.options import Options, OptionTable
from mountlab.simulator import Process

TABLE = OptionTable(
    "Jlp:o:nruhVt:T::W",
    "json=J task=p: help=h output=o: output-all notruncate=u version=V noheadings=n nowrap=W list=l"
    " raw=r type=t:"
    " tree=T::",
    "J o n r l t u W p",
)
TYPES = ("mnt", "net", "ipc", "user", "pid", "uts", "cgroup", "time")
COLUMNS = {
    column.name: column
    for column in (
        Column("NS", 10, is_right=True, is_number=True),
        Column("TYPE", 5),
        Column("PATH"),
        Column("NPROCS", 5, is_right=True, is_number=True),
        Column("PID", 5, is_right=True, is_number=True),
        Column("PPID", 5, is_right=True, is_number=True),
        Column("COMMAND"),
        Column("UID", is_right=True, is_number=True),
        Column("USER"),
    )
}
DEFAULT = ("NS", "TYPE", "NPROCS", "PID", "USER", "COMMAND")


def run(context: Context, options: Options) -> int:
    """One line per namespace that the caller may look into."""
    seen = {option.key for option in options.given if option.key in "Jr"}
    if len(seen) > 1:
        raise context.fail(1, "mutually exclusive arguments: --json --raw")
    for option in options.given:
        if option.key == "t" and option.value not in TYPES:
            raise context.fail(1, f"unknown namespace type: {option.value}")
        if option.key == "p" and not _is_pid(context, option.value or ""):
            raise context.fail(1, f"invalid PID argument: '{option.value}'")
    columns = _columns(context, options.last("o"))
    if context.table() is None:
        return 0 if context.stat("/proc") else 1
    members: dict[int, list[Process]] = {}
    for process in (context.sim.first, *context.shells.values(), *context.hidden.values()):
        if context.sim.vfs.may_look(context.proc.task, process.userns) or process.pid == context.proc.pid:
            members.setdefault(process.ns, []).append(process)
    wanted = options.last("p")
    if wanted is not None:
        members = {ns: inside for ns, inside in members.items() if _holds(context, inside, wanted)}
        if not members:
            return 0
    lines = [Line(_cells(context, columns, ns, members[ns])) for ns in sorted(members)]
    kind = "json" if options.has("J") else "raw" if options.has("r") else "plain"
    context.say(render(columns, lines, Form(kind, not options.has("n"), json_name="namespaces")))
    return 0


def _is_pid(context: Context, word: str) -> bool:
    return word in context.shells or word.isdecimal()


def _holds(context: Context, members: list[Process], word: str) -> bool:
    """Whether the process that --task names is among them."""
    pid = context.shells[word].pid if word in context.shells else int(word)
    return any(process.pid == pid for process in members)


def _columns(context: Context, words: str | None) -> list[Column]:
    chosen = [COLUMNS[name] for name in DEFAULT]
    if words is None:
        return chosen
    if words.startswith("+"):
        words = words[1:]
    else:
        chosen = []
    names = words.split(",")
    for index, name in enumerate(names):
        column = COLUMNS.get(name.upper())
        if not name:
            raise Leave(1)
        if column is None:
            raise context.fail(1, f"unknown column: {','.join(names[index:])}")
        chosen.append(column)
    return chosen


def _command(context: Context, process: Process) -> str:
    if process.pid == context.sim.first.pid:
        return context.sim.first_command
    return next((title(name) for name, other in context.hidden.items() if other.pid == process.pid), "bash")


def _cells(
    context: Context, columns: list[Column], namespace: int, members: list[Process]
) -> list[str | None]:
    first = min(members, key=lambda process: process.pid)
    own = context.proc.ns == namespace  # lsns itself is one more process there
    owner = "0" if context.is_root and first.uid_mapped else "65534"
    values = {
        "NS": str(number_of(namespace)),
        "TYPE": "mnt",
        "PATH": f"/proc/{first.pid}/ns/mnt",
        "NPROCS": str(len(members) + own),
        "PID": str(first.pid),
        "PPID": "0",
        "COMMAND": _command(context, first),
        "UID": owner,
        "USER": owner,
    }
    return [values[column.name] for column in columns]
