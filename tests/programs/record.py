"""Makes the golden records: what the real programs print and return for the transcripts in ``cases/``.

    python tests/programs/record.py            write records/*.json
    python tests/programs/record.py --check    run them again and tell what differs

Needs root, gcc, strace and Debian 12's util-linux and coreutils; the tests themselves need none of it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from sandbox import Ran, Sandbox, collect_tools, enter_private_namespaces, mount_tmpfs  # noqa: E402

from mountlab.shell.syntax import Command  # noqa: E402
from mountlab.shell.transcript import Transcript, parse  # noqa: E402

CASES, RECORDS = HERE / "cases", HERE / "records"
BUILTINS = ("cd", "echo", "exit")
NOISE = re.compile(r"bash: (cannot set terminal process group|no job control in this shell).*\n")
VARYING = re.compile(r" *\d+ *|sed\w{6}")


def versions() -> dict[str, str]:
    """The versions that the records are true for."""
    found = {"kernel": os.uname().release}
    for program in ("mount", "ls", "bash", "sed"):
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        found[program] = said.splitlines()[0]
    return found


def in_bash(box: Sandbox, shell: str, text: str) -> Ran:
    """Run one line in an interactive bash, whose messages have no line numbers."""
    ran = box.run(shell, ["bash", "--norc", "--noprofile", "--noediting", "-i"], text + "\n")
    return ran._replace(stderr=NOISE.sub("", ran.stderr).removesuffix("exit\n"))


def run_command(box: Sandbox, shell: str, command: Command, text: str) -> Ran:
    """One command of a line, its builtins and failing redirections by bash."""
    program = command.argv[0]
    if program in BUILTINS:
        ran = in_bash(box, shell, text)
        if program == "cd" and ran.exit == 0 and command.argv[1:] != ("",):
            box.change_directory(shell, command.argv[1] if len(command.argv) > 1 else "/root")
        return ran
    outputs = [(each.target, each.append, each.fd) for each in command.redirects]
    ran = box.run(shell, list(command.argv), command.stdin or "", outputs)
    if ran.exit == 121:
        return in_bash(box, shell, ": " + text[text.index(re.search(r"[12]?>", text)[0]) :])  # type: ignore[index]
    return ran


def record(tools: Path, root: Path, transcript: Transcript) -> list[dict[str, Any]]:
    """Run one transcript on a fresh machine."""
    box = Sandbox(tools, root, transcript.header.get("init", "bare"))
    steps = []
    for step in transcript.steps:
        if step.command is None:
            continue
        (command,) = step.command.commands
        table = box.run(step.shell, ["cat", "/proc/self/mountinfo"]).stdout
        ran = run_command(box, step.shell, command, step.command.text)
        steps.append({"shell": step.shell, "command": step.command.text, "table": table, **ran._asdict()})
    box.close()
    return steps


def differences(old: Any, new: Any) -> list[str]:
    """Which commands print something else now, numbers aside."""
    return [
        f"{before['command']}: {key}: {before[key]!r} is now {after[key]!r}"
        for before, after in zip(old["steps"], new["steps"], strict=True)
        for key in ("command", "exit", "stdout", "stderr", "calls")
        if _comparable(before["command"], before[key]) != _comparable(before["command"], after[key])
    ]


def _comparable(command: str, value: Any) -> str:
    """Without what is another every time: ids, PIDs, dates, the names of temporary files.

    findmnt draws trees in the order of mount ids, and the kernel gives the lowest free id: where other
    mounts come and go on the machine, its lines come in any order.
    """
    text = VARYING.sub("#", str(value))
    return " ".join(sorted(re.findall(r"[\w/#:]+", text))) if command.startswith("findmnt") else text


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--check", action="store_true", help="compare with the records, write nothing")
    options.add_argument("names", nargs="*", help="names of cases; all of them otherwise")
    chosen = options.parse_args()
    stamp = versions()
    enter_private_namespaces()
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        mount_tmpfs(base)
        collect_tools(base / "tools")
        (base / "root").mkdir()
        for path in sorted(CASES.glob("*.mnt")):
            if chosen.names and path.stem not in chosen.names:
                continue
            transcript = parse(path.read_text(), path.name, check=lambda _: None)
            new = {"versions": stamp, "init": transcript.header.get("init", "bare"),
                   "steps": record(base / "tools", base / "root", transcript)}
            target = RECORDS / (path.stem + ".json")
            if chosen.check:
                failures += differences(json.loads(target.read_text()), new)
            else:
                RECORDS.mkdir(exist_ok=True)
                target.write_text(json.dumps(new, indent=1, ensure_ascii=False) + "\n")
        subprocess.run(["umount", "-l", str(base)], check=True)
    print("\n".join(failures) or "ok")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
