"""The lexer against real shells: whatever it accepts means in bash and in sh what it means here."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from mountlab.shell.complaints import TranscriptError
from mountlab.shell.lexer import Lexed, lex
from mountlab.shell.syntax import CommandLine

SHELLS = [name for name in ("bash", "dash") if shutil.which(name)]
pytestmark = [
    pytest.mark.programs,
    pytest.mark.skipif(
        not SHELLS, reason="neither bash nor dash is installed here (Debian: apt-get install bash)"
    ),
]

# The function stands for any program: it tells its words, and what it reads when it is given a document.
PROLOGUE = """w() { printf '%s\\0' "$#" "$@" >&3; echo out; echo err >&2; }
d() { printf '%s\\0' document >&3; cat >&3; printf '\\0' >&3; }
"""

FEW = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def told_by(shell: str, script: str, folder: Path) -> tuple[str, list[tuple[str, str]]]:
    """What the function told of its words, and the files that redirects made, with their content."""
    folder.mkdir()
    told = folder.parent / "told"
    try:
        (folder.parent / "script").write_text(PROLOGUE + script + "\n")
        with told.open("wb") as report:
            command = f'exec 3>&1 >/dev/null 2>&1; . "{folder.parent / "script"}"'
            subprocess.run([shell, "-c", command], cwd=folder, stdout=report, check=False, timeout=20)
        files = sorted((path.name, path.read_text()) for path in folder.iterdir())
        return told.read_text(), files
    finally:
        shutil.rmtree(folder)


def told_by_us(line: CommandLine) -> tuple[str, list[tuple[str, str]]]:
    """The same, by what the lexer makes of the line."""
    told, files = "", {}
    for command in line.commands:
        name, *words = command.argv
        outputs = {1: "out\n", 2: "err\n"} if name == "w" else {}
        for redirect in command.redirects:
            files[redirect.target] = files.get(redirect.target, "") if redirect.append else ""
        for fd, text in outputs.items():
            last = [redirect.target for redirect in command.redirects if redirect.fd == fd]
            if last:
                files[last[-1]] += text
        if name == "w":
            told += "".join(f"{word}\0" for word in (str(len(words)), *words))
        elif name == "d":
            told += f"document\0{command.stdin or ''}\0"
    return told, sorted(files.items())


PLAIN = st.text("abz019_-+.,:/@%^{}=!#]", min_size=1, max_size=4).filter(lambda text: text[0] not in "#{}!")
ESCAPED = st.sampled_from(r"""\a \  \" \' \\ \# \$ \` \; \& \* \? \[ \~ \{ \|""".split(" ")).filter(len)
SINGLE = st.text('ab $`"\\*?[;&|<>(){},~#!', max_size=5).map(lambda text: f"'{text}'")
DOUBLE = st.lists(
    st.one_of(
        st.text("ab '*?[;&|<>(){},~#!", min_size=1, max_size=3),
        st.sampled_from(["\\$", "\\`", '\\"', "\\\\", "\\a"]),
    ),
    max_size=4,
).map(lambda parts: '"' + "".join(parts) + '"')
WORD = st.lists(
    st.one_of(PLAIN, SINGLE, DOUBLE, st.just("\\ "), st.just("\\'"), st.just("\\#")), min_size=1, max_size=4
).map("".join)
GAP = st.sampled_from([" ", "  ", "\t", " \\\n ", "\\\n "])
REDIRECT = st.sampled_from(["> f", ">f", ">>f", "2>e", "1> f", "2>>'e e'", ">\\\n f"])
COMMAND = st.tuples(st.lists(st.tuples(GAP, st.one_of(WORD, WORD, WORD, REDIRECT)), max_size=4)).map(
    lambda parts: "w" + "".join(gap + word for gap, word in parts[0])
)
LINE = st.tuples(
    st.lists(COMMAND, min_size=1, max_size=3),
    st.sampled_from([";", " ; ", "&&", " && "]),
    st.sampled_from(["", ";", " # '"]),
).map(lambda parts: parts[1].join(parts[0]) + parts[2])


