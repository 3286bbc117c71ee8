"""Is a real kernel at hand?"""

from __future__ import annotations

MODELLED_UTIL_LINUX = "2.38.1"
"""The version whose messages the simulator knows word for word."""


def kernel_here() -> str:
    """The answer in one sentence; it differs from machine to machine.

    A cell that shows it carries the tag ``nbval-ignore-output``.
    """
    try:
        from mountlab.kernel.probe import probe  # noqa: PLC0415 - a browser tab has no such room
    except ImportError:
        return "No: this Python cannot start programs. The simulator runs every cell of the course."
    found = probe()
    if found.kind is None:
        return f"No: {found.reason}. The simulator runs every cell of the course."
    version = f"util-linux {found.utillinux}"
    if found.utillinux != MODELLED_UTIL_LINUX:
        version += f" (you read the messages of {MODELLED_UTIL_LINUX})"
    return f"Yes: Linux {found.kernel} with {version}, in {found.reason}."


def doctor() -> str:
    """What `mountlab doctor` prints."""
    try:
        from mountlab.kernel import doctor as kernel_doctor  # noqa: PLC0415 - a browser tab has no such room
    except ImportError:
        return kernel_here() + "\n"
    return kernel_doctor.text(kernel_doctor.examine())
