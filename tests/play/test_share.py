"""Share strings: what goes in comes out, and what was changed on the way is told."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mountlab.play import share

TEXT = "#: init=bare\nhost# mkdir -p /a /b\nhost# mount -t tmpfs disk1 /a\nhost# mount --make-shared /a"


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_text_comes_back(text: str) -> None:
    assert share.load(share.dump(text)) == text


def test_the_string_is_one_short_word() -> None:
    string = share.dump(TEXT)

    assert share.is_share(string)
    assert len(string) < 60


def test_a_string_of_this_version_is_read_for_ever() -> None:
    # Written down when version A was made: whoever changes this breaks strings that people have.
    assert share.load("ArOaWw3QlmjsocAQA") == TEXT


@given(st.data())
def test_a_string_that_was_changed_or_cut_is_not_taken(data: st.DataObject) -> None:
    string = share.dump(TEXT)
    at = data.draw(st.integers(1, len(string) - 1))
    letter = data.draw(st.sampled_from("ABCXYZabcxyz0189-_"))
    ways = [string[:at], string[:at] + letter + string[at + 1 :], string + letter]
    try:
        text = share.load(data.draw(st.sampled_from(ways)))
    except share.ShareError:
        return
    # The last letter carries bits that mean nothing.
    assert text == TEXT


@pytest.mark.parametrize(
    ("string", "words"),
    [("B" + share.dump(TEXT)[1:], "version B"), ("host# ls", "no share string"), ("A" * 12, "not whole")],
)
def test_what_is_wrong_is_said(string: str, words: str) -> None:
    with pytest.raises(share.ShareError, match=words):
        share.load(string)


def test_a_string_that_unpacks_to_too_much_is_refused() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"\0\0\0" + packer.compress(b"a" * 50_000_000) + packer.flush()

    with pytest.raises(share.ShareError, match="more than 1048576 bytes"):
        share.load("A" + base64.urlsafe_b64encode(packed).decode().rstrip("="))


def test_bytes_that_are_no_text_are_refused() -> None:
    data = b"\xff\xfe\xff\xfe"
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = zlib.crc32(data).to_bytes(4, "big")[1:] + packer.compress(data) + packer.flush()

    with pytest.raises(share.ShareError, match="not whole"):
        share.load("A" + base64.urlsafe_b64encode(packed).decode().rstrip("="))
