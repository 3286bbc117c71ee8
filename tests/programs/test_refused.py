"""What is outside the language is refused in one sentence: the word, and what would be understood."""

from __future__ import annotations

import shlex

import pytest

from mountlab.shell import programs
from mountlab.shell.syntax import Command

REFUSED = {
    "vim /etc/fstab": ("vim", "understood are"),
    "docker": ("docker", "docker run"),
    "docker build .": ("build", "not"),
    "docker ps --filter name=x": ("--filter", "without it all are shown"),
    "docker run x sh -c 'ls | cat'": ("ls | cat", "pipes"),
    "systemctl edit a b": ("edit", "names of services"),
    "systemctl isolate rescue": ("isolate", "restart"),
    "mount --nope /a": ("--nope", "--bind"),
    "mount -Z /a": ("-Z", "--bind"),
    "mount -a": ("-a", "--bind"),
    "mount --make /a": ("--make", "ambiguous"),
    "mount -o loop img /a": ("loop", "not simulated"),
    "mount -o bind,sync /a /b": ("sync", "not simulated"),
    "mount -t tmpfs -o size=50% x /a": ("size=50%", "number"),
    "umount -a": ("-a", "--lazy"),
    "umount -lX /a": ("-lX", "--lazy"),
    "findmnt --fstab": ("--fstab", "--json"),
    "findmnt -o TARGET,SIZE": ("SIZE", "not simulated"),
    "lsns": ("lsns", "lsns -t mnt"),
    "lsns -t net": ("net", "mnt"),
    "lsns -t mnt 4026531841": ("4026531841", "not understood"),
    "unshare --mount ls": ("ls", "the shell itself moves"),
    "unshare -p": ("-p", "--mount"),
    "nsenter -t c1 -m cat /f": ("/f", "the shell itself moves"),
    "nsenter -a": ("-a", "--target"),
    "chroot /a ls": ("ls", "the shell itself moves"),
    "ls --color": ("--color", "-l"),
    "rm --no-preserve-root /": ("--no-preserve-root", "--recursive"),
    "stat -f /": ("-f", "--format"),
    "sed s/a/b/ /f": ("sed", "sed -i"),
    "sed -i.bak s/a/b/ /f": ("sed", "suffix"),
    "sed -i /x/d /f": ("/x/d", "substitutions"),
    "cd -": ("-", "name the directory"),
}
UNDERSTOOD = (
    "mount",
    "mount -t",
    "mount a b c",
    "mount --rbin /a /b",
    "mount -t tmpfs -o bogus x /a",
    "umount",
    "umount -R /a -l",
    "findmnt -o NOPE",
    "unshare -m bash",
    "nsenter -t nobody -m /bin/sh",
    "chroot /a /bin/bash",
    "chroot",
    "pivot_root",
    "mkdir -m zz /x",
    "rm",
    "sed -i s/x /f",
    "cd a b",
    "echo --nope",
    "true -x",
    "exit 3",
    "cat -- -x",
    "docker run --name A centos",
    "docker run -v /a:/b:nonsense centos",
    "docker frobnicate",
    "systemctl restart docker",
    "systemctl daemon-reload",
)


@pytest.mark.parametrize("line", REFUSED)
def test_names_the_word_and_what_would_be_understood(line: str) -> None:
    word, told = REFUSED[line]
    sentence = programs.check(Command(tuple(shlex.split(line))))
    assert sentence is not None
    assert sentence.startswith(f"{word}: ")
    assert told in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("line", UNDERSTOOD)
def test_what_merely_fails_is_inside_the_language(line: str) -> None:
    assert programs.check(Command(tuple(shlex.split(line)))) is None
