"""An explanation in SARIF 2.1.0, as code scanners write their results: errors, warnings and notes.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0, sections 3.13 to 3.50.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from mountlab import __version__
from mountlab.kubernetes.errors import Place
from mountlab.kubernetes.explained.chain import ManifestChain, Refused
from mountlab.kubernetes.explained.rules import RULES
from mountlab.kubernetes.explained.words import say

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LAST_FIELD = re.compile(r"([^.\[\]]+)(?:\[\d+\])?\Z")


class _Result(NamedTuple):
    rule: str
    text: str
    places: tuple[Place, ...]


def as_sarif(chain: ManifestChain, contents: Mapping[str, str]) -> dict[str, object]:
    """The log with one run.

    Args:
        chain: what came of the files.
        contents: of each file, by its name: columns are looked up in it.
    """
    lines = {source: content.split("\n") for source, content in contents.items()}
    numbers = {rule: number for number, rule in enumerate(RULES)}
    results = [
        {
            "ruleId": each.rule,
            "ruleIndex": numbers[each.rule],
            "level": RULES[each.rule],
            "message": {"text": each.text},
            "locations": [_location(place, lines) for place in each.places[:1]],
            "relatedLocations": [_location(place, lines) for place in each.places[1:]],
        }
        for each in _results(chain)
    ]
    driver = {"name": "mountlab", "version": __version__, "rules": [*map(_rule, RULES)]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: str) -> dict[str, object]:
    return {
        "id": rule,
        "shortDescription": {"text": say(f"rule.{rule}")},
        "help": {"text": say(f"help.{rule}")},
        "defaultConfiguration": {"level": RULES[rule]},
    }


def _results(chain: ManifestChain) -> Iterator[_Result]:
    first = Place(chain.sources[0], 1)
    for error in chain.errors:
        yield _Result("unreadable", error.told, error.places or (first,))
    for each in chain.refused:
        yield _refused(each, first)
    for pod in chain.pods:
        yield from [_refused(pod.refused, pod.place)] if pod.refused else []
        for container in pod.containers:
            yield from [_refused(container.refused, container.place)] if container.refused else []
    for warned in chain.warned:
        yield _Result(warned.rule, f"{warned.sentence} {warned.cure}", (warned.place,))


def _refused(refused: Refused, place: Place) -> _Result:
    text = "\n".join(part for part in (refused.text, refused.hint) if part)
    return _Result(f"refused-{refused.by}", text, refused.places or (place,))


def _location(place: Place, lines: Mapping[str, list[str]]) -> dict[str, object]:
    text = lines.get(place.source, [])
    line = max(place.line, 1)
    written = text[line - 1] if line <= len(text) else ""
    region = {"startLine": line, "startColumn": place.column or _column(place.path, written)}
    path = Path(place.source)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def _column(field: str, written: str) -> int:
    """The column of a field's name on its line, or of the first thing on it."""
    found = _LAST_FIELD.search(field)
    if found and (spot := re.search(rf"(?<![\w-])['\"]?{re.escape(found[1])}['\"]?\s*:", written)):
        return spot.start() + 1
    return len(written) - len(written.lstrip(" -\t")) + 1 if written.strip() else 1
