"""How the model of a container program says that it failed."""

from __future__ import annotations


class ContainerError(Exception):
    """A program failed.

    Attributes:
        text: what it prints to stderr, whole lines without the last newline.
        status: its exit status.
    """

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.text, self.status = text, status
