"""The command line: ``mountlab run``, ``show``, ``why``, ``explain``, ``snapshot`` and the others.

Exit statuses of ``run``: 0 when the transcript ran, whatever its commands' own statuses; 2 when it was
refused (or the command line was); 3 when two worlds differed or an expectation does not hold; 4 when the
backend is not to be had here.  1 when the system stopped it (a full disk), 130 after Ctrl-C, 141 when
nobody reads the output any more.

What only one command needs is imported when that command runs, so that ``mountlab run`` starts at once.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence

from mountlab import __version__
from mountlab.containers.quirks import CONTAINER_QUIRKS
from mountlab.quirks import MODELLED_KERNEL, PROGRAM_QUIRKS, QUIRKS, Quirk, quirks_of
from mountlab.rules import RULES
from mountlab.shell.backend import Backend, BackendUnavailableError
from mountlab.shell.complaints import TranscriptError, shown
from mountlab.shell.records import STATES, dump, record
from mountlab.shell.runner import Counterpart, StepResult, play
from mountlab.shell.simbackend import INITIAL_STATES, SimulatorBackend
from mountlab.shell.start import initial_state
from mountlab.shell.text import mountinfo_text, text
from mountlab.shell.transcript import Transcript, display_name, parse, read

STOPPED = 1
REFUSED = 2
DIFFERED = 3
UNAVAILABLE = 4
INTERRUPTED = 130
NOBODY_READS = 141

MODELLED_UTIL_LINUX = "2.38.1"
VERSION = f"""\
mountlab {__version__}
models Linux {MODELLED_KERNEL}, util-linux {MODELLED_UTIL_LINUX} and coreutils 9.1, as on Debian 12"""
OFFERS = {
    "sim": frozenset({"blockdev", "fuse", "userns"}),
    "kernel": frozenset({"userns"}),
    "both": frozenset({"userns"}),
    "uml": frozenset({"userns"}),
    "both-uml": frozenset({"userns"}),
    "docker": frozenset(),
    "both-docker": frozenset(),
    "cri": frozenset(),
    "both-cri": frozenset(),
}
"""What a transcript may need (``needs=`` in its header)."""
ELSEWHERE = {
    "show": ("mountlab.commands.show", "draw a transcript, or the snapshot of a machine"),
    "why": ("mountlab.commands.why", "why a mount is, or is not, where somebody looks"),
    "explain": ("mountlab.commands.explain", "from a docker flag, a unit's setting, a pod to system calls"),
    "snapshot": ("mountlab.commands.snapshot", "write down the mount tables of this machine"),
    "lab": ("mountlab.commands.lab", "your own copies of the lessons, opened in JupyterLab"),
    "doctor": ("mountlab.commands.doctor", "what works here, and what would change what does not"),
    "progress": ("mountlab.commands.progress", "what a learner has answered; a class as a table"),
}
"""Commands with a module of their own: its name, and what `mountlab --help` says of it."""
DEFAULT_STATE = {"text": "changed", "jsonl": "full", "mountinfo": "full"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    try:
        status = _main(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return NOBODY_READS
    except OSError as error:
        _forget_output()
        print(f"mountlab: stopped: {error.strerror or error}", file=sys.stderr)
        return STOPPED


def _forget_output() -> None:
    """Python would complain once more when it flushes at its end: give it a place to flush to."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _main(argv: Sequence[str]) -> int:
    if sys.stdout is None:  # closed by the caller, who wants the exit status only
        sys.stdout = io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        # Bytes that are no UTF-8 go out as they came in, and no terminal's encoding is an error.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    if argv[:1] == ["agree"]:
        from mountlab.agree import main as agree  # noqa: PLC0415 - it needs the kernel's room

        return agree(list(argv[1:]))
    if argv and argv[0] in ELSEWHERE:
        return _elsewhere(argv[0], argv[1:])
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return REFUSED
    commands: dict[str, Callable[[argparse.Namespace], int]] = {"run": _run, "quirks": _quirks}
    return commands[arguments.command](arguments)


