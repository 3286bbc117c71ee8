"""The programs of the language: what they understand, and what they do on the simulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from mountlab.containers.names import PROGRAMS as CLIENTS
from mountlab.errors import MountError
from mountlab.shell.programs import (
    builtins,
    clients,
    contents,
    directories,
    findmnt,
    ls,
    lsns,
    mount,
    mount_request,
    namespaces,
    rm,
    stat,
    substitute,
    umount,
)
from mountlab.shell.programs.context import ERROR_TEXTS, Context, Leave, Result, strerror
from mountlab.shell.programs.options import OptionError, Options, OptionTable
from mountlab.shell.syntax import Command, Redirect
from mountlab.simulator import Process, Simulator

__all__ = ["ERROR_TEXTS", "PROGRAMS", "Program", "Result", "check", "run"]


class Program(NamedTuple):
    """One program."""

    main: Callable[[Context, Options], int]
    options: OptionTable
    usage_status: int = 1
    """Exit status when getopt_long(3) refuses a word."""
    objection: Callable[[Options], tuple[str, str] | None] | None = None
    """What else is outside the language: (word, sentence)."""
    moves: bool = False
    """On success the shell itself is elsewhere."""


Builtin = Callable[[Context], int]


def _no_command(options: Options) -> tuple[str, str] | None:
    """unshare and nsenter move the shell; a shell may be named, nothing else."""
    kept = next((option for option in options.given if option.key == "U" and option.value is not None), None)
    if kept is not None:
        return kept.word, "only the file of a mount namespace is understood here"
    return _shell_only(options.operands)


def _no_command_after_root(options: Options) -> tuple[str, str] | None:
    return _shell_only(options.operands[1:])


def _shell_only(words: list[str]) -> tuple[str, str] | None:
    if words and (len(words) > 1 or words[0].rpartition("/")[2] not in ("bash", "sh")):
        sentence = "a command is not understood here: the shell itself moves, and the next line runs there"
        return words[-1] if len(words) > 1 else words[0], sentence
    return None


def _mount_namespaces_only(options: Options) -> tuple[str, str] | None:
    types = [option.value for option in options.given if option.key == "t"]
    if options.operands:
        return options.operands[0], "a namespace's number is not understood here"
    if not types:
        return "lsns", "only lsns -t mnt is understood here"
    wrong = next((word for word in types if word in lsns.TYPES and word != "mnt"), None)
    return (wrong, "mnt is the only type of namespace here") if wrong else None


def _known_columns(options: Options) -> tuple[str, str] | None:
    word = findmnt.column_objection(options.last("o") or "")
    return (word, "this column is not simulated") if word else None


def _substitutions_only(options: Options) -> tuple[str, str] | None:
    scripts = [option.value or "" for option in options.given if option.key == "e"] or options.operands[:1]
    if not options.has("i") or any(option.key == "i" and option.value for option in options.given):
        return "sed", "only sed -i without a suffix is understood here"
    if not scripts:
        return "sed", "sed -i takes a script and files"
    for script in scripts:
        try:
            substitute.parse_script(script, extended=options.has("E", "r"))
        except substitute.NotUnderstood:
            return script, "only substitutions s/…/…/ with g, I or a number are understood here"
        except substitute.ScriptError:
            return None
    return None


PROGRAMS: dict[str, Program] = {
    "cat": Program(contents.cat, contents.CAT),
    "chroot": Program(namespaces.chroot, namespaces.CHROOT, 125, _no_command_after_root, moves=True),
    "findmnt": Program(findmnt.run, findmnt.TABLE, objection=_known_columns),
    "ls": Program(ls.run, ls.TABLE, 2),
    "lsns": Program(lsns.run, lsns.TABLE, objection=_mount_namespaces_only),
    "mkdir": Program(directories.mkdir, directories.MKDIR),
    "mount": Program(mount.run, mount_request.TABLE, objection=mount_request.objection),
    "nsenter": Program(namespaces.nsenter, namespaces.NSENTER, 1, _no_command, moves=True),
    "pivot_root": Program(namespaces.pivot_root, namespaces.PIVOT_ROOT),
    "rm": Program(rm.run, rm.TABLE),
    "rmdir": Program(directories.rmdir, directories.RMDIR),
    "sed": Program(contents.sed, contents.SED, objection=_substitutions_only),
    "stat": Program(stat.run, stat.TABLE),
    "tee": Program(contents.tee, contents.TEE),
    "touch": Program(directories.touch, directories.TOUCH),
    "umount": Program(umount.run, umount.TABLE),
    "unshare": Program(namespaces.unshare, namespaces.UNSHARE, 1, _no_command, moves=True),
}
BUILTINS: dict[str, Builtin] = {
    "cd": builtins.cd,
    "echo": builtins.echo,
    "exit": builtins.leave,
    "true": builtins.true,
}


def check(command: Command) -> str | None:
    """Why a command is outside the language, in one sentence; None when it is inside."""
    name, *words = command.argv
    if name in BUILTINS:
        is_back = name == "cd" and words == ["-"]
        return "-: cd - is not understood: name the directory" if is_back else None
    if name in CLIENTS:
        from mountlab.shell import inner  # noqa: PLC0415 - most transcripts have no container in them

        return inner.objection(command.argv)
    program = PROGRAMS.get(name)
    if program is None:
        known = ", ".join(sorted([*PROGRAMS, *BUILTINS, *CLIENTS]))
        return f"{name}: this program is not understood; understood are {known}"
    found = program.options.objection(words)
    if found is None and program.objection is not None:
        try:
            found = program.objection(program.options.parse(words))
        except OptionError:
            found = None
    elif found is not None:
        understood = program.options.understood_words() or "none"
        found = (found[0], f"{found[1]}; options of {name} that are: {understood}")
    return f"{found[0]}: {found[1]}" if found else None


def run(
    sim: Simulator,
    proc: Process,
    shells: Mapping[str, Process],
    command: Command,
    client: clients.Client | None = None,
    hidden: Mapping[str, Process] | None = None,
) -> Result:
    """Run one command for a process.

    unshare, nsenter and chroot move `proc` itself, cd too; after ``exit`` it is gone from the machine.

    Args:
        sim: the machine.
        proc: the shell.
        shells: all open terminals by name, for ``nsenter --target NAME`` and /proc/NAME.
        command: one that `check` has nothing against; any other fails as a shell would say.
        client: asks the machine's daemons for docker, systemctl and kubectl; without it there are none.
        hidden: processes that are no open terminals, by name: what daemons started.
    """
    context = Context(sim, proc, shells, command.argv, command.stdin, hidden)
    failed = _open_outputs(context, command.redirects)
    if failed is not None:
        return failed
    result = context.result(_status(context, client))
    return _write_outputs(sim, proc, command.redirects, result) if command.redirects else result


def _status(context: Context, client: clients.Client | None) -> int:
    name = context.program
    try:
        if name in CLIENTS and client is not None:
            return clients.run(context, client)
        if name in BUILTINS:
            return BUILTINS[name](context)
        program = PROGRAMS.get(name)
        if program is None:
            context.hint(f"bash: {name}: command not found")
            return 127
        try:
            options = program.options.parse(context.words)
        except OptionError as error:
            raise context.usage(program.usage_status, str(error)) from None
        return program.main(context, options)
    except Leave as leave:
        return leave.status
    except substitute.NotUnderstood:
        context.complain("only substitutions are understood")
        return 1


def _open_outputs(context: Context, redirects: tuple[Redirect, ...]) -> Result | None:
    """``>`` empties its file and ``>>`` makes it, before the program starts; the result when one cannot."""
    for redirect in redirects:
        try:
            context.sim.write(context.proc, redirect.target, "", redirect.append)
        except MountError as error:
            text = f"bash: {redirect.target}: {strerror(error)}\n"
            return Result(1, "", text, error.errno)
    return None


def _write_outputs(sim: Simulator, proc: Process, redirects: tuple[Redirect, ...], result: Result) -> Result:
    targets = {redirect.fd: redirect.target for redirect in redirects}
    for fd, name in ((1, "stdout"), (2, "stderr")):
        text = getattr(result, name)
        if fd not in targets:
            continue
        if text:
            # The descriptor was open all the time: that the program took the file away is no error.
            with suppress(MountError):
                sim.write(proc, targets[fd], text, True)
        result = result._replace(stdout="") if fd == 1 else result._replace(stderr="")
    return result
