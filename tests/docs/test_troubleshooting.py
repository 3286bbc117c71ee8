"""The texts in docs/troubleshooting.md are those that mountlab prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mountlab.kernel.advice import on_ptrace, on_user_namespaces
from mountlab.kernel.stage import SetupError, stage

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
TEXTS = re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE)
LISTED = ("*.py", "*.js")


PROC = "a container that hides parts of its /proc does not allow it"


def refused(what: str, advice: str) -> str:
    """What is said where the kernel refuses a step."""
    with pytest.raises(SetupError) as refusal, stage(what, advice):
        raise PermissionError(1, "")
    return str(refusal.value)


def source() -> str:
    """All that can print, with the seams of strings that go on in the next line taken out."""
    files = [path for kind in LISTED for path in sorted((ROOT / "mountlab").rglob(kind))]
    text = "\n".join(path.read_text() for path in [*files, ROOT / "Makefile"])
    return re.sub(r'"\s*\n\s*f?"', "", text)


def printed(*words: str, stdin: str = "") -> str:
    command = [sys.executable, "-m", "mountlab", *words]
    ran = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, cwd=ROOT)
    return ran.stdout + ran.stderr


SOURCE = source()


def parts(text: str) -> list[str]:
    """What a text says on every machine."""
    return [part.strip() for part in text.split("…") if part.strip(" ;:")]


def test_the_page_has_texts() -> None:
    assert len(TEXTS) > 15


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source, and what is put together of several strings, really printed."""
    sysctl = tmp_path_factory.mktemp("sysctl")
    forbidden = refused("make a user namespace", on_user_namespaces(sysctl))
    (sysctl / "user").mkdir()
    (sysctl / "user/max_user_namespaces").write_text("0\n")
    switched_off = refused("make a user namespace", on_user_namespaces(sysctl))
    pipe = printed("run", "-", stdin="host# cd / | cat\n")
    untraced = refused("trace a process", on_ptrace(sysctl))
    return "\n".join([SOURCE, forbidden, switched_off, untraced, refused("mount proc", PROC), pipe])


@pytest.mark.parametrize("text", TEXTS)
def test_each_text_is_what_the_program_says(text: str, said: str) -> None:
    for part in parts(text):
        assert part in said, part


def test_the_steps_are_those_of_the_sandbox() -> None:
    assert 'stage("make a user namespace", advice.on_user_namespaces())' in SOURCE
    assert f'stage("mount proc", "{PROC}")' in SOURCE
    assert 'stage("trace a process", advice.on_ptrace())' in SOURCE


def listed(said: str) -> bool:
    """Whether a line that was printed is one of the page's."""
    return any(all(part in said for part in parts(text)) for text in TEXTS)


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        (("run", "-"), "host# cd / | cat\n"),
        (("run", "no-such-file.mnt"), ""),
    ],
)
def test_what_is_printed_is_on_the_page(words: tuple[str, ...], stdin: str) -> None:
    assert listed(printed(*words, stdin=stdin))


def test_every_cure_is_told_and_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    entries = re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]

    for entry in entries:
        assert re.search(r"^(Cure|Cause|This is)", entry, re.MULTILINE), entry
    assert set(re.findall(r"`make ([a-z][a-z-]*)", PAGE)) <= targets
