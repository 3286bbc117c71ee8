"""docker, systemctl and kubectl: the words go to the machine's daemons, and what they say is printed."""

from __future__ import annotations

from collections.abc import Callable

from mountlab.containers.ledger import Made
from mountlab.containers.world import Ran
from mountlab.shell.programs.context import Context

Client = Callable[[tuple[str, ...], str | None], tuple[Ran, list[Made]]]
"""Runs a client's words, with what it reads, on the machine's daemons for one terminal."""


def run(context: Context, client: Client) -> int:
    """Run the client, and print what it says."""
    ran, made = client((context.program, *context.words), context.stdin)
    context.say(ran.stdout)
    context.print_error(ran.stderr)
    context.add_calls([(each.call.partition("(")[0], each.errno) for each in made])
    return ran.status
