"""The API server's rules for what a volume is made of: one function for each kind.

Source: kubernetes v1.33, pkg/apis/core/validation/validation.go at commit 000f26050b9b (validateKeyToPath,
validateHostPathVolumeSource, validateProjectionSources, ValidateCSIDriverName …).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mountlab.kubernetes.fielderrors import FieldError, Path, subdomain_errors
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.quantities import value_of

HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)
_MODE_TEXT = "must be a number between 0 and 0777 (octal), both inclusive"
_MOST_MODE = 0o777
_LONGEST_DRIVER = 63
_SHORTEST_TOKEN, _LONGEST_TOKEN = 600, 1 << 32
Check = Callable[[Node, Path], Iterator[FieldError]]


def host_path_errors(source: Node, path: Path) -> Iterator[FieldError]:
    """hostPath: a path without steps back, and a type that there is."""
    if not source.text("path"):
        yield path.child("path").required()
        return
    yield from backstep_errors(source.text("path"), path.child("path"))
    if source.get("type") and source.text("type") not in HOST_PATH_TYPES:
        yield path.child("type").unsupported(source.text("type"), HOST_PATH_TYPES)


def backstep_errors(value: str, path: Path) -> Iterator[FieldError]:
    """A path that goes back."""
    if ".." in value.split("/"):
        yield path.invalid(value, "must not contain '..'")


def descending_errors(value: str, path: Path) -> Iterator[FieldError]:
    """A path that must stay below: relative, without steps back."""
    if value.startswith("/"):
        yield path.invalid(value, "must be a relative path")
    yield from backstep_errors(value, path)


def _local_errors(value: str, path: Path) -> Iterator[FieldError]:
    yield from descending_errors(value, path)
    if value.startswith("..") and not value.startswith("../"):
        yield path.invalid(value, "must not start with '..'")


def _mode_errors(source: Node, name: str, path: Path) -> Iterator[FieldError]:
    mode = source.number(name)
    if mode is not None and not 0 <= mode <= _MOST_MODE:
        yield path.child(name).invalid(mode, _MODE_TEXT)


def _item_errors(item: Node, path: Path) -> Iterator[FieldError]:
    for name in ("key", "path"):
        if not item.text(name):
            yield path.child(name).required()
    yield from _local_errors(item.text("path"), path.child("path"))
    yield from _mode_errors(item, "mode", path)


def files_errors(name: str) -> Check:
    """Of configMap and secret, which differ in how their name is called."""

    def check(source: Node, path: Path) -> Iterator[FieldError]:
        if not source.text(name):
            yield path.child(name).required()
        yield from _mode_errors(source, "defaultMode", path)
        for index, item in enumerate(source.items("items")):
            yield from _item_errors(item, path.child("items").at(index))

    return check


def empty_dir_errors(source: Node, path: Path) -> Iterator[FieldError]:
    """emptyDir: a limit that is none."""
    limit = source.get("sizeLimit")
    if limit and value_of(limit) < 0:
        yield path.child("sizeLimit").forbidden("SizeLimit field must be a valid resource quantity")


def claim_name_errors(source: Node, path: Path) -> Iterator[FieldError]:
    """persistentVolumeClaim: a name."""
    if not source.text("claimName"):
        yield path.child("claimName").required()


def csi_errors(source: Node, path: Path) -> Iterator[FieldError]:
    """csi: a driver's name."""
    driver, here = source.text("driver"), path.child("driver")
    if not driver:
        yield here.required()
    if len(driver.encode()) > _LONGEST_DRIVER:
        yield here.too_long(_LONGEST_DRIVER)
    yield from subdomain_errors(driver, here, is_any_case=True)


def nfs_errors(source: Node, path: Path) -> Iterator[FieldError]:
    """nfs: a server, and a path from its root."""
    for name in ("server", "path"):
        if not source.text(name):
            yield path.child(name).required()
    if not source.text("path").startswith("/"):
        yield path.child("path").invalid(source.text("path"), "must be an absolute path")


def projected_errors(source: Node, path: Path) -> Iterator[FieldError]:
    """projected: several sources, whose files must not have the same place."""
    yield from _mode_errors(source, "defaultMode", path)
    taken = set[str]()
    for index, part in enumerate(source.items("sources")):
        here = path.child("sources").at(index)
        for kind in ("secret", "configMap"):
            if found := part.get(kind):
                yield from _part_errors(found, path, here.child(kind), taken)
        if token := part.get("serviceAccountToken"):
            yield from _token_errors(token, path, here.child("serviceAccountToken"))
        if isinstance(part.value, dict) and sum(1 for name in part.value if part.get(name)) > 1:
            yield here.forbidden("may not specify more than 1 volume type per source")


def _part_errors(source: Node, path: Path, here: Path, taken: set[str]) -> Iterator[FieldError]:
    if not source.text("name"):
        yield here.child("name").required()
    for index, item in enumerate(source.items("items")):
        yield from _item_errors(item, here.child("items").at(index))
        place = item.text("path")
        if place in taken:
            yield path.meaning(here).invalid(source.text("name"), "conflicting duplicate paths")
        taken |= {place} - {""}


def _token_errors(token: Node, path: Path, here: Path) -> Iterator[FieldError]:
    seconds, spot = token.number("expirationSeconds"), here.child("expirationSeconds")
    if seconds is not None and seconds < _SHORTEST_TOKEN:
        yield spot.invalid(seconds, "may not specify a duration less than 10 minutes")
    if seconds is not None and seconds > _LONGEST_TOKEN:
        yield spot.invalid(seconds, "may not specify a duration larger than 2^32 seconds")
    place = path.child("path").meaning(here.child("path"))
    if token.text("path"):
        yield from _local_errors(token.text("path"), place)
    else:
        yield place.required()
