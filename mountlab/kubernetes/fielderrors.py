"""How the API server words what is wrong with a field, and how kubectl prints that.

Source: apimachinery v0.33.0, pkg/util/validation/field/errors.go and pkg/util/validation/validation.go;
kubectl v0.33.0, pkg/cmd/util/helpers.go (checkErr, MultilineError).  What kubectl 1.32.4 printed is in
tests/kubernetes/recorded/kubectl.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mountlab.kubernetes.errors import KubernetesError
from mountlab.kubernetes.manifests import Object

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_LONGEST_LABEL, _LONGEST_SUBDOMAIN = 63, 253


class FieldError(NamedTuple):
    """One field that is not as it must be."""

    field: str
    """Its path as the API server writes it, which is not always the whole path."""
    body: str
    spot: str
    """Its path in the manifest."""

    def __str__(self) -> str:
        return f"{self.field}: {self.body}"


class Go(str):
    """A value that is no string, as Go prints it."""

    __slots__ = ()


class Path(NamedTuple):
    """A field's path: as the server writes it, and in the manifest."""

    field: str
    spot: str

    def child(self, *names: str) -> Path:
        """A field below."""
        below = "".join(f".{name}" for name in names)
        return Path(self.field + below, self.spot + below)

    def at(self, number: int) -> Path:
        """An element."""
        return Path(f"{self.field}[{number}]", f"{self.spot}[{number}]")

    def key(self, name: str) -> Path:
        """An entry of a mapping."""
        return Path(f"{self.field}[{name}]", f"{self.spot}.{name}")

    def meaning(self, spot: Path) -> Path:
        """The same words for a field that is elsewhere."""
        return Path(self.field, spot.spot)

    def required(self, detail: str = "") -> FieldError:
        return self._error("Required value", detail)

    def forbidden(self, detail: str) -> FieldError:
        return self._error("Forbidden", detail)

    def invalid(self, value: object, detail: str) -> FieldError:
        return self._error(f"Invalid value: {quoted(value)}", detail)

    def not_found(self, value: str) -> FieldError:
        return self._error(f"Not found: {quoted(value)}")

    def duplicate(self, value: str) -> FieldError:
        return self._error(f"Duplicate value: {quoted(value)}")

    def too_long(self, most: int) -> FieldError:
        return self._error("Too long", f"may not be more than {most} bytes")

    def unsupported(self, value: object, supported: Iterable[str]) -> FieldError:
        """A word that is none of those that there are."""
        words = ", ".join(quoted(each) for each in supported)
        return self._error(f"Unsupported value: {quoted(value)}", f"supported values: {words}")

    def _error(self, body: str, detail: str = "") -> FieldError:
        return FieldError(self.field, f"{body}: {detail}" if detail else body, self.spot)


def quoted(value: object) -> str:
    """A value as Go prints it in an error: strings as %q, the rest as %v."""
    if isinstance(value, bool):
        return str(value).lower()
    is_text = isinstance(value, str) and not isinstance(value, Go)
    return json.dumps(value, ensure_ascii=False) if is_text else str(value)


def label_errors(value: str, path: Path) -> Iterator[FieldError]:
    """A name that must be a DNS label: of containers and volumes."""
    texts = _name_texts(value, _LABEL, _LABEL_TEXT, ("my-name", "123-abc"), _LONGEST_LABEL)
    return (path.invalid(value, text) for text in texts)


def subdomain_errors(value: str, path: Path, *, is_any_case: bool = False) -> Iterator[FieldError]:
    """A name that must be a DNS subdomain: of pods and most objects."""
    return (path.invalid(value, text) for text in subdomain_texts(value.lower() if is_any_case else value))


def subdomain_texts(value: str) -> Iterator[str]:
    """Why a name is no DNS subdomain."""
    return _name_texts(value, _SUBDOMAIN, _SUBDOMAIN_TEXT, ("example.com",), _LONGEST_SUBDOMAIN)


def _name_texts(
    value: str, pattern: str, text: str, examples: tuple[str, ...], longest: int
) -> Iterator[str]:
    if len(value.encode()) > longest:
        yield f"must be no more than {longest} characters"
    if pattern == _LABEL and "." in value and re.fullmatch(_SUBDOMAIN, value):
        yield "must not contain dots"
    elif not re.fullmatch(pattern, value):
        shown = " or ".join(f"'{each}', " for each in examples)
        yield f"{text} (e.g. {shown}regex used for validation is '{pattern}')"


def aggregated(errors: Iterable[FieldError]) -> str:
    """What is wrong with an object as controllers are told it: each text once, in brackets if they are many.

    Source: apimachinery v0.33.0, pkg/util/errors/errors.go (aggregate.Error).
    """
    once = list(dict.fromkeys(map(str, errors)))
    return once[0] if len(once) == 1 else f"[{', '.join(once)}]" if once else ""


def refused(found: Object, errors: Iterable[FieldError]) -> KubernetesError | None:
    """What kubectl prints for an object that is invalid, each text once; None when there is nothing."""
    all_errors = list(errors)
    once = list(dict.fromkeys(str(error) for error in all_errors))
    if not once:
        return None
    head = f'The {found.kind} "{found.name}" is invalid: '
    text = head + once[0] if len(once) == 1 else "\n".join([head, *(f"* {each}" for each in once)])
    spots = dict.fromkeys(error.spot for error in all_errors)
    return KubernetesError(text, [found.place(spot) for spot in spots])
