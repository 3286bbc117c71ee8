"""The predictions of the notebooks: small transcripts that say where they stop, and what is asked there.

A prediction is a file ``catalogue/predictions/NOTEBOOK/NAME.mnt``:

    #: title="The disk that comes later" kind=visible shows=cdrom init=systemd
    #: misconceptions="table-is-global shared-reaches-all"
    host# mkdir /mnt/cdrom
    child# unshare --mount
    #? predict
    host# mount -t tmpfs cdrom /mnt/cdrom
    #? place host: /mnt/cdrom
    #? place child: /mnt/cdrom

The answer is computed, and so is what each of the misconceptions' believers would answer.  Kinds of question:
`mountlab.practice.asked`.  Other lines: ``#? ask WORDS`` puts the question in other words;
``#? wrong SLUG: TEXT`` is one more wrong choice.  ``transfer=yes`` in the header says that something known is
met in a new situation.  ``python -m mountlab.practice.predictions FILE`` shows a prediction and what is wrong
with it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from mountlab.practice.asked import Draft, Place, Wrong
from mountlab.practice.questions import Question, flaws, make
from mountlab.practice.words import say
from mountlab.shell.complaints import TranscriptError, shown
from mountlab.shell.expect import SHELL
from mountlab.shell.transcript import parse, read

NOTEBOOKS = {
    "00": "00-start-here",
    "01": "01-bind-mounts",
    "02": "02-mount-namespaces",
    "03": "03-peer-groups",
    "04": "04-slaves-and-unbindable",
    "05": "05-docker-and-mountflags",
    "06": "06-kubernetes",
}
"""The notebooks that ask, by number."""

MARK = "? predict"
PLACE = re.compile(rf"\? place ({SHELL}): (/\S*)")
WRONG = re.compile(r"\? wrong ([a-z-]+): (.+)")
ASK = re.compile(r"\? ask (.+)")


class Prediction(NamedTuple):
    """A question that a notebook asks before it runs a command."""

    notebook: str
    """Its number, ``02``."""
    name: str
    title: str
    transfers: bool
    """It takes something known into a new situation."""
    draft: Draft

    @property
    def question(self) -> Question:
        """The question with its answer, computed."""
        return make(self.draft)


@cache
def predictions() -> Mapping[str, Prediction]:
    """All of them, as ``02/cdrom``, in the order of the notebooks."""
    folder = files("mountlab.practice") / "catalogue" / "predictions"
    found = {}
    for notebook in NOTEBOOKS:
        inside = folder / notebook
        for name in sorted(file.name[:-4] for file in inside.iterdir() if file.name.endswith(".mnt")):
            text = (inside / f"{name}.mnt").read_text(encoding="utf-8")
            found[f"{notebook}/{name}"] = read_one(notebook, name, text)
    return MappingProxyType(found)


def prediction(name: str) -> Prediction:
    """One prediction, ``02/cdrom``.

    Raises:
        KeyError: when there is none of that name; it says which there are.
    """
    if name not in predictions():
        notebook = name.partition("/")[0]
        near = [each for each in predictions() if each.startswith(f"{notebook}/")]
        raise KeyError(say("no.prediction", name=shown(name), near=", ".join(near or NOTEBOOKS)))
    return predictions()[name]


def read_one(notebook: str, name: str, text: str) -> Prediction:
    """One prediction from its file.

    Raises:
        TranscriptError: when the transcript is none, or its parts are missing.
    """
    transcript = parse(text, f"{name}.mnt")
    header = transcript.header
    comments = dict(transcript.comments)
    marks = [line for line, comment in comments.items() if comment == MARK]
    if len(marks) != 1 or "title" not in header:
        raise TranscriptError(say("prediction.lacks"), file=transcript.file)
    story = [step for step in transcript.steps if step.line < marks[0]]
    asked = [step for step in transcript.steps if step.line > marks[0]]
    lines = text.replace("\r\n", "\n").split("\n")

    def written(steps: list[tuple[int, int]]) -> str:
        return "\n".join("\n".join(lines[first - 1 : last]) for first, last in steps)

    draft = Draft(
        f"{notebook}/{name}",
        header.get("kind", "visible"),
        written([(step.line, step.end_line) for step in story]),
        written([(step.line, step.end_line) for step in asked]),
        tuple(Place(*match.groups()) for match in _matches(PLACE, comments)),
        header.get("shows", ""),
        tuple(header.get("misconceptions", "").split()),
        next((match[1] for match in _matches(ASK, comments)), ""),
        header.get("init", "bare"),
        tuple(Wrong(match[2], match[1]) for match in _matches(WRONG, comments)),
    )
    _refuse_strange(comments, transcript.file)
    return Prediction(notebook, name, header["title"], header.get("transfer") == "yes", draft)


def _matches(pattern: re.Pattern[str], comments: Mapping[int, str]) -> Iterator[re.Match[str]]:
    return (match for comment in comments.values() if (match := pattern.fullmatch(comment)))


def _refuse_strange(comments: Mapping[int, str], file: str) -> None:
    """A ``#?`` line that is none of ours is a slip of the pen."""
    for line, comment in comments.items():
        known = comment == MARK or any(pattern.fullmatch(comment) for pattern in (PLACE, WRONG, ASK))
        if comment.startswith("?") and not known:
            raise TranscriptError(say("prediction.strange", line=line, words=shown(f"#{comment}")), file=file)


def main(paths: list[str]) -> int:
    """Show predictions from files, with what is wrong with them; 1 when anything is."""
    worst = 0
    for path in paths:
        try:
            question = read_one("00", path, read(path)).question
        except (TranscriptError, ValueError) as error:
            print(error)
            return 1
        print(question.with_story())
        print(say("key", right=", ".join(map(str, sorted(question.right))) or say("none")))
        for slug, taken in question.beliefs.items():
            print(say("key.believer", slug=slug, taken=", ".join(map(str, sorted(taken))) or say("none")))
        for flaw in flaws(question):
            print(say("flaw", flaw=flaw))
            worst = 1
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
