"""``mountlab explain docker run …`` or ``pod.yaml``: the chain to the system calls, with sources."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mountlab.containers.daemons import Daemons
from mountlab.containers.docker.cli import parse as parse_docker
from mountlab.containers.docker.requests import Run
from mountlab.containers.errors import ContainerError
from mountlab.containers.explained.docker import explain_run
from mountlab.containers.explained.stages import DockerChain, UnitChain
from mountlab.containers.explained.tell import VERSIONS, tell
from mountlab.containers.explained.units import explain_start
from mountlab.containers.explained.words import say
from mountlab.containers.names import PROGRAMS
from mountlab.kubernetes.daemons import is_understood
from mountlab.kubernetes.explained.manifest import explain_manifests
from mountlab.kubernetes.explained.sarif import as_sarif
from mountlab.kubernetes.explained.tell import VERSIONS as KUBERNETES
from mountlab.kubernetes.explained.tell import tell as tell_manifest
from mountlab.shell.complaints import TranscriptError, shown
from mountlab.shell.simbackend import INITIAL_STATES, SimulatorBackend
from mountlab.view.machines import machine_of

EXPLAINED, WOULD_FAIL, REFUSED = 0, 1, 2
FAILING = {"refused": (), "warning": ("warning",), "note": ("warning", "note")}
"""What else than a refusal makes the exit status 1, by the word of ``--fail-on``."""
VERSION = 1
RECORDED = "20.10"
DEFAULT_INIT = "systemd"
_OWN = ("--on", "--fixtures", "--fail-on")
"""Options that are not docker's and not systemctl's."""
_STARTS = ("start", "restart")
_MANIFESTS = (".yaml", ".yml", ".json")
"""How the name of a manifest ends; standard input is one, too."""


class _NotExplainedError(Exception):
    """What stands on the command line is outside the language; the text says what would work."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of ``mountlab explain``."""
    parser.add_argument(
        "--on",
        metavar="FILE",
        help="a transcript that prepares the machine, or a snapshot; - for standard input",
    )
    parser.add_argument(
        "--init",
        "--node",
        dest="init",
        choices=INITIAL_STATES,
        help=f"the machine to start on, which is a manifest's node; one option with two names "
        f"(default: {DEFAULT_INIT})",
    )
    parser.add_argument("--fixtures", action="store_true", help="also what every container gets")
    parser.add_argument(
        "--docker", type=_version, default=RECORDED, metavar="VERSION", help=f"only {RECORDED}"
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "sarif"),
        default="text",
        help="how it is printed; sarif is for manifests",
    )
    parser.add_argument(
        "--fail-on",
        choices=tuple(FAILING),
        default="refused",
        help="of a manifest: from what on the exit status is 1 (default: refused); "
        "2 is for what cannot be read",
    )
    parser.add_argument(
        "words",
        nargs=argparse.REMAINDER,
        metavar="docker run … | systemctl start UNIT | FILE.yaml …",
        help="what is explained",
    )


def _version(text: str) -> str:
    if text not in (RECORDED, VERSIONS["docker"]):
        raise argparse.ArgumentTypeError(say("version", version=text))
    return RECORDED


def run(arguments: argparse.Namespace) -> int:
    """Explain; the exit status: 0, 1 when somebody would refuse, 2 outside the language or not readable."""
    try:
        words = arguments.words
        if words and _is_manifest(words[0]):
            return _run_manifests(arguments)
        _check(words, arguments.format)
        machine = _machine(arguments)
        chain = _explained(machine.daemons, words)
    except (TranscriptError, _NotExplainedError) as error:
        sys.stdout.flush()
        _complain(str(error))
        return REFUSED
    if arguments.format == "json":
        print(json.dumps({"v": VERSION, **VERSIONS, **chain.as_json()}))
    else:
        print("\n".join(tell(chain, with_fixtures=arguments.fixtures)))
    return WOULD_FAIL if chain.refused else EXPLAINED


