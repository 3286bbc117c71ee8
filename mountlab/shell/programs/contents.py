"""cat(1), tee(1), sed(1): what files hold."""

from __future__ import annotations

import re

from mountlab.errors import MountError
from mountlab.shell.programs import proc_files
from mountlab.shell.programs.context import Context, strerror
from mountlab.shell.programs.options import Options, OptionTable
from mountlab.shell.programs.substitute import ScriptError, Substitution, parse_script

CAT = OptionTable(
    "benstuvAET",
    "number-nonblank=b number=n squeeze-blank=s show-nonprinting=v show-ends=E show-tabs=T"
    " show-all=A help version",
    "n u",
)
TEE = OptionTable("aip", "append=a ignore-interrupts=i output-error:: help version", "a i")
SED = OptionTable(
    "bsnrzuEe:f:l:i::V:s",
    "binary=b regexp-extended=r debug in-place=i:: expression=e: file=f: line-length=l: null-data=z"
    " quiet=n posix"
    " silent=n sandbox separate=s unbuffered=u version help follow-symlinks",
    "i e E r s",
)


def cat(context: Context, options: Options) -> int:
    """Print files one after the other."""
    status, text = 0, ""
    for path in options.operands or ["-"]:
        try:
            text += context.stdin if path == "-" else _read(context, path)
        except MountError as error:
            context.note(error)
            context.complain(f"{path}: {strerror(error)}")
            status = 1
    if options.has("n"):
        lines = text.splitlines(keepends=True)
        text = "".join(f"{number:6}\t{line}" for number, line in enumerate(lines, 1))
    context.say(text)
    return status


def _read(context: Context, path: str) -> str:
    special = proc_files.read(context, path)
    return special if special is not None else context.sim.read(context.proc, path)


def tee(context: Context, options: Options) -> int:
    """Copy stdin to stdout and to files."""
    context.say(context.stdin)
    status = 0
    for path in options.operands:
        try:
            context.call(context.sim.write, path, context.stdin, append=options.has("a"))
        except MountError as error:
            context.complain(f"{path}: {strerror(error)}")
            status = 1
    return status


def sed(context: Context, options: Options) -> int:
    """Edit files in place by substitutions: a new file takes the old one's name."""
    scripts = [option.value or "" for option in options.given if option.key == "e"]
    operands = list(options.operands)
    if not scripts and operands:
        scripts = [operands.pop(0)]
    try:
        commands = [
            command
            for number, script in enumerate(scripts, 1)
            for command in parse_script(script, number, extended=options.has("E", "r"))
        ]
    except ScriptError as error:
        raise context.fail(1, str(error)) from None
    if not operands:
        raise context.fail(4, "no input files")
    status = 0
    for path in operands:
        status = max(status, _edit(context, path, commands))
    return status


def _edit(context: Context, path: str, commands: list[Substitution]) -> int:
    try:
        found = context.sim.stat(context.proc, path)
        if found.kind != "file":
            raise context.fail(4, f"couldn't edit {path}: not a regular file")
        text = context.sim.read(context.proc, path)
    except MountError as error:
        context.note(error)
        context.complain(f"can't read {path}: {strerror(error)}")
        return 2
    edited = "".join(_edited(line, commands) for line in re.findall(r"[^\n]*\n|[^\n]+$", text))
    head, slash, _ = path.rpartition("/")
    scratch = f"{head}{slash}sedXXXXXX" if slash else "./sedXXXXXX"
    try:
        context.call(context.sim.write, scratch, edited)
    except MountError as error:
        raise context.fail(4, f"couldn't open temporary file {scratch}: {strerror(error)}") from None
    try:
        context.call(context.sim.rename, scratch, path)
    except MountError as error:
        context.sim.unlink(context.proc, scratch)
        raise context.fail(4, f"cannot rename {scratch}: {strerror(error)}") from None
    return 0


def _edited(line: str, commands: list[Substitution]) -> str:
    body = line.removesuffix("\n")
    for command in commands:
        body = command.apply(body)
    return body + line[len(line.removesuffix("\n")) :]
