"""Tests of when a recording is held against the programs that are installed."""

from __future__ import annotations

import pytest

from tests.runtimes.live import same_versions


@pytest.mark.parametrize(
    ("recorded", "here"),
    [
        ("systemd 252 (252.39-1~deb12u2)", "systemd 252 (252.38-1~deb12u1)"),
        ("runc version 1.1.5+ds1", "runc version 1.1.5"),
        ("Docker version 20.10.24+dfsg1, build 5d6db84", "Docker version 20.10.24+dfsg1, build 1"),
        ("containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3", "containerd 1.6.20 1.6.20"),
    ],
)
def test_a_distributions_patches_make_no_other_release(recorded: str, here: str) -> None:
    same_versions({"versions": {"it": recorded}}, {"versions": {"it": here}}, "it")


@pytest.mark.parametrize(
    ("recorded", "here"),
    [
        ("systemd 252 (252.39-1~deb12u2)", "systemd 255 (255.4-1ubuntu8)"),
        ("runc version 1.1.5+ds1", "runc version 1.1.15+ds1"),
        ("crun version 1.8.1", "crun version 1.14.1"),
    ],
)
def test_another_release_is_skipped_with_both_versions(recorded: str, here: str) -> None:
    with pytest.raises(pytest.skip.Exception, match="recorded: "):
        same_versions({"versions": {"it": recorded}}, {"versions": {"it": here}}, "it")
