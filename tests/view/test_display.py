"""What a notebook is given: text, picture and data in one output; numbers as lessons tell them."""

from __future__ import annotations

import base64

import pytest

import mountlab
from mountlab.shell.start import simulated
from mountlab.shell.transcript import parse
from mountlab.view.display import STEPPER, Display

SHARED = """#: init=systemd
host# mkdir /a
c1# unshare --mount --propagation {how}
host# mount -t tmpfs disk /a
"""


def test_an_output_has_text_a_picture_and_the_steps() -> None:
    bundle = mountlab.show(SHARED.format(how="slave"))._repr_mimebundle_()

    assert set(bundle) == {"text/plain", "image/png", STEPPER}
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["text/plain"].splitlines()[-1] == "    /a  ■ disk  master:2, new"


def test_groups_are_counted_as_they_appear() -> None:
    text = str(mountlab.show(SHARED.format(how="slave")))

    assert "shared:1" in text
    assert "shared:2" in text
    assert "shared:3" not in text


def test_two_worlds_stand_side_by_side() -> None:
    worlds = (SHARED.format(how=how) for how in ("private", "slave"))
    display = mountlab.two_worlds(*worlds, titles=["private", "slave"])

    assert isinstance(display, Display)
    assert display.data["titles"] == ["private", "slave"]
    private, slave = str(display).split("\nslave\n")
    assert "(not here)" in private
    assert "(not here)" not in slave


def test_two_worlds_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 lines and 1 do not"):
        mountlab.two_worlds("a# true\na# true\n", "a# true\n")


def test_the_same_transcript_always_gives_the_same_output() -> None:
    first, second = (mountlab.show(SHARED.format(how="slave"))._repr_mimebundle_() for _ in range(2))

    assert first == second


UNBINDABLE = """host# mkdir /a
host# mount -t tmpfs disk /a
host# mount --make-unbindable /a
c1# unshare --mount --propagation unchanged
"""


def test_a_transcript_is_shown_as_an_older_kernel_has_it() -> None:
    assert str(mountlab.show(UNBINDABLE, kernel="6.1")).count("unbindable") == 2
    assert str(mountlab.show(UNBINDABLE)).count("unbindable") == 1


def test_two_worlds_may_be_two_kernels() -> None:
    both = mountlab.two_worlds(UNBINDABLE, UNBINDABLE, kernels=["6.1", "6.18"])

    alone = [mountlab.show(UNBINDABLE, kernel=kernel).data for kernel in ("6.1", "6.18")]
    assert both.data["pair"] == alone
    assert alone[0] != alone[1]


def test_a_kernel_is_asked_for_with_a_transcript_and_must_be_one() -> None:
    machine = simulated(parse(UNBINDABLE, "x"))

    with pytest.raises(ValueError, match="is for a transcript"):
        mountlab.show(machine, kernel="6.1")
    with pytest.raises(ValueError, match=r"5\.15 to 6\.18"):
        mountlab.show(UNBINDABLE, kernel="4.9")
