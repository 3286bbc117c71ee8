"""Why a mount is here, why it is not, and what another command would have changed.

    machine = SimulatorBackend()
    for _ in play(parse(text), machine): ...
    print(why(machine, "c1", "/a/x"))
    print(whynot(machine, "c1", "/b"))
    print(whatif(machine, 3, "host# mount --make-private /a"))

Answers are chains of `Link`: a sentence, the rule behind it, the step it speaks of.  The sentences stand in
`mountlab.explain.words`.
"""

from mountlab.explain.answer import Answer, Cure, Link, QuestionError
from mountlab.explain.chain import why_mount
from mountlab.explain.verdicts import Verdict, verdicts
from mountlab.explain.whatif import Change, whatif
from mountlab.explain.why import obstacles, why, whynot

__all__ = [
    "Answer",
    "Change",
    "Cure",
    "Link",
    "QuestionError",
    "Verdict",
    "obstacles",
    "verdicts",
    "whatif",
    "why",
    "why_mount",
    "whynot",
]