def _elsewhere(name: str, argv: Sequence[str]) -> int:
    """A command with a module of its own."""
    command = importlib.import_module(ELSEWHERE[name][0])
    parser = argparse.ArgumentParser(f"mountlab {name}", allow_abbrev=False)
    command.configure(parser)
    try:
        return int(command.run(parser.parse_args(argv)))
    except TranscriptError as error:
        _complain(error)
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    about = "Linux mount propagation, learned by running it."
    parser = argparse.ArgumentParser(
        "mountlab",
        description=about,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    run = commands.add_parser("run", help="run a transcript", allow_abbrev=False)
    run.add_argument("file", metavar="FILE", help="the transcript; - for standard input")
    worlds = "the world to run it in; those with both compare the simulator with it"
    run.add_argument("--backend", choices=tuple(OFFERS), default="sim", help=worlds)
    run.add_argument(
        "--init", choices=INITIAL_STATES, help="the machine to start on, instead of the header's"
    )
    run.add_argument("--check", action="store_true", help="check the expectations (#? lines)")
    run.add_argument("--format", choices=tuple(DEFAULT_STATE), default="text", help="how steps are printed")
    run.add_argument("--state", choices=STATES, help="how much of the mount tables goes with each step")
    versions = f"the kernel to simulate: {MODELLED_KERNEL} (the default), 6.1 …"
    run.add_argument("--kernel", type=_kernel, default=MODELLED_KERNEL, metavar="VERSION", help=versions)
    for name, (_, about) in ELSEWHERE.items():
        commands.add_parser(name, help=about)
    commands.add_parser("agree", help="random transcripts, simulator against kernel")
    quirks = commands.add_parser("quirks", help="known differences between versions", allow_abbrev=False)
    quirks.add_argument("name", metavar="NAME", nargs="?", help="only this one")
    return parser


def _kernel(version: str) -> str:
    try:
        quirks_of(version)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return version


def _complain(message: object) -> None:
    sys.stdout.flush()
    print(f"mountlab: {message}", file=sys.stderr)


def _run(arguments: argparse.Namespace) -> int:
    try:
        transcript = parse(read(arguments.file), display_name(arguments.file))
        init = arguments.init or initial_state(transcript)
        with _worlds(arguments, transcript, init) as (backend, other):
            return _play(arguments, transcript, backend, other)
    except TranscriptError as error:
        _complain(error)
        return REFUSED
    except BackendUnavailableError as error:
        _complain(error)
        return UNAVAILABLE


@contextlib.contextmanager
def _worlds(
    arguments: argparse.Namespace, transcript: Transcript, init: str
) -> Iterator[tuple[Backend, Counterpart | None]]:
    """The world to run in, and the one to compare it with; closed at the end, whatever happens."""
    lacking = [need for need in transcript.needs if need not in OFFERS[arguments.backend]]
    if lacking:
        raise BackendUnavailableError(
            f"{transcript.file} needs {', '.join(lacking)}: not to be had with --backend {arguments.backend}"
        )
    with contextlib.ExitStack() as stack:

        def simulator(kernel: str) -> Backend:
            return stack.enter_context(contextlib.closing(SimulatorBackend(init=init, kernel=kernel)))

        if arguments.backend == "sim":
            yield simulator(arguments.kernel), None
            return
        make = _RUNTIMES.get(arguments.backend.removeprefix("both-"))
        if make is not None:
            real = stack.enter_context(contextlib.closing(make(transcript, init)))
            alone = not arguments.backend.startswith("both-")
            yield (real, None) if alone else (simulator(arguments.kernel), Counterpart(real))
            return
        # A browser tab has no kernel.
        from mountlab.kernel.backend import KernelBackend, KernelStoppedError  # noqa: PLC0415
        from mountlab.kernel.probe import probe_uml  # noqa: PLC0415

        in_guest = arguments.backend.endswith("uml")
        real = stack.enter_context(
            contextlib.closing(KernelBackend(init=init, found=probe_uml() if in_guest else None))
        )
        found = real.found
        _complain(f"kernel {found.kernel}, util-linux {found.utillinux}: {found.reason}")
        try:
            if not arguments.backend.startswith("both"):
                yield real, None
                return
            version = ".".join(found.kernel.split(".")[:2])
            quirks = _quirks_between(arguments.kernel, version)
            understudy = simulator(version) if quirks else None
            same_programs = found.utillinux == MODELLED_UTIL_LINUX
            yield simulator(arguments.kernel), Counterpart(real, same_programs, understudy, quirks)
        except KernelStoppedError as error:
            raise BackendUnavailableError(str(error)) from None


def _docker(transcript: Transcript, init: str) -> Backend:
    """A machine with a real dockerd.

    Raises:
        TranscriptError: when a line cannot be run there.
    """
    from mountlab.runtimes.backend import DockerBackend, check  # noqa: PLC0415 - only a machine has one

    check(transcript)
    return DockerBackend(init)


def _cri(transcript: Transcript, init: str) -> Backend:
    """A node with a real containerd.

    Raises:
        TranscriptError: when a line cannot be run there.
    """
    from mountlab.runtimes import cri_backend  # noqa: PLC0415 - only a machine has one

    cri_backend.check(transcript)
    return cri_backend.CriBackend(init)


_RUNTIMES: dict[str, Callable[[Transcript, str], Backend]] = {"docker": _docker, "cri": _cri}


def _quirks_between(simulated: str, real: str) -> tuple[str, ...]:
    """Names of the known differences between two kernel versions; none for a version that is not modelled."""
    try:
        return tuple(sorted(quirks_of(simulated) ^ quirks_of(real)))
    except ValueError:
        return ()


def _play(
    arguments: argparse.Namespace, transcript: Transcript, backend: Backend, other: Counterpart | None
) -> int:
    failed = differed = 0
    for result in play(transcript, backend, other):
        _print(arguments, result, compared=other is not None)
        differed += result.differs is not None and result.quirk is None
        for each in result.checks if arguments.check else ():
            if each.failure:
                failed += 1
                if arguments.format != "text":
                    _complain(f"{transcript.file}:{each.expectation.line}: {each.failure}")
    if failed:
        _complain(f"{transcript.file}: expectations that failed: {failed}")
    if differed:
        _complain(f"{transcript.file}: steps after which the worlds differ: {differed}")
    return DIFFERED if failed or differed else 0


def _print(arguments: argparse.Namespace, result: StepResult, *, compared: bool) -> None:
    state = arguments.state or DEFAULT_STATE[arguments.format]
    if arguments.format == "text":
        sys.stdout.write(text(result, state, checked=arguments.check))
    elif arguments.format == "mountinfo":
        sys.stdout.write(mountinfo_text(result, state))
    elif result.outcome is not None:
        print(dump(record(result, state, checked=arguments.check, compared=compared)))


def _quirks(arguments: argparse.Namespace) -> int:
    asked = [quirk for quirk in QUIRKS if arguments.name in (None, quirk.name)]
    if not asked:
        names = ", ".join(quirk.name for quirk in QUIRKS)
        _complain(f"there is no quirk {shown(arguments.name)}; there are: {names}")
        return REFUSED
    print("\n\n".join(_page(quirk) for quirk in asked))
    if arguments.name is None:
        for other in PROGRAM_QUIRKS:
            print(f"\n{other.name}: util-linux since {other.since}")
            print(f"  {other.sentence}\n  Source: {other.source}")
        for each in CONTAINER_QUIRKS:
            print(f"\n{each.name}: {each.program} since {each.since}")
            print(f"  {each.sentence}\n  Source: {each.source}")
    else:
        from mountlab.library import source  # noqa: PLC0415 - only this command reads the library

        print("\n" + source(asked[0].transcript), end="")
    return 0


def _page(quirk: Quirk) -> str:
    major, minor = quirk.before
    shown_by = "--kernel" if quirk.simulated else "an older kernel only: --kernel does not simulate it"
    return (
        f"{quirk.name}: Linux before {major}.{minor}\n  {quirk.sentence}\n"
        f"  Rule: {quirk.rule}: {RULES[quirk.rule].sentence}\n  Source: {quirk.source}\n"
        f"  Transcript: {quirk.transcript}.mnt (mountlab quirks {quirk.name}); shown by {shown_by}"
    )
