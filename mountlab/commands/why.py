"""``mountlab why``: ask a transcript, or the snapshot of a machine, about one mount."""

from __future__ import annotations

import argparse
import json
import re
import sys
from typing import Any

from mountlab.explain.answer import Answer, Link, QuestionError
from mountlab.explain.difference import Row
from mountlab.explain.whatif import Change, whatif
from mountlab.explain.why import why, whynot
from mountlab.explain.words import say
from mountlab.resolve import resolve
from mountlab.shell.complaints import TranscriptError, shown
from mountlab.shell.simbackend import INITIAL_STATES, SimulatorBackend
from mountlab.shell.transcript import display_name
from mountlab.view.machines import machine_of

ANSWERED, REFUSED = 0, 2
VERSION = 1
SNAPSHOT = "snapshot"
"""The initial state of a machine that was made from one."""
WHAT_IF = re.compile(r"\s*(\+?)(\d+)\s*:\s*(.*)", re.DOTALL)


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of ``mountlab why``."""
    what = "a transcript, or what `mountlab snapshot` wrote; - for standard input"
    parser.add_argument("file", metavar="FILE", help=what)
    parser.add_argument("--shell", metavar="NAME", help="whose eyes: a terminal of the transcript")
    parser.add_argument("--path", help="the path that is asked about")
    parser.add_argument("--step", type=int, metavar="N", help="ask after line N, not at the end")
    parser.add_argument("--not", dest="absent", action="store_true", help="ask why no mount is there")
    parser.add_argument(
        "--what-if",
        metavar="EDIT",
        help="'4: host# umount /a' instead of step 4, '4:' without it, '+4: host# …' added after it",
    )
    parser.add_argument(
        "--init", choices=INITIAL_STATES, help="the machine to start on, instead of the header's"
    )
    parser.add_argument("--brief", action="store_true", help="leave out the rules behind the sentences")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how it is printed")


def run(arguments: argparse.Namespace) -> int:
    """Answer; the exit status, 0 or 2."""
    try:
        _check(arguments)
        edit = _what_if(arguments.what_if) if arguments.what_if is not None else None
        machine = machine_of(arguments.file, _complain, arguments.init)
        if edit is not None:
            _print_change(whatif(machine, *edit), arguments.format)
        else:
            ask = whynot if arguments.absent else why
            answer = ask(machine, arguments.shell, arguments.path, arguments.step)
            _print_answer(answer, machine, arguments)
    except (TranscriptError, QuestionError) as error:
        where = "" if isinstance(error, TranscriptError) else f"{display_name(arguments.file)}: "
        sys.stdout.flush()
        _complain(f"{where}{error}")
        return REFUSED
    return ANSWERED


def _complain(sentence: str) -> None:
    print(f"mountlab: {sentence}", file=sys.stderr)


def _check(arguments: argparse.Namespace) -> None:
    """One question, and a whole one."""
    about_a_mount = arguments.shell or arguments.path or arguments.step is not None or arguments.absent
    if arguments.what_if is not None and about_a_mount:
        raise QuestionError(say("what.if.alone"))
    if arguments.what_if is None and not (arguments.shell and arguments.path):
        raise QuestionError(say("no.question"))


def _what_if(word: str) -> tuple[int, str | None, bool]:
    match = WHAT_IF.fullmatch(word)
    if match is None:
        raise QuestionError(say("what.if.form", word=shown(word)))
    return int(match[2]), match[3] or None, bool(match[1])


# -- printing ------------------------------------------------------------------------------------------


def _print_answer(answer: Answer, machine: SimulatorBackend, arguments: argparse.Namespace) -> None:
    guesses = _likely(machine, answer)
    if arguments.format == "json":
        print(json.dumps(answer_record(answer) | ({"likely": guesses} if guesses else {})))
        return
    print(answer)
    if guesses:
        print("\n" + "\n".join(f"  {sentence}" for sentence in guesses))
    rules = {link.rule: link for link in answer.links if link.rule}
    if rules and not arguments.brief:
        print("\n" + say("rules"))
        for rule, link in rules.items():
            print(f"  {rule}: {link.sentence}\n    {link.source}")


def _likely(machine: SimulatorBackend, answer: Answer) -> list[str]:
    """Where a mount comes from that was there when the snapshot was taken, as far as the tables tell."""
    if machine.sim.init != SNAPSHOT or not answer.mounted:
        return []
    from mountlab.snapshot import likely  # noqa: PLC0415 - transcripts need no snapshots

    at = resolve(machine.sim.vfs, machine.terminals[answer.shell].task, answer.path)
    return likely(machine, at.mount)


def answer_record(answer: Answer) -> dict[str, Any]:
    """An answer as JSON has it."""
    return {
        "v": VERSION,
        "shell": answer.shell,
        "path": answer.path,
        "step": answer.step,
        "mounted": answer.mounted,
        "links": [_link(link) for link in answer.links],
        "cure": None if answer.cure is None else {**answer.cure._asdict(), "verified": True},
        "replays": answer.replays,
    }


def _link(link: Link) -> dict[str, Any]:
    return {**link._asdict(), "sentence": link.sentence, "source": link.source}


def _print_change(change: Change, form: str) -> None:
    print(json.dumps(change_record(change)) if form == "json" else change)


def change_record(change: Change) -> dict[str, Any]:
    """A difference as JSON has it."""
    return {
        "v": VERSION,
        "title": change.title,
        "sentences": list(change.sentences()),
        "gone": [_row(row) for row in change.gone],
        "new": [_row(row) for row in change.new],
        "changed": [
            {
                **row.where._asdict(),
                "fields": {name: {"before": before, "after": after} for name, before, after in row.fields},
            }
            for row in change.changed
        ],
        "namespaces_gone": list(change.namespaces_gone),
        "namespaces_new": list(change.namespaces_new),
        "exits": [each._asdict() for each in change.exits],
        "transcript": change.transcript,
    }


def _row(row: Row) -> dict[str, Any]:
    return {**row.where._asdict(), "mount": row.row._asdict() | {"propagation": row.row.propagation}}
