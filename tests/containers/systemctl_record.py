"""Writes recorded/systemctl.json, inside a systemd that was booted for it and that nothing else uses.

Run as root in a systemd 252 that is PID 1 of namespaces of its own: its units demo.*, /srv and /home are
played with.  `python3 systemctl_record.py > recorded/systemctl.json`
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from systemctl_scenarios import DEMO, ETC, JOURNAL, MACHINE, NAMESPACES, RUN, SCENARIOS, SOCKET, unit


def run(*argv: str) -> tuple[int, str, str]:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def write(path: str, text: str) -> None:
    time.sleep(0.02)  # systemd tells old from new by the time of change
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, "utf-8")


def clean() -> None:
    run("systemctl", "disable", "--now", "demo")
    run("systemctl", "stop", "demo.socket", "demo.service")
    for path in (f"{DEMO}.d", f"{RUN}/demo.service.d", f"{ETC}/service.d"):
        shutil.rmtree(path, ignore_errors=True)
    Path(DEMO).unlink(missing_ok=True)
    Path(SOCKET).unlink(missing_ok=True)
    run("systemctl", "daemon-reload")
    run("systemctl", "reset-failed")


def play(steps: list[tuple[str, ...]]) -> list[list[object]]:
    said: list[list[object]] = []
    for step in steps:
        if step[0] == "write":
            write(*step[1:])
        elif step[0] == "remove":
            Path(step[1]).unlink()
        else:
            said.append([list(step[1:]), *run(*step)])
            time.sleep(0.03)
    clean()
    return said


def journal(text: str) -> list[str]:
    write(DEMO, text)
    lines = run("systemd-analyze", "verify", "demo.service")[2].splitlines()
    clean()
    return [line for line in lines if line.startswith(DEMO)]


def namespace(settings: tuple[str, ...]) -> dict[str, object]:
    write(DEMO, unit(*settings))
    run("systemctl", "start", "demo")
    time.sleep(0.1)
    process = run("systemctl", "show", "-P", "MainPID", "demo")[1].strip()
    own = os.readlink(f"/proc/{process}/ns/mnt") != os.readlink("/proc/1/ns/mnt")
    rows = mounts(process)
    clean()
    return {"settings": settings, "own": own, "mounts": rows}


def mounts(process: str) -> list[str]:
    """Rows of a process's table, without what a machine has in /sys, /dev and /proc."""
    rows = Path(f"/proc/{process}/mountinfo").read_text("utf-8").splitlines()
    return [row for row in rows if not row.split()[4].startswith(("/sys", "/dev", "/proc", "/run/lock"))]


def main() -> None:
    for verb, path in MACHINE:
        if verb == "mkdir":
            Path(path).mkdir(exist_ok=True)
        else:
            run("mount", "-t", "tmpfs", "tmpfs", path)
    clean()
    json.dump(
        {
            "systemd": run("systemctl", "--version")[1].splitlines()[0],
            "said": {name: play(steps) for name, steps in SCENARIOS.items()},
            "journal": {name: journal(text) for name, text in JOURNAL.items()},
            "host": mounts("1"),
            "namespaces": [namespace(settings) for settings in NAMESPACES],
        },
        sys.stdout,
        indent=1,
        ensure_ascii=False,
    )


if __name__ == "__main__":
    main()