def _run_manifests(arguments: argparse.Namespace) -> int:
    """Explain manifests; 2 where kubectl could not read all of them."""
    files = _files(arguments)
    if "-" in files and arguments.on == "-":
        raise _NotExplainedError(say("manifest.stdin"))
    contents = [("STDIN" if file == "-" else file, _content(file)) for file in files]
    chain = explain_manifests(_machine(arguments).daemons, contents)
    if arguments.format == "json":
        print(json.dumps({"v": VERSION, **KUBERNETES, **chain.as_json()}))
    elif arguments.format == "sarif":
        texts = {source: content.decode("utf-8-sig", "replace") for source, content in contents}
        print(json.dumps(as_sarif(chain, texts)))
    else:
        print("\n".join(tell_manifest(chain, with_fixtures=arguments.fixtures)))
    sys.stdout.flush()
    for each in chain.errors:
        print(_printable(each.told), file=sys.stderr)
    fails = chain.is_refused or any(each.level in FAILING[arguments.fail_on] for each in chain.warned)
    return REFUSED if chain.errors else WOULD_FAIL if fails else EXPLAINED


def _files(arguments: argparse.Namespace) -> list[str]:
    """The manifests; options may also stand between and after them, as they have none of their own."""
    parser = argparse.ArgumentParser(prog="mountlab explain", allow_abbrev=False)
    configure(parser)
    files: list[str] = []
    while arguments.words:
        word, *later = arguments.words
        if not _is_manifest(word):
            raise _NotExplainedError(say("manifest.files", word=shown(word)))
        if word in files:
            raise _NotExplainedError(say("manifest.twice", word=shown(word)))
        files.append(word)
        parser.parse_args(later, arguments)
    return files


def _is_manifest(word: str) -> bool:
    return word == "-" or word.endswith(_MANIFESTS)


def _content(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise _NotExplainedError(f"{file}: {why}") from None


def _printable(text: str) -> str:
    """What a manifest holds may move a terminal's cursor."""
    return "".join(each if each.isprintable() or each == "\n" else repr(each)[1:-1] for each in text)


def _complain(sentence: str) -> None:
    print(f"mountlab: {sentence}", file=sys.stderr)


def _check(words: list[str], form: str) -> None:
    """Refuse what cannot be explained, or not in that form."""
    if form == "sarif":
        raise _NotExplainedError(say("sarif"))
    if not words or words[0] not in PROGRAMS:
        raise _NotExplainedError(say("form", word=shown(words[0]) if words else say("nothing")))
    if misplaced := next((word for word in words if word in _OWN), None):
        raise _NotExplainedError(say("options.first", word=misplaced))
    if why := is_understood(words):
        raise _NotExplainedError(why[1])
    if not (_unit(words) if words[0] == "systemctl" else _is_run(words)):
        raise _NotExplainedError(say("form", word=shown(" ".join(words[:2]))))


def _unit(words: list[str]) -> str | None:
    """The unit of ``systemctl start UNIT``; None for every other use."""
    plain = [word for word in words[1:] if not word.startswith("-")]
    return plain[1] if len(plain) == 2 and plain[0] in _STARTS else None  # noqa: PLR2004 - verb and unit


def _is_run(words: list[str]) -> bool:
    """Whether it is a ``docker run``; one that the client refuses is one too."""
    try:
        return isinstance(parse_docker(words), Run)
    except ContainerError:
        return "run" in words[1:3]


def _machine(arguments: argparse.Namespace) -> SimulatorBackend:
    if arguments.on is None:
        return SimulatorBackend(arguments.init or DEFAULT_INIT)
    return machine_of(arguments.on, _complain, arguments.init)


def _explained(daemons: Daemons, words: list[str]) -> DockerChain | UnitChain:
    unit = _unit(words)
    return (
        explain_start(daemons, words, unit)
        if words[0] == "systemctl" and unit
        else explain_run(daemons, words)
    )
