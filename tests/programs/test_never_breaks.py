"""No command of the language ever raises anything: it gives a proper result, or is refused before."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mountlab.shell import programs
from mountlab.shell.syntax import Command, Redirect
from mountlab.simulator import Process, Simulator

PATHS = st.sampled_from(
    (
        *"/ /a /b /a/b /a/b/c /f /a/f /proc /proc/self/mountinfo /proc/c1/mounts /nope . ..".split(),
        *"a ./b ../a /a/ /a/../b // - disk disk1 none 0:2 UUID=1".split(),
        *("", "a b", "é", "x" * 300),
    )
)
VALUES = st.sampled_from(
    (
        *"tmpfs ramfs ext4 proc notmpfs a,b auto bind rbind remount ro rw remount,bind,ro bind,ro".split(),
        *"private rshared,slave size=1m mode=700 bogus X-mount.mkdir=0700 slave shared unchanged".split(),
        *"c1 c2 99 mnt TARGET,ID NOPE +PROPAGATION TARGET, forward move 755 u=rwx,go= zz".split(),
        *r"%n%s%d %F%m%Z%5a%-3i% s/a/b/ s,x,\(y\)&, s/[/b/ s/a/\2/ s/\(/".split(),
        *("", ","),
    )
)
SHELLS = ("host", "c1", "c2")


@st.composite
def commands(draw: st.DrawFn) -> Command:
    """Any program with any of its options, in any order."""
    name = draw(st.sampled_from(sorted([*programs.PROGRAMS, *programs.BUILTINS])))
    words: list[str] = []
    program = programs.PROGRAMS.get(name)
    keys = sorted(program.options.understood) if program else []
    for key in draw(st.lists(st.sampled_from(keys or ["-"]), max_size=3 if keys else 0)):
        words.append(("-" if len(key) == 1 else "--") + key)
        if draw(st.booleans()):
            words.append(draw(VALUES))
    words += draw(st.lists(st.one_of(PATHS, PATHS, VALUES), max_size=3))
    redirects = draw(st.lists(st.builds(Redirect, PATHS, st.booleans(), st.sampled_from((1, 2))), max_size=1))
    return Command((name, *words), tuple(redirects), draw(st.sampled_from((None, "", "text\n"))))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SHELLS), commands()), max_size=25))
def test_every_command_gives_a_proper_result(lines: list[tuple[str, Command]]) -> None:
    sim = Simulator()
    shells: dict[str, Process] = {}
    for shell, command in lines:
        if shell not in shells:
            shells[shell] = sim.spawn(shell)
        if programs.check(command):
            continue
        result = programs.run(sim, shells[shell], shells, command)
        assert 0 <= result.exit <= 255
        assert not result.stderr or result.stderr.endswith("\n")
        assert result.exit == 0 or result.stderr or command.redirects or command.argv[0] in QUIET
        assert result.errno is None or result.refused is None
        if shells[shell].pid not in sim.vfs.tasks:
            del shells[shell]


QUIET = ("findmnt", "exit", "lsns", "umount")
"""These may fail without a word."""


@given(st.lists(st.text(max_size=12), min_size=1, max_size=5))
def test_check_judges_any_words(words: list[str]) -> None:
    sentence = programs.check(Command(tuple(words)))
    assert sentence is None or sentence
    assert words[0] in programs.PROGRAMS or words[0] in programs.BUILTINS or sentence