def lexed_or_refused_for(lines: list[str], *reasons: str) -> Lexed | None:
    try:
        return lex(lines, 0, 0)
    except TranscriptError as refusal:
        if any(reason in refusal.sentence for reason in reasons):
            return None
        raise


def compare(script: str, line: CommandLine, tmp_path: Path) -> None:
    ours = told_by_us(line)
    for shell in SHELLS:
        assert told_by(shell, script, tmp_path / "here") == ours, shell


@FEW
@given(LINE)
def test_lines_of_the_language_are_accepted_and_mean_what_a_shell_means(tmp_path: Path, script: str) -> None:
    # Only what a shell would expand may be refused in a line made of plain words.
    lexed = lexed_or_refused_for(script.split("\n"), "braces", "'~'")
    if lexed:
        compare(script, lexed.line, tmp_path)


NASTY = st.sampled_from(list("aw12 \t'\"\\#;&><{},.~=!]-") * 3 + list("$`*?[|()\n"))


@settings(FEW, max_examples=400)
@given(st.lists(st.text(NASTY, max_size=12), min_size=1, max_size=3))
def test_whatever_is_accepted_means_what_a_shell_means(tmp_path: Path, parts: list[str]) -> None:
    script = ";".join(f"w {part}" for part in parts)
    try:
        lexed = lex(script.split("\n"), 0, 0)
    except TranscriptError:
        return
    targets = {redirect.target for command in lexed.line.commands for redirect in command.redirects}
    runnable = all(command.argv[0] in ("w", "true") for command in lexed.line.commands)
    if runnable and not targets & {".", "..", ""} and lexed.lines_used == script.count("\n") + 1:
        event("compared")
        compare(script, lexed.line, tmp_path)


BODY = st.lists(
    st.text("a\t'\"# >", max_size=4).map(lambda text: text)
    | st.sampled_from(
        [
            "\\$a",
            "\\`",
            "\\\\",
            "a\\",
            "\\\\\\",
            "EOF ",
            " EOF",
            "\tEOF",
            "E\\",
            "host# cat",
            "\\a",
            "#? exit 1",
        ]
    ),
    max_size=5,
)
OPENING = st.sampled_from(["<<EOF", "<<'EOF'", "<<-EOF", '<<-"EOF"', "<< \\EOF", "<<E''OF", "0<<EOF"])


@FEW
@given(OPENING, BODY)
def test_here_documents_are_read_as_a_shell_reads_them(tmp_path: Path, opening: str, body: list[str]) -> None:
    lines = [f"d {opening}", *body, "EOF"]
    lexed = lexed_or_refused_for(lines, "never ends")
    if lexed:
        compare("\n".join(lines[: lexed.lines_used]), lexed.line, tmp_path)


@pytest.mark.parametrize(
    "script",
    [
        "d <<A; d <<B\none\nA\ntwo\nB",
        "d <<A <<B\none\nA\ntwo\nB",
        "d <<A >f && w x\none\nA",
        "<<A d\nstands first\nA",
        "w a#b '#' \"#\" \\# # w c",
        "w '' \"\" ''\"\" a''b",
        "> f",
        ">f w a; >>f w b",
        "w 2>e 22 >f",
        "w a2>f",
        "w 2\\>f '2'>g",
        "w a=b a~ b~/c a:~",
        "w {} {a} a{b}c {1..} {a\\,b}",
        "w [ ] [] a] \\[a] '[a]'",
        "w \\\na\\\n\\\nb",
        "w a\\\n",
        "w é ü\\é 'ß'",
    ],
)
def test_subtle_lines(script: str, tmp_path: Path) -> None:
    lexed = lex(script.split("\n"), 0, 0)
    assert lexed.lines_used == len(script.split("\n"))
    compare(script, lexed.line, tmp_path)
