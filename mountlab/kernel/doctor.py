"""What of mountlab works on this computer, what does not, and the one command that would change it."""

from __future__ import annotations

import importlib.util
import json
import platform
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from mountlab.kernel import choice, tools
from mountlab.kernel.uml import landlock, package

_COMMAND = re.compile(r"`([^`]+)`")
_RUNTIMES = (
    ("dockerd", "docker.io"), ("containerd", "containerd"), ("runc", "runc"), ("crun", "crun"),
    ("podman", "podman"),
)  # fmt: skip
_PYTHON = (("yaml", "PyYAML", "manifests"), ("jupyterlab", "JupyterLab", "the lessons"))
_WALLS = "walls around uml"
_EXTENSION = Path("share/jupyter/labextensions/mountlab/package.json")


class Finding(NamedTuple):
    """One line of the report."""

    what: str
    here: bool
    why: str
    cure: str = ""
    """The command that would change it."""


def examine() -> list[Finding]:
    """Look at everything; user-mode Linux is booted, which takes seconds."""
    return [*_basics(), *_kernels(), *_runtimes(), *_lessons()]


def _basics() -> list[Finding]:
    version = tools.util_linux_version()
    return [
        Finding("simulator", True, f"Python {platform.python_version()}; it needs nothing else"),
        Finding(
            "util-linux", bool(version), version or "mount(8) is missing",
            "" if version else "sudo apt-get install util-linux",
        ),
    ]  # fmt: skip


def _kernels() -> list[Finding]:
    findings = []
    for word in choice.WORDS:
        found = choice.choose(word)
        why = f"Linux {found.kernel}, {found.reason}" if found.kind else found.reason
        commands = _COMMAND.findall(found.reason)
        cure = commands[0] if commands else package.INSTALL if package.INSTALL in found.reason else ""
        findings.append(Finding(f"backend {word}", found.kind is not None, why, "" if found.kind else cure))
    return [*findings, *([_walls()] if findings[-1].here else [])]


def _walls() -> Finding:
    """What stands around the guest's kernel, should a mistake in it be found."""
    version = landlock.version()
    why = (
        f"Landlock {version}: its kernel may read programs, and write no file of this computer"
        if version
        else "no Landlock, which Linux has since 5.13 where `lsm=` at boot names it:"
        " a lesson that broke the guest's kernel could write what you may write"
    )
    return Finding(_WALLS, bool(version), why)


def _runtimes() -> list[Finding]:
    findings = []
    for name, debian in _RUNTIMES:
        path = shutil.which(name, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        cure = "" if path else f"sudo apt-get install {debian}"
        findings.append(Finding(name, bool(path), path or "not installed", cure))
    return findings


def _lessons() -> list[Finding]:
    findings = []
    for module, name, purpose in _PYTHON:
        here = importlib.util.find_spec(module) is not None
        cure = "" if here else f"{sys.executable} -m pip install {name}"
        findings.append(Finding(name, here, f"for {purpose}", cure))
    here = (Path(sys.prefix) / _EXTENSION).exists()
    cure = "" if here else "make setup"
    findings.append(Finding("browser extension", here, "draws pictures in JupyterLab", cure))
    return findings


def has_kernel(findings: list[Finding]) -> bool:
    """Whether any real kernel works."""
    return any(each.here for each in findings if each.what.startswith("backend "))


def text(findings: list[Finding]) -> str:
    """One screen."""
    lines = []
    width = max(len(each.what) for each in findings)
    for each in findings:
        lines.append(f"{'yes' if each.here else 'no '}  {each.what.ljust(width)}  {each.why}")
        if each.cure:
            lines.append(f"{' ' * (width + 7)}{each.cure}")
    end = "A real kernel works here." if has_kernel(findings) else "No real kernel here: the simulator only."
    return "\n".join([*lines, end, ""])


def as_json(findings: list[Finding]) -> str:
    """The same for programs."""
    return json.dumps({"kernel": has_kernel(findings), "findings": [each._asdict() for each in findings]})
