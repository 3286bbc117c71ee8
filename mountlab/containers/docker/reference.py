"""Names of images, as far as docker refuses those that cannot be one.

Source: docker/distribution reference/regexp.go and reference/normalize.go, as docker/cli v20.10.24 has them.
"""

from __future__ import annotations

import re
from typing import Final

_DOMAIN: Final = (
    r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
    r"(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?"
)
_PART: Final = r"[a-z0-9]+(?:(?:[._]|__|-*)[a-z0-9]+)*"
_REFERENCE: Final = re.compile(
    rf"(?:{_DOMAIN}/)?{_PART}(?:/{_PART})*(?::\w[\w.-]{{0,127}})?"
    r"(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?",
    re.ASCII,
)
_ID: Final = re.compile(r"[a-f0-9]{64}")


def why_no_reference(image: str) -> str | None:
    """What docker says of a name that cannot name an image; None when it can."""
    if _ID.fullmatch(image):
        return None
    domain, slash, rest = image.partition("/")
    name = rest if slash and (set(".:") & set(domain) or domain == "localhost") else image
    name = re.split("[:@]", name)[0]
    if name.lower() != name:
        return "invalid reference format: repository name must be lowercase"
    return None if _REFERENCE.fullmatch(image) else "invalid reference format"
