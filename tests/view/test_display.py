"""What a notebook is given: text, picture and data in one output; numbers as lessons tell them."""

from __future__ import annotations

import base64

import pytest

import mountlab
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
