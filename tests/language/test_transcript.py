"""What a whole transcript is read into: header, steps, expectations, comments."""

from __future__ import annotations

from mountlab.shell.expect import ExitExpected, MountExpected, SameExpected
from mountlab.shell.transcript import Step, Transcript, parse
from tests.language.worlds import any_program


def read(text: str) -> Transcript:
    return parse(text, "x.mnt", any_program)


def words(step: Step) -> list[tuple[str, ...]]:
    assert step.command is not None
    return [command.argv for command in step.command.commands]


def test_the_example_of_the_language() -> None:
    transcript = read("""\
#: init=systemd title="A slave hears, and is not heard"
host# mkdir -p /a /b
host# mount -t tmpfs disk1 /a
host# mount --make-shared /a
c1# unshare --mount --propagation slave
c1# mount --bind /a /b
#? c1: /b mounted propagation=slave
host# umount -l /a
""")

    assert transcript.header == {"init": "systemd", "title": "A slave hears, and is not heard"}
    assert [step.line for step in transcript.steps] == [2, 3, 4, 5, 6, 8]
    assert [step.shell for step in transcript.steps] == ["host", "host", "host", "c1", "c1", "host"]
    assert words(transcript.steps[4]) == [("mount", "--bind", "/a", "/b")]
    (expectation,) = transcript.steps[4].expectations
    assert expectation.line == 7
    assert expectation.claim == MountExpected(
        "c1", "/b", mounted=True, attributes=(("propagation", "slave"),)
    )


def test_a_name_alone_opens_the_terminal() -> None:
    for line in ("c1#", "c1# ", "  c1#", "c1# # a comment"):
        (step,) = read(line).steps

        assert (step.shell, step.command) == ("c1", None)


def test_names_of_terminals() -> None:
    steps = read("1# true\n_x# true\nA.b-c_9# true\nc1#\ttrue").steps

    assert [step.shell for step in steps] == ["1", "_x", "A.b-c_9", "c1"]


def test_the_body_of_a_here_document_is_never_a_prompt_a_comment_or_an_expectation() -> None:
    transcript = read(
        "host# cat > /f <<EOF\nhost# umount /\n# note\n#? exit 1\n#: a=b\n\nEOF\nhost# true\n#? exit 0\n"
    )

    first, second = transcript.steps
    assert (first.line, first.end_line, second.line) == (1, 7, 8)
    assert first.command is not None
    assert first.command.commands[0].stdin == "host# umount /\n# note\n#? exit 1\n#: a=b\n\n"
    assert first.text == "cat > /f <<EOF\nhost# umount /\n# note\n#? exit 1\n#: a=b\n\nEOF"
    assert first.expectations == ()
    assert len(second.expectations) == 1
    assert transcript.header == {}


def test_the_command_is_kept_as_written() -> None:
    steps = read("host#   echo  'a  b'   # why\nhost# echo a \\\n  b").steps

    assert [step.text for step in steps] == ["echo  'a  b'   # why", "echo a \\\n  b"]
    assert [(step.line, step.end_line) for step in steps] == [(1, 1), (2, 3)]


def test_expectations_belong_to_the_line_above_them() -> None:
    transcript = read("""\
#? host: / mounted
host# true

#? exit 0
# a comment between
#? c1: '/with blank' absent   # why not
c1#
#? host: /a same-as c1: /b
""")

    assert [each.claim for each in transcript.expectations] == [MountExpected("host", "/", mounted=True)]
    assert [[each.claim for each in step.expectations] for step in transcript.steps] == [
        [ExitExpected(0), MountExpected("c1", "/with blank", mounted=False)],
        [SameExpected("host", "/a", "c1", "/b")],
    ]


def test_propagation_has_several_spellings() -> None:
    for written, meant in {
        "shared": "shared",
        "private": "private",
        "slave": "slave",
        "private,slave": "slave",
        "unbindable": "unbindable",
        "private,unbindable": "unbindable",
        "shared,slave": "shared,slave",
        "slave,shared": "shared,slave",
        "shared+slave": "shared,slave",
    }.items():
        claim = read(f"#? c1: /b mounted propagation={written}").expectations[0].claim
        assert isinstance(claim, MountExpected)
        assert claim.attributes == (("propagation", meant),)


def test_other_words_after_the_mark_are_left_alone() -> None:
    lines = [
        "predict: is /b there?",
        "what's that",
        "exits are important",
        "goal c1: reaches it",
        "hint: look",
        "goal: absent",
        "",
    ]

    transcript = read("host# true\n" + "".join(f"#? {line}\n" for line in lines))

    assert transcript.steps[0].expectations == ()
    left = [(number, f"? {line}".rstrip()) for number, line in enumerate(lines, 2)]
    assert list(transcript.comments) == left


def test_comments_are_kept_with_their_lines() -> None:
    assert read("# one\n\n  #two\nhost# true # not this\n#").comments == ((1, "one"), (3, "two"), (5, ""))


def test_headers_add_up_and_take_any_words() -> None:
    transcript = read(
        "#: needs=userns,blockdev par=3\n#: source='mount_namespaces(7), $HOME *' # note\n#: empty=\n"
    )

    assert transcript.header == {
        "needs": "userns,blockdev",
        "par": "3",
        "source": "mount_namespaces(7), $HOME *",
        "empty": "",
    }
    assert transcript.needs == ("userns", "blockdev")


def test_an_empty_transcript_is_a_transcript() -> None:
    assert read("").steps == ()
    assert read("\n\n# nothing\n").steps == ()
