"""What stands in the way of user namespaces, and the command that would change it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mountlab.kernel.advice import on_ptrace, on_user_namespaces


@pytest.mark.parametrize(
    ("name", "value", "command"),
    [
        ("user/max_user_namespaces", "0", "sudo sysctl user.max_user_namespaces=15000"),
        ("kernel/unprivileged_userns_clone", "0", "sudo sysctl kernel.unprivileged_userns_clone=1"),
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ],
)
def test_the_switch_that_forbids_is_named(name: str, value: str, command: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir()
    file.write_text(value + "\n")

    assert f"`{command}`" in on_user_namespaces(tmp_path)

    file.write_text("7" if value == "0" else "0")
    assert "--security-opt seccomp=unconfined" in on_user_namespaces(tmp_path)


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("1", "`--cap-add SYS_PTRACE`"),
        ("2", "`sudo sysctl kernel.yama.ptrace_scope=1`"),
        ("3", "until this computer is started anew"),
    ],
)
def test_what_forbids_to_trace_is_named(scope: str, words: str, tmp_path: Path) -> None:
    assert "SYS_PTRACE" in on_ptrace(tmp_path)

    file = tmp_path / "kernel" / "yama" / "ptrace_scope"
    file.parent.mkdir(parents=True)
    file.write_text(scope + "\n")
    assert words in on_ptrace(tmp_path)
