"""``mountlab explain``: what is printed, and status 0, 1 and 2."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Protocol

import pytest

from mountlab.cli import main
from mountlab.commands.explain import configure, run
from mountlab.containers.explained.words import SENTENCES, SOURCES
from mountlab.containers.quirks import CONTAINER_QUIRKS
from mountlab.containers.rules import RULES

PREPARED = "host# mkdir /data\nhost# mount -t tmpfs disk /data\nhost# mount --make-{} /data\n"


class Explain(Protocol):
    """Run the command: status, standard output, standard error."""

    def __call__(self, *words: str, on: str | None = None) -> tuple[int, str, str]: ...


@pytest.fixture
def explain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Explain:
    def call(*words: str, on: str | None = None) -> tuple[int, str, str]:
        if on is not None:
            file = tmp_path / "machine.mnt"
            file.write_text(on)
            words = ("--on", str(file), *words)
        parser = argparse.ArgumentParser(allow_abbrev=False)
        configure(parser)
        status = run(parser.parse_args(words))
        printed = capsys.readouterr()
        return status, printed.out, printed.err.replace(str(tmp_path) + "/", "")

    return call


def test_the_chain_from_flag_to_system_call_is_printed(explain: Explain) -> None:
    status, out, err = explain("docker", "run", "-d", "-v", "/srv:/mnt:rslave", "nginx")
    lines = [line.strip() for line in out.splitlines()]

    assert (status, err) == (0, "")
    assert [line[:2] for line in lines if line[1:2] == "."] == ["1.", "2.", "3.", "4.", "5.", "6."]
    for wanted in (
        'goes to dockerd as HostConfig.Binds: "/srv:/mnt:rslave"',
        "/mnt: a bind of /srv, rslave, as was asked for.",
        "path /srv is mounted on /, which is shared; shared or slave is needed: it passes.",
        '{"destination": "/mnt", "type": "bind", "source": "/srv", "options": ["rbind", "rslave"]}',
        "linux.rootfsPropagation: rslave, because of /mnt",
        'mount("", "/var/lib/docker/overlay2/unnamed_1/merged/mnt", "", MS_REC|MS_SLAVE, NULL)',
        "/mnt inside is a slave of the host's /.",
        "What the host mounts later below /srv is seen inside, below /mnt.",
        "What is mounted inside below /mnt is not seen on the host.",
    ):
        assert wanted in lines


def test_a_reason_is_given_once(explain: Explain) -> None:
    _, out, _ = explain("docker", "run", "-d", "-v", "/srv:/mnt:rslave", "-v", "/srv:/var", "nginx")

    assert out.count("MS_BIND|MS_REC, NULL") == 3
    assert out.count(RULES["runc.mount"].sentence) == 1


def test_what_docker_would_refuse_is_told_up_to_there_with_status_1(explain: Explain) -> None:
    command = ("docker", "run", "-v", "/data:/mnt:rshared", "nginx")
    status, out, err = explain(*command, on="#: init=systemd\n" + PREPARED.format("private"))

    assert (status, err) == (1, "")
    assert "which is private; shared is needed: refused." in out
    assert "config.json" not in out
    assert out.endswith(
        "Refused by dockerd; exit status 125:\n   docker: Error response from daemon:"
        " path /data is mounted on /data but it is not a shared mount.\n"
    )
    assert explain(*command, on="#: init=systemd\n" + PREPARED.format("shared"))[0] == 0


def test_the_machine_is_one_with_systemd_unless_something_else_is_said(explain: Explain) -> None:
    command = ("docker", "run", "-v", "/srv:/mnt:rshared", "nginx")

    assert explain(*command)[0] == 0
    assert explain("--init", "bare", *command)[0] == 1
    _, out, _ = explain("--init", "docker-1.10", *command)
    assert "because docker.service says MountFlags=slave; its / is a slave of the host's /." in out


def test_a_machine_may_come_out_of_a_pipe(explain: Explain) -> None:
    reading, writing = os.pipe()
    os.write(writing, (20 * "# a long lesson\n" + PREPARED.format("shared")).encode())
    os.close(writing)

    status, out, _ = explain(
        "--on", f"/dev/fd/{reading}", "docker", "run", "-v", "/data:/mnt:rshared", "nginx"
    )
    os.close(reading)

    assert (status, "is mounted on /data, which is shared" in out) == (0, True)


def test_fixtures_are_one_line_unless_they_are_asked_for(explain: Explain) -> None:
    command = ("docker", "run", "-d", "nginx")
    _, folded, _ = explain(*command)
    _, whole, _ = explain("--fixtures", *command)

    assert "Every container gets 10 mounts besides" in folded
    assert "/dev/shm" not in folded
    assert RULES["runc.proc"].sentence not in folded
    assert '{"destination": "/dev/shm", "type": "tmpfs", "source": "shm"' in whole
    assert RULES["runc.proc"].sentence in whole


def test_json_has_every_stage(explain: Explain) -> None:
    status, out, _ = explain("--format", "json", "docker", "run", "-d", "-v", "/srv:/mnt", "nginx")
    record = json.loads(out)

    assert (status, record["v"], record["refused"]) == (0, 1, None)
    assert record["flags"][0] == {
        "written": "-v /srv:/mnt",
        "field": "HostConfig.Binds",
        "value": "/srv:/mnt",
        "destination": "/mnt",
    }
    assert record["points"][0]["origin"] == "default"
    assert {
        "destination": "/mnt",
        "type": "bind",
        "source": "/srv",
        "options": ["rbind", "rprivate"],
    } in record["oci"]["mounts"]
    assert all(call["source"] for call in record["calls"])
    assert record["result"]["sights"][0]["host_to_inside"] is False


def test_a_unit_is_explained(explain: Explain) -> None:
    status, out, err = explain("--init", "docker-1.10", "systemctl", "start", "docker")

    assert (status, err) == (0, "")
    assert "MountFlags=slave" in out
    assert RULES["systemd.slave"].source in out
    assert explain("systemctl", "start", "nosuch")[0] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "explain takes docker run …, systemctl start UNIT or a manifest such as pod.yaml, not nothing"),
        (("ls",), "not 'ls'"),
        (("docker", "ps"), "not 'docker ps'"),
        (("systemctl", "stop", "docker"), "not 'systemctl stop'"),
        (("systemctl", "start"), "not 'systemctl start'"),
        (("docker", "run", "--platform", "arm64", "nginx"), "--platform is not modelled"),
        (("docker", "run", "--on", "x.mnt", "nginx"), "--on belongs before docker"),
        (("--on", "/nowhere.mnt", "docker", "run", "nginx"), "/nowhere.mnt: cannot be read"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_what_is_outside_the_language_gives_status_2_and_what_would_work(
    explain: Explain, words: tuple[str, ...], said: str
) -> None:
    status, out, err = explain(*words)

    assert (status, out) == (2, "")
    assert err.startswith("mountlab: ")
    assert said in err


def test_another_version_of_docker_is_no_choice(explain: Explain, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        explain("--docker", "25.0", "docker", "run", "nginx")

    assert ended.value.code == 2
    assert "docker 25.0 is not modelled" in capsys.readouterr().err
    assert explain("--docker", "20.10", "docker", "run", "nginx")[0] == 0


def test_every_sentence_is_used_and_every_rule_has_a_source() -> None:
    folder = Path(__file__).parents[2] / "mountlab"
    code = "".join(
        path.read_text()
        for path in [*folder.glob("containers/explained/*.py"), folder / "commands" / "explain.py"]
        if path.name != "words.py"
    )
    families = ("told.root.none.", "origin.", "point.", "check.", "refused.", "sight.", "kin.", "state.")
    unused = [key for key in SENTENCES if f'"{key}"' not in code and not key.startswith(families)]

    assert not unused
    assert all(f'SOURCES["{key}"]' in code for key in SOURCES)
    assert all(rule.sentence.endswith(".") and rule.source for rule in RULES.values())


def test_later_versions_are_named_by_quirks_and_say_that_they_were_not_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["quirks"]) == 0
    printed = capsys.readouterr().out

    for quirk in CONTAINER_QUIRKS:
        assert f"{quirk.name}: {quirk.program} since {quirk.since}\n  {quirk.sentence}" in printed
        assert quirk.sentence.endswith(".")
        assert quirk.source.endswith("from source, not run")
