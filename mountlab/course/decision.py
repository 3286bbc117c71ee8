"""Which mode does this volume need?  A tree of questions to click through, in nested HTML details.

`details` needs no script: it opens by mouse and keyboard, in a notebook that is not trusted, and without a
kernel; on paper the whole tree is there.  What each answer promises is tried on the simulator by
``tests/course/test_decision.py``.
"""

from __future__ import annotations

from html import escape
from typing import NamedTuple


class Leaf(NamedTuple):
    """Where the questions end."""

    advice: str
    mode: str | None
    """What to write; None where no mode of this volume helps."""
    hears: bool = False
    """It promises that the container sees what is mounted on the node later."""
    is_heard: bool = False
    """It promises that the node sees what the container mounts."""
    is_privileged: bool = False


class Question(NamedTuple):
    """A question with its answers."""

    text: str
    answers: tuple[tuple[str, Question | Leaf], ...]


_NODE_MOUNTS = Leaf(
    "No mode helps an unprivileged container: the API server refuses Bidirectional. Let the node mount it:"
    " a CSI driver, a unit of systemd, or one privileged pod whose job that is; this container takes"
    " HostToContainer.",
    "HostToContainer",
    hears=True,
)
_BOTH = Leaf(
    "Bidirectional, with privileged: true. Who is to see it needs HostToContainer (or Bidirectional) as"
    " well. Unmount before the container ends, in preStop and after a crash: what was sent stays.",
    "Bidirectional",
    hears=True,
    is_heard=True,
    is_privileged=True,
)
TREE = Question(
    "Is anything mounted below this directory while the container runs?",
    (
        (
            "No, only files come and go.",
            Leaf("None: write nothing. Files are shared by the directory, without any mode.", "None"),
        ),
        (
            "Yes, by the node or by another pod.",
            Question(
                "Must this container see it without being started again?",
                (
                    (
                        "Yes.",
                        Leaf(
                            "HostToContainer. The node's directory must lie on a shared mount, or on a"
                            " slave of whoever mounts.",
                            "HostToContainer",
                            hears=True,
                        ),
                    ),
                    (
                        "No, what is there at its start is enough.",
                        Leaf(
                            "None. But it then keeps its copy of what the node unmounts later. If that"
                            " must not be held: HostToContainer.",
                            "None",
                        ),
                    ),
                ),
            ),
        ),
        (
            "Yes, by this container itself.",
            Question(
                "Who has to see it?",
                (
                    (
                        "Only this container.",
                        Leaf(
                            "None. It needs the right to mount (privileged, or SYS_ADMIN), and no mode.",
                            "None",
                            is_privileged=True,
                        ),
                    ),
                    (
                        "Other containers of the pod, other pods, or the node.",
                        Question(
                            "May this container be privileged?",
                            (("Yes.", _BOTH), ("No.", _NODE_MOUNTS)),
                        ),
                    ),
                ),
            ),
        ),
    ),
)


def leaves(question: Question = TREE) -> list[Leaf]:
    """All ends of the tree, from top to bottom."""
    found: list[Leaf] = []
    for _, then in question.answers:
        found += [then] if isinstance(then, Leaf) else leaves(then)
    return found


class Decision:
    """The tree as an output of a cell."""

    def __repr__(self) -> str:
        return "\n".join(_lines(TREE, 0))

    def _repr_html_(self) -> str:
        return f"<div>{_html(TREE)}</div>"


def decide() -> Decision:
    """Ask which mode a volume needs."""
    return Decision()


def _lines(question: Question, depth: int) -> list[str]:
    space = "    " * depth
    lines = [f"{space}{question.text}"]
    for answer, then in question.answers:
        lines.append(f"{space}  - {answer}")
        lines += [f"{space}      {then.advice}"] if isinstance(then, Leaf) else _lines(then, depth + 1)
    return lines


def _html(question: Question) -> str:
    answers = "".join(
        f"<details><summary>{escape(answer)}</summary>{_then(then)}</details>"
        for answer, then in question.answers
    )
    return f"<p><strong>{escape(question.text)}</strong></p>{answers}"


def _then(then: Question | Leaf) -> str:
    inside = f"<p>{escape(then.advice)}</p>" if isinstance(then, Leaf) else _html(then)
    return f"<blockquote>{inside}</blockquote>"
