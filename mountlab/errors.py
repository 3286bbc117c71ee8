"""The one exception of the engine: a system call that was refused, and the rule that refused it."""

from __future__ import annotations


class MountError(Exception):
    """A system call failed, as the kernel would fail it.

    Attributes:
        errno: the symbolic error number, such as ``"EBUSY"``.
        rule: id of the rule that was broken; `mountlab.rules.RULES` holds its sentence and source.
        sentence: what was wrong, in words, about this very call.

    The state of the machine is as it was before the call.
    """

    def __init__(self, errno: str, rule: str, sentence: str = "") -> None:
        super().__init__(f"{errno}: {sentence}" if sentence else errno)
        self.errno = errno
        self.rule = rule
        self.sentence = sentence
