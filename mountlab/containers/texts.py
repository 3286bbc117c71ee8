"""Error numbers as programs written in Go print them."""

from __future__ import annotations

from mountlab.errors import MountError

_TEXTS = {
    "EINVAL": "invalid argument",
    "ENOENT": "no such file or directory",
    "EPERM": "operation not permitted",
    "EACCES": "permission denied",
    "EBUSY": "device or resource busy",
    "EEXIST": "file exists",
    "ENOTDIR": "not a directory",
    "EISDIR": "is a directory",
    "ENOSPC": "no space left on device",
    "EROFS": "read-only file system",
    "ELOOP": "too many levels of symbolic links",
    "ENODEV": "no such device",
    "ENAMETOOLONG": "file name too long",
    "ENOTCONN": "transport endpoint is not connected",
    "ENOTEMPTY": "directory not empty",
}


def strerror(error: MountError) -> str:
    """The text of an error number (Go's syscall package)."""
    return _TEXTS.get(error.errno, error.errno)
