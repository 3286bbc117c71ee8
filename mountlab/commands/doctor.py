"""``mountlab doctor``: what works here, what does not, and the one command that would change it.

Exit statuses: 0 when a real kernel works, 4 when there is the simulator only.
"""

from __future__ import annotations

import argparse

UNAVAILABLE = 4


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.description = "What of mountlab works on this computer, what does not, and what would change it."
    parser.epilog = "Exit status: 0 when a real kernel works, 4 when there is the simulator only."
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for people or programs")


def run(arguments: argparse.Namespace) -> int:
    """Look, and tell; the exit status."""
    from mountlab.kernel import doctor  # noqa: PLC0415 - a browser tab has no such room

    findings = doctor.examine()
    print(doctor.as_json(findings) if arguments.format == "json" else doctor.text(findings), end="")
    if arguments.format == "json":
        print()
    return 0 if doctor.has_kernel(findings) else UNAVAILABLE
