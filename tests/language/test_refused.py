"""Whatever is outside the language is refused as a whole, with file, line, word and a way out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mountlab.shell.complaints import TranscriptError
from mountlab.shell.syntax import Command
from mountlab.shell.transcript import decode, parse, read
from tests.language.worlds import any_program


def refused(text: str, check: object = any_program) -> TranscriptError:
    with pytest.raises(TranscriptError) as caught:
        parse(text, "lesson.mnt", check)  # type: ignore[arg-type]
    return caught.value


# The transcript, the line that is refused, its column, the word, and what the message says besides.
TABLE = [
    # no prompt, or another one
    ("host# true\nmount --bind /a /b", 2, 1, "mount", "host# mount --bind /a /b"),
    ("c1# true\nmount", 2, 1, "mount", "c1# mount"),
    ("root@c1:~# mount -l", 1, 1, "root@c1:~#", "c1# mount -l"),
    ("  root@web-1.example:/mnt# ls", 1, 3, "root@web-1.example:/mnt#", "web-1.example# ls"),
    ("[root@box ~]# ls", 1, 1, "[root@box", "box# ls"),
    ("host:/mnt# ls", 1, 1, "host:/mnt#", "host# ls"),
    ("/ # ls", 1, 1, "/", "host# ls"),
    ("~# ls", 1, 1, "~#", "host# ls"),
    ("$ ls", 1, 1, "$", "host# ls"),
    ("host#mount", 1, 1, "host#mount", "host# mount"),
    ("-host# ls", 1, 1, "-host#", "NAME# COMMAND"),
    (" console output", 1, 2, "console", "NAME# COMMAND"),
    ("host$ ls", 1, 1, "host$", "unprivileged"),
    ("host$", 1, 1, "host$", "unprivileged"),
    # what a shell would expand or run
    ("\n\nhost# ls | wc -l", 3, 10, "|", "no pipes"),
    ("host# ls || true", 1, 10, "||", "'&&'"),
    ("host# ls |& cat", 1, 10, "|", "no pipes"),
    ("host# sleep 1 &", 1, 15, "&", "background"),
    ("host# (cd /a)", 1, 7, "(", "no subshells"),
    ("host# ls )", 1, 10, ")", "no subshells"),
    ("host# f() { ls; }", 1, 8, "(", "functions"),
    ("host# echo $HOME", 1, 12, "$", "quote it"),
    ('host# echo "a $HOME"', 1, 15, "$", "quote it"),
    ("host# echo $(ls)", 1, 12, "$", "substitutions"),
    ("host# echo `ls`", 1, 12, "`", "substitutions"),
    ('host# echo "`ls`"', 1, 13, "`", "substitutions"),
    ("host# ls /a/*", 1, 10, "/a/*", "globs"),
    ("host# ls /a?", 1, 10, "/a?", "globs"),
    ("host# ls [ab]", 1, 10, "[ab]", "globs"),
    ("host# ls 'x'[ab]", 1, 10, "x[ab]", "globs"),
    ("host# mkdir /{a,b}", 1, 13, "/{a,b}", "braces"),
    ("host# mkdir d{1..3}", 1, 13, "d{1..3}", "braces"),
    ("host# cd ~", 1, 10, "~", "write the path out"),
    ("host# cd ~root/x", 1, 10, "~root/x", "write the path out"),
    ("host# echo d=~/x", 1, 12, "d=~/x", "write the path out"),
    ("host# A=b", 1, 7, "A=b", "no variables"),
    ("host# LC_ALL=C mount", 1, 7, "LC_ALL=C", "no variables"),
    ("host# for x in a b; do ls; done", 1, 7, "for", "no shell programming"),
    ("host# if true; then ls; fi", 1, 7, "if", "no shell programming"),
    ("host# ! true", 1, 7, "!", "no shell programming"),
    ("host# true; { ls; }", 1, 13, "{", "no shell programming"),
    # operators
    ("host# ; ls", 1, 7, ";", "before ';'"),
    ("host# ls ; ; ls", 1, 12, ";", "before ';'"),
    ("host# case x in x) ls;; esac", 1, 7, "case", "no shell programming"),
    ("host# ls;; ls", 1, 9, ";;", "refused"),
    ("host# && ls", 1, 7, "&&", "before '&&'"),
    ("host# ls &&", 1, 12, "&&", "must follow '&&'"),
    ("host# ls && # later", 1, 13, "&&", "must follow '&&'"),
    ("host# cat < /a/f", 1, 11, "<", "name the file"),
    ("host# cat <<< word", 1, 11, "<<<", "here-document"),
    ("host# ls >", 1, 10, ">", "a word must follow"),
    ("host# ls > # x", 1, 10, ">", "a word must follow"),
    ("host# ls > ; ls", 1, 10, ">", "a word must follow"),
    ("host# ls >| f", 1, 10, ">|", "write '>'"),
    ("host# ls 2>&1", 1, 10, "2", "file descriptor"),
    ("host# ls >& f", 1, 10, ">&", "after '>'"),
    ("host# ls &> f", 1, 10, "&>", "after '>'"),
    ("host# ls 3> f", 1, 10, "3", "file descriptor"),
    ("host# ls 0> f", 1, 10, "0", "file descriptor"),
    ("host# cat 3<<EOF\nEOF", 1, 11, "3", "file descriptor"),
    ("host# ls > $f", 1, 12, "$", "no variables"),
    ("host# ls > f*", 1, 12, "f*", "globs"),
    # quotes, continued lines, here-documents
    ("host# echo 'a b", 1, 12, "'a b", "not closed"),
    ('host# echo x"a b', 1, 13, '"a b', "not closed"),
    ("host# echo 'a\nb'", 1, 12, "'a", "same line"),
    ("host# echo a \\", 1, 14, "\\", "ends here"),
    ("host# echo a \\\n 'b", 2, 2, "'b", "not closed"),
    ("host# cat <<EOF\nbody\n EOF", 1, 11, "EOF", "never ends"),
    ("host# cat <<EOF\na\\", 1, 11, "EOF", "never ends"),
    ("host# cat <<", 1, 11, "<<", "a word must follow"),
    ("host# cat <<EOF\nfine\na $x\nEOF", 3, 3, "$", "<<'EOF'"),
    ("host# cat <<EOF\na\\\nb `x`\nEOF", 3, 3, "`", "<<'EOF'"),
    # header
    ("#: systemd", 1, 4, "systemd", "key=value"),
    ("#: title=A slave", 1, 12, "slave", "key=value"),
    ("#: init=bare\n#: init=systemd", 2, 4, "init=systemd", "already"),
    ('#: title="A b', 1, 10, '"A b', "not closed"),
    # expectations
    ("host# ls\n#? exit", 2, 4, "exit", "exit N [ERRNO]"),
    ("host# ls\n#? exit x", 2, 9, "x", "exit N [ERRNO]"),
    ("host# ls\n#? exit 32 ebusy", 2, 12, "ebusy", "exit N [ERRNO]"),
    ("host# ls\n#? exit 32 EBUSY now", 2, 18, "now", "exit N [ERRNO]"),
    ("#? exit 0", 1, 4, "exit", "no command"),
    ("host#\n#? exit 0", 2, 4, "exit", "no command"),
    ("#? c1: /b monted", 1, 11, "monted", "mounted|absent"),
    ("#? c1: /b", 1, 8, "/b", "mounted|absent"),
    ("#? c1: b mounted", 1, 8, "b", "absolute"),
    ("#? c1:/b mounted", 1, 4, "c1:/b", "c1:"),
    ("#? c1: /b absent propagation=shared", 1, 18, "propagation=shared", "nothing follows"),
    ("#? c1: /b mounted propagation=sharde", 1, 19, "propagation=sharde", "shared,slave"),
    ("#? c1: /b mounted options=ro", 1, 19, "options=ro", "fstype="),
    ("#? c1: /b mounted shared", 1, 19, "shared", "propagation="),
    ("#? c1: /b same-as /c", 1, 11, "same-as", "SHELL: PATH same-as SHELL: PATH"),
    ("#? c1: /b same-as c2 /c", 1, 19, "c2", "colon"),
    ("#? c1: '/b mounted", 1, 8, "'/b mounted", "not closed"),
]


@pytest.mark.parametrize(
    ("text", "line", "column", "word", "says"), TABLE, ids=[repr(row[0])[:40] for row in TABLE]
)
def test_the_message_has_file_line_word_and_a_way_out(
    text: str, line: int, column: int, word: str, says: str
) -> None:
    error = refused(text)

    assert (error.line, error.column) == (line, column)
    assert error.word == word
    message = str(error)
    assert message.startswith(f"lesson.mnt:{line}:{column}: ")
    assert f"line {line} | {text.splitlines()[line - 1]}" in message
    assert says in message


def test_the_mark_stands_under_the_word() -> None:
    excerpt, mark = str(refused("\nhost# ls | wc")).splitlines()[1:]

    assert excerpt[mark.index("^")] == "|"


def test_the_mark_stands_under_the_word_of_a_long_line() -> None:
    excerpt, mark = str(refused("host# echo " + "x" * 5000 + " | wc " + "y" * 5000)).splitlines()[1:]

    assert excerpt[mark.index("^")] == "|"
    assert len(excerpt) < 130
    assert (excerpt.count("…"), excerpt[-1]) == (2, "…")


def test_an_excerpt_is_only_marked_as_cut_where_it_is() -> None:
    whole, cut = (str(refused("x" * length)).splitlines()[1] for length in (100, 101))

    assert whole == "  line 1 | " + "x" * 100
    assert cut == "  line 1 | " + "x" * 100 + "…"


def only_mount(command: Command) -> str | None:
    if command.argv[0] != "mount":
        return f"'{command.argv[0]}' is no program of this language"
    unknown = [word for word in command.argv if word == "--frobnicate"]
    return f"mount has no option '{unknown[0]}'; it has --bind" if unknown else None


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ("host# mount\nhost# monut /a", 2, 7, "monut"),
        ("host# mount && monut", 1, 16, "monut"),
        ("host# mount --frobnicate /a", 1, 13, "--frobnicate"),
        ("host# mount \\\n  --frobnicate", 2, 3, "--frobnicate"),
        ("host# cat <<EOF\nx\nEOF", 1, 7, "cat"),
        ("host# ''", 1, 7, ""),
        ("host# /bin/mount", 1, 7, "/bin/mount"),
    ],
)
def test_unknown_programs_and_options_are_refused_where_they_stand(
    text: str, line: int, column: int, word: str
) -> None:
    error = refused(text, only_mount)

    assert (error.line, error.column, error.word) == (line, column, word)


def test_a_later_line_refuses_the_whole_transcript() -> None:
    assert refused("host# true\n" * 500 + "nonsense").line == 501


def test_ten_megabytes_in_a_line_are_not_echoed() -> None:
    big = "x" * 10_000_000
    for line, text in (
        (1, big),
        (1, f"host# echo {big}"),
        (1, f"host# {big}"),
        (1, f"root@{big}"),
        (1, f"#: {big}"),
        (2, f"\n#? c1: /{big} monted"),
        (2, f"host# echo a \\\n{big}"),
        (1, f"host# cat <<{'E' * 1000}\n{big}"),
    ):
        error = refused(text, only_mount)
        assert error.line == line
        assert len(str(error)) < 1000


def test_a_judge_that_does_not_name_the_program_is_helped() -> None:
    assert refused("host# mount", lambda _command: "no such thing").sentence == "'mount': no such thing"


def test_nothing_in_a_message_moves_the_cursor() -> None:
    error = refused("host# echo \x1b[2J\x07\u202e | cat")

    assert all(char.isprintable() or char == "\n" for char in str(error))
    assert "\\xa0" in refused("host#\xa0mount").sentence


# -- files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "line", "column", "says"),
    [
        (b"host# true\nhost# ec\0ho", 2, 9, "NUL"),
        (b"\x7fELF\x02\x01\x01\0\0\0", 1, 8, "NUL"),
        (b"host# true\n\nhost# echo \xff\xfe", 3, 12, "0xff"),
        ("host# echo é".encode() + b"\xe9\n", 1, 13, "0xe9"),
        ("host# true\n".encode("utf-16"), 1, 1, "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\0\0", 1, 1, "0x89"),
    ],
)
def test_bytes_that_are_no_text_are_refused(
    tmp_path: Path, data: bytes, line: int, column: int, says: str
) -> None:
    file = tmp_path / "lesson.mnt"
    file.write_bytes(data)

    with pytest.raises(TranscriptError, match=says) as caught:
        read(str(file))

    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.file == str(file)


def test_a_byte_order_mark_and_dos_line_ends_are_accepted() -> None:
    text = decode(b"\xef\xbb\xbfhost# echo a\r\nhost# cat <<E\r\nb\r\nE\r\n#? exit 0\r\n", "dos.mnt")

    first, second = parse(text, "dos.mnt", any_program).steps

    assert first.command
    assert first.command.commands[0].argv == ("echo", "a")
    assert second.command
    assert second.command.commands[0].stdin == "b\n"
    assert len(second.expectations) == 1


@pytest.mark.parametrize(
    ("name", "says"), [("missing.mnt", "No such file"), (".", "directory"), ("a\0b", "cannot be")]
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(TranscriptError, match=says):
        read(f"{tmp_path}/{name}")


def test_a_file_without_end_is_not_read_to_the_end() -> None:
    with pytest.raises(TranscriptError, match="too long for a transcript"):
        read("/dev/zero")


@given(st.binary(max_size=60) | st.text("hostc1#$?: \n\\'\"<E;&>|=/a~*{,}", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_line(data: bytes) -> None:
    last = data.count(b"\n") + 1
    try:
        transcript = parse(decode(data, "x.mnt"), "x.mnt", any_program)
    except TranscriptError as error:
        refusal = error
    else:
        assert all(1 <= step.line <= step.end_line <= last for step in transcript.steps)
        return
    assert str(refusal).startswith("x.mnt:")
    assert refusal.line is not None
    assert 1 <= refusal.line <= last
