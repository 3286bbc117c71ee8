"""YAML as a tree in which every key and value knows its line.

Built from the parser's events, never by a constructor: a tag makes no object, and what aliases multiply is
counted before it is copied.
Texts and line numbers of errors: goyaml.v2 in sigs.k8s.io/yaml v1.4.0, as kubectl 1.32.4 prints them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mountlab.kubernetes.errors import KubernetesError
from mountlab.kubernetes.node import Node, scalar

MOST_BYTES = 2 * 1024 * 1024
"""Larger files are no manifests: the largest that were seen hold schemas, and have half of this."""
MOST_NODES = 200_000
DEEPEST = 100

_TEXTS = {
    "expected ',' or ']'": "did not find expected ',' or ']'",
    "expected ',' or '}'": "did not find expected ',' or '}'",
    "expected <block end>": "did not find expected key",
    "expected '<document start>'": "did not find expected <document start>",
    "expected the node content": "did not find expected node content",
    "could not find expected ':'": "could not find expected ':'",
    "found unexpected end of stream": "found unexpected end of stream",
    "expected alphabetic or numeric character": "did not find expected alphabetic or numeric character",
    "found unknown escape character": "found unknown escape character",
    "mapping values are not allowed": "mapping values are not allowed in this context",
}
"""How PyYAML's texts begin, and what libyaml and its Go port say instead."""
_TAB = "a tab character that violates indentation"


class YamlError(Exception):
    """The text is no YAML, or too much of it."""

    def __init__(self, text: str, line: int, column: int = 0) -> None:
        super().__init__(text)
        self.text, self.line, self.column = text, line, column
        self.goyaml_line = 0
        """The line that kubectl names, counted as goyaml counts; 0 when it names none."""


class _Builder:
    """Makes the tree of one document out of the parser's events."""

    def __init__(self, first_line: int) -> None:
        self.first_line = first_line
        self.anchors: dict[str, Node] = {}
        self.open: list[tuple[Node, str]] = []
        """Collections not yet closed, each with its anchor."""
        self.key: list[Node | None] = []
        self.count, self.has_aliases = 0, False
        self.root: Node | None = None

    def error(self, text: str, mark: Any) -> YamlError:  # noqa: ANN401 - no types of its own
        return YamlError(text, mark.line + self.first_line, mark.column + 1)

    def take(self, event: Any) -> None:  # noqa: ANN401
        """The next event."""
        name = type(event).__name__
        line, column = event.start_mark.line + self.first_line, event.start_mark.column + 1
        if name == "ScalarEvent":
            plain = event.implicit[0] and event.style is None
            self.add(Node(scalar(event.value) if plain else event.value, line, column), event)
        elif name == "AliasEvent":
            self.add(self.alias(event), event, is_alias=True)
        elif name in {"MappingStartEvent", "SequenceStartEvent"}:
            node = Node({} if name == "MappingStartEvent" else [], line, column)
            if len(self.open) >= DEEPEST:
                raise self.error("exceeded max depth", event.start_mark)
            self.add(node, event)
            self.open.append((node, event.anchor or ""))
            self.key.append(None)
        elif name in {"MappingEndEvent", "SequenceEndEvent"}:
            self.open.pop()
            self.key.pop()

    def alias(self, event: Any) -> Node:  # noqa: ANN401
        """What an alias stands for."""
        if any(anchor == event.anchor for _, anchor in self.open):
            raise self.error(f"anchor '{event.anchor}' value contains itself", event.start_mark)
        if event.anchor not in self.anchors:
            raise self.error(f"unknown anchor '{event.anchor}' referenced", event.start_mark)
        node, self.has_aliases = self.anchors[event.anchor], True
        self.count += _size(node, MOST_NODES - self.count)
        return node

    def add(self, node: Node, event: Any, *, is_alias: bool = False) -> None:  # noqa: ANN401
        """A value, key or element, to the innermost open collection."""
        self.count += 1
        if self.count > MOST_NODES:
            too_many = "document contains excessive aliasing" if self.has_aliases else "document is too long"
            raise self.error(too_many, event.start_mark)
        if event.anchor and not is_alias:
            self.anchors[event.anchor] = node
        if not self.open:
            self.root = node
            return
        parent = self.open[-1][0]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif isinstance(parent.value, dict):
            self.add_field(parent, parent.value, node, event)

    def add_field(self, parent: Node, fields: dict[str, Node], node: Node, event: Any) -> None:  # noqa: ANN401
        """A key, or the value of the last key."""
        key = self.key[-1]
        if key is None:
            if isinstance(node.value, dict | list):
                raise self.error(f"invalid map key: {_shown(node)}", event.start_mark)
            self.key[-1] = node
            return
        self.key[-1] = None
        name = _json_key(key.value)
        if name == "<<" and isinstance(node.value, dict):
            for each, value in node.value.items():
                fields.setdefault(each, value)
                parent.keys.setdefault(each, key.line)
            return
        if name in fields and name in parent.keys:
            parent.repeated.append((name, key.line))
        fields[name] = node
        parent.keys[name] = key.line


