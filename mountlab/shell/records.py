"""The JSON record of one step, as TRANSCRIPTS.md describes it (version 1)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mountlab.mountinfo import MountInfo
from mountlab.shell.backend import UNKNOWN, NamespaceTable
from mountlab.shell.runner import StepResult

VERSION = 1
LONGEST_OUTPUT = 64 * 1024
"""Bytes of stdout, and of stderr, that a record keeps."""

STATES = ("full", "changed", "none")
"""How much of the tables a record holds: all namespaces, those that changed in this step, or none."""

Record = dict[str, Any]
"""One object of ``--format jsonl``; its keys are in the documented order."""


def record(
    result: StepResult, state: str = "full", *, checked: bool = False, compared: bool = False
) -> Record:
    """The record of a step that ran a command.

    With `checked` it has the key ``expectations``, with `compared` the key ``differs``.
    """
    step, outcome = result.step, result.outcome
    if step is None or outcome is None:
        raise ValueError("a step without a command has no record")
    stdout, cut_stdout = cut(outcome.stdout)
    stderr, cut_stderr = cut(outcome.stderr)
    made: Record = {
        "v": VERSION,
        "step": result.number,
        "line": step.line,
        "end_line": step.end_line,
        "shell": step.shell,
        "command": step.text,
        "exit": outcome.exit,
    }
    if outcome.errno is not UNKNOWN:
        made["errno"] = outcome.errno
    made |= {"stdout": stdout, "stderr": stderr}
    if cut_stdout or cut_stderr:
        made["truncated"] = True
    if outcome.refused is not None:
        made["refused"] = outcome.refused
    if outcome.calls is not None:
        made["calls"] = [{"name": call.name, "errno": call.errno} for call in outcome.calls]
    made |= _state(result, state)
    if checked:
        made["expectations"] = [
            {"line": each.expectation.line, "text": each.expectation.text, "failure": each.failure}
            for each in result.checks
        ]
    if compared:
        made["differs"] = result.differs
        if result.quirk is not None:
            made["quirk"] = result.quirk
    return made


def dump(made: Record) -> str:
    """The record as one line of ASCII JSON, so that surrogate-escaped bytes survive any encoding."""
    return json.dumps(made)


def cut(text: str) -> tuple[str, bool]:
    """At most `LONGEST_OUTPUT` bytes of the text, no character cut in two, and whether something was cut."""
    if len(text) * 4 <= LONGEST_OUTPUT:
        return text, False
    data = text.encode("utf-8", "surrogateescape")
    if len(data) <= LONGEST_OUTPUT:
        return text, False
    kept = data[:LONGEST_OUTPUT].decode("utf-8", "surrogateescape")
    while kept and not text.startswith(kept):
        kept = kept[:-1]
    return kept, True


def _state(result: StepResult, state: str) -> Record:
    """The key ``namespaces``; for ``changed`` also ``ended``, the ids of namespaces that are gone."""
    if state == "none":
        return {}
    if state == "full":
        return {"namespaces": [namespace_object(table) for table in result.tables]}
    before = {table.id: table for table in result.before}
    now = {table.id for table in result.tables}
    return {
        "namespaces": [namespace_object(table) for table in result.tables if before.get(table.id) != table],
        "ended": [id for id in before if id not in now],
    }


def namespace_object(table: NamespaceTable) -> Record:
    """One element of ``namespaces``."""
    made: Record = {
        "id": table.id,
        "shells": list(table.shells),
        "holders": [{"kind": holder.kind, "name": holder.name} for holder in table.holders],
        "mounts": mount_objects(table.mounts),
    }
    if table.views:
        made["views"] = _views(table.views)
    return made


def _views(views: Mapping[str, Sequence[MountInfo]]) -> Record:
    return {shell: mount_objects(rows) for shell, rows in views.items()}


def mount_objects(rows: Sequence[MountInfo]) -> list[Record]:
    """The elements of ``mounts``; a parent that the reader does not see is null."""
    listed = {row.mount_id for row in rows}
    return [
        {
            "id": row.mount_id,
            "parent": row.parent_id if row.parent_id in listed and row.parent_id != row.mount_id else None,
            "dev": row.dev,
            "root": row.root,
            "mountpoint": row.mountpoint,
            "fstype": row.fstype,
            "source": row.source,
            "options": row.options,
            "super_options": row.super_options,
            "shared": row.shared,
            "master": row.master,
            "propagate_from": row.propagate_from,
            "unbindable": row.unbindable,
        }
        for row in rows
    ]
