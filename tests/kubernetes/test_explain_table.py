"""Who sees whose mounts, between node, containers and other pods; several files; the nodes there are."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.commands.explain import configure, run
from mountlab.kubernetes.explained.manifest import explain_manifests
from mountlab.shell.simbackend import INITIAL_STATES
from mountlab.shell.start import simulated
from mountlab.shell.transcript import parse
from tests.kubernetes.played import applied, lines, played
from tests.kubernetes.test_explain_rules import BOTH, HEARS, HOOK, MNT, MOUNTER, SRV, pod

OUT = pod(BOTH, SRV, f"{MOUNTER}\n    {HOOK}", name="maker", privileged=True)
"""It mounts, and unmounts in the end."""
READER, DEAF = pod(HEARS, SRV, name="hears"), pod(MNT, SRV, name="deaf")
EQUAL = pod(HEARS, SRV, name="strong", privileged=True)


def table(*manifests: str, init: str = "systemd", node: str = "") -> dict[str, dict[str, str | None]]:
    """Who sees what each maker mounts, and where."""
    prepared = "".join(f"host# {line.strip()}\n" for line in node.splitlines() if line.strip())
    machine = simulated(parse(f"#: init={init}\n{prepared}", "node.mnt"), None)
    files = [(f"{number}.yaml", text) for number, text in enumerate(manifests)]
    rows = explain_manifests(machine.daemons, files).table.rows
    return {f"{row.maker} {row.folder}": dict(row.seen) for row in rows}


def test_each_direction_between_node_containers_and_pods() -> None:
    found = table(OUT, READER, DEAF, EQUAL)
    sees = {maker: [name for name, place in seen.items() if place] for maker, seen in found.items()}

    assert sees == {
        "node /srv": ["node", "maker/c", "hears/c", "strong/c"],
        "maker/c /m": ["node", "maker/c", "hears/c", "strong/c"],
        "strong/c /m": ["strong/c"],
    }
    assert found["maker/c /m"]["hears/c"] == "/m/tried-1"
    assert found["maker/c /m"]["node"] == "/srv/tried-1"


def test_a_part_of_a_folder_and_a_whole_tree_are_tried_too() -> None:
    inner = pod(BOTH, "hostPath: {path: /srv/in, type: DirectoryOrCreate}", name="inner", privileged=True)
    found = table(inner, pod(HEARS, "hostPath: {path: /}", name="tree"), READER)

    assert found["inner/c /m"]["tree/c"] == "/m/srv/in/tried-3"
    assert found["inner/c /m"]["hears/c"] == "/m/in/tried-3"


def test_of_a_node_that_is_a_container_the_machine_is_asked_too() -> None:
    found = table(READER, DEAF, init="k3d")

    assert found["node /srv"]["machine"] is None
    assert found["node /srv"]["hears/c"] is None


@pytest.mark.parametrize("mode", [HEARS, MNT, BOTH])
def test_the_table_says_what_kubectl_shows(mode: str) -> None:
    """The same pods, played: what the maker mounts is looked for in the other."""
    other = pod(mode, SRV, name="other", privileged=True)
    steps = ("kubectl exec maker -- mkdir -p /m/x", "kubectl exec maker -- mount -t tmpfs x /m/x")
    look = "kubectl exec other -- findmnt -rno TARGET -S x"
    shown = played(
        applied(f"{OUT.replace(MOUNTER, 'tty: true')}---\n{other}"), *lines("\n".join([*steps, look]))
    )

    assert bool(shown.out()) == bool(table(OUT, other)["maker/c /m"]["other/c"])


def test_trying_leaves_the_node_as_it_is() -> None:
    machine = simulated(parse("#: init=systemd\n", "node.mnt"), None)
    explain_manifests(machine.daemons, [("pod.yaml", OUT)])

    rows = machine.daemons.world.mountinfo(machine.daemons.node())
    assert not [row for row in rows if "tried" in row.mountpoint]


def called(*words: str) -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    configure(parser)
    return run(parser.parse_args([*words]))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {"out": OUT, "reader": READER, "deaf": DEAF, "bad": pod(BOTH, SRV)}.items():
        Path(f"{name}.yaml").write_text(text)
    Path("broken.yaml").write_text("a: [")


@pytest.mark.usefixtures("files")
def test_the_table_is_printed_and_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("out.yaml", "--node", "systemd", "reader.yaml", "deaf.yaml") == 0
    out = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "what is mounted by … below … node maker/c hears/c deaf/c" in out
    assert "maker/c /m yes (own) yes -" in out
    assert "Mount nothing, as they have no CAP_SYS_ADMIN: hears/c, deaf/c." in out

    assert called("--format", "json", "out.yaml", "reader.yaml") == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["files"] == ["out.yaml", "reader.yaml"]
    assert told["table"]["may_not_mount"] == ["hears/c"]
    assert told["table"]["rows"][1] == {
        "maker": "maker/c",
        "below": "/m",
        "seen_at": {"node": "/srv/tried-1", "maker/c": "/m/tried-1", "hears/c": "/m/tried-1"},
    }


@pytest.mark.usefixtures("files")
def test_many_columns_are_numbered(capsys: pytest.CaptureFixture[str]) -> None:
    text = "---\n".join(pod(HEARS, SRV, name=f"a-very-long-name-of-a-pod-{number}") for number in range(4))
    Path("many.yaml").write_text(text)
    called("many.yaml")
    out = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]

    assert "what is mounted by … below … 1 2 3 4 5" in out
    assert "2 is a-very-long-name-of-a-pod-0/c" in out


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("node", INITIAL_STATES)
def test_every_machine_is_a_node_and_init_is_the_same_option(
    node: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = called("--node", node, "--format", "json", "out.yaml")
    first = capsys.readouterr().out

    assert status == called("--format", "json", "out.yaml", "--init", node)
    assert capsys.readouterr().out == first
    assert status == (1 if node in {"bare", "wsl2", "k3d"} else 0)


@pytest.mark.usefixtures("files")
def test_on_prepares_the_node_by_a_transcript_or_a_snapshot(capsys: pytest.CaptureFixture[str]) -> None:
    Path("shared.mnt").write_text("host# mount --make-rshared /\n")
    assert called("--node", "wsl2", "out.yaml") == 1
    assert called("--node", "wsl2", "--on", "shared.mnt", "out.yaml") == 0
    Path("node.json").write_text('{"v": 1}')
    assert called("--node", "wsl2", "--on", "node.json", "out.yaml") == 2
    assert "it is a snapshot: init=wsl2 is for transcripts" in capsys.readouterr().err


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["out.yaml"], 0),
        (["out.yaml", "--fail-on", "note"], 0),
        (["bad.yaml"], 1),
        (["out.yaml", "deaf.yaml"], 0),
        (["out.yaml", "deaf.yaml", "--fail-on", "warning"], 1),
        (["out.yaml", "broken.yaml"], 2),
        (["bad.yaml", "broken.yaml"], 2),
        (["out.yaml", "absent.yaml"], 2),
        (["out.yaml", "out.yaml"], 2),
        (["--format", "sarif", "docker", "run", "x"], 2),
    ],
)
def test_the_exit_status_is_fit_for_a_pipeline(words: list[str], status: int) -> None:
    assert called(*words) == status


@pytest.mark.usefixtures("files")
def test_a_note_fails_only_who_asks_for_it() -> None:
    Path("note.yaml").write_text(pod(HEARS, "configMap: {name: c}"))

    assert called("note.yaml", "--fail-on", "warning") == 0
    assert called("note.yaml", "--fail-on", "note") == 1


@pytest.mark.usefixtures("files")
def test_what_no_runtime_was_run_with_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    text = pod(f"{MNT}, readOnly: true, recursiveReadOnly: IfPossible", SRV)
    Path("new.yaml").write_text(text.replace("spec:\n", "spec:\n  hostUsers: false\n"))
    called("new.yaml")
    out = [line.strip() for line in capsys.readouterr().out.splitlines()]

    assert [line[:70] for line in out if "from source, not run" in line] == [
        "new.yaml:5: hostUsers: false: from source, not run: the pod gets a use",
        "new.yaml:12: recursiveReadOnly IfPossible: from source, not run: conta",
    ]
    called("--format", "json", "new.yaml")
    assert json.loads(capsys.readouterr().out)["pods"][0]["from_source_not_run"] == [
        "hostUsers",
        "recursiveReadOnly",
    ]
    called("out.yaml")
    assert "not run" not in capsys.readouterr().out


KOKI = """\
deployment:
  name: test
  version: extensions/v1beta1
  containers:
  - image: busybox
    name: sample
    volume:
    - mount: /data
      store: test-vol
      propagation: bidirectional
  volumes:
    test-vol: pvc:vol1
"""


@pytest.mark.usefixtures("files")
def test_koki_short_is_translated_and_the_translation_is_a_manifest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("koki.yaml").write_text(KOKI)
    assert called("koki.yaml") == 2
    told = capsys.readouterr().err
    assert "this is Koki Short, a shorthand of 2018 that kubectl never read; in Kubernetes it is:" in told
    assert "propagation: bidirectional is mountPropagation: Bidirectional" in told

    Path("mended.yaml").write_text(told[told.index("apiVersion: apps/v1\n") :].replace("\n  ", "\n"))
    called("mended.yaml")
    assert capsys.readouterr().err == ""