def _size(node: Node, limit: int) -> int:
    """How many nodes hang below one, counted no further than is needed."""
    count, waiting = 0, [node]
    while waiting and count <= limit:
        each = waiting.pop()
        count += 1
        if isinstance(each.value, dict):
            waiting.extend(each.value.values())
        elif isinstance(each.value, list):
            waiting.extend(each.value)
    return count


def _json_key(value: object) -> str:
    """A key that is no string becomes one, as in JSON."""
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def _shown(node: Node) -> str:
    return "map[...]" if isinstance(node.value, dict) else "[...]"


def document(text: str, first_line: int = 1) -> Node | None:
    """The tree of one document; None when there is nothing but comments.

    Args:
        text: one document.
        first_line: the line of the file on which it starts.

    Raises:
        YamlError: with goyaml's text.
        KubernetesError: where PyYAML is not installed.
    """
    try:
        import yaml  # noqa: PLC0415 - nobody pays for it who reads no manifest
    except ImportError as error:
        text = "error: manifests are read with PyYAML, which is not installed: pip install PyYAML"
        raise KubernetesError(text) from error
    builder = _Builder(first_line)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if type(event).__name__ == "DocumentEndEvent":
                break
            builder.take(event)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + first_line
        raise YamlError("control characters are not allowed", line) from None
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, first_line, isinstance(error, yaml.scanner.ScannerError)) from None
    return builder.root


def _syntax_error(error: Any, first_line: int, is_scanner: bool) -> YamlError:  # noqa: ANN401
    """goyaml's text and line: of the scanner it adds one to the line, of the parser it does not."""
    said = str(error.problem or error.context or "")
    text = next((theirs for ours, theirs in _TEXTS.items() if said.startswith(ours)), said)
    if said.startswith("found character '"):
        has_tab = "\\t" in said
        text = f"found {_TAB if has_tab else 'character that cannot start any token'}"
    mark = error.problem_mark or error.context_mark
    made = YamlError(text, mark.line + first_line, mark.column + 1)
    if mark.line:
        made.goyaml_line = mark.line + 1 if is_scanner else mark.line
    elif error.context_mark and error.context_mark.line:
        made.goyaml_line = error.context_mark.line
    return made


def split(text: str) -> Iterator[tuple[int, str]]:
    """The documents of a stream, each with the line on which it starts.

    A line that begins with ``---`` ends one, whatever follows on it: apimachinery v0.33.0,
    pkg/util/yaml/decoder.go, splitYAMLDocument.
    """
    start, lines = 1, list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("---"):
            if number > 1:
                yield start, "\n".join(lines) + "\n"
            start, lines = number + 1, []
        else:
            lines.append(line)
    last = "\n".join(lines)
    yield start, last if last.endswith("\n") or not last else f"{last}\n"
