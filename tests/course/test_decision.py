"""The decision tree: what each of its ends promises, a pod on the simulator does."""

from __future__ import annotations

import pytest

from mountlab.course.decision import Leaf, decide, leaves
from mountlab.shell.runner import play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse

POD = """\
#: init=systemd
host# mkdir -p /srv/data/later /srv/data/own
host# kubectl apply -f - <<'YAML'
apiVersion: v1
kind: Pod
metadata: {{name: app}}
spec:
  volumes: [{{name: data, hostPath: {{path: /srv/data}}}}]
  containers:
  - {{name: main, image: debian, command: [sleep, infinity], securityContext: {{privileged: {privileged}}},
     volumeMounts: [{{name: data, mountPath: /data, mountPropagation: {mode}}}]}}
YAML
#? exit 0
app# kubectl exec -it app -- sh
host# mount -t tmpfs later /srv/data/later
app# mount -t tmpfs own /data/own
"""


@pytest.mark.parametrize("leaf", leaves(), ids=[f"{n}-{leaf.mode}" for n, leaf in enumerate(leaves())])
def test_an_end_of_the_tree_keeps_its_promise(leaf: Leaf) -> None:
    text = POD.format(mode=leaf.mode, privileged=str(leaf.is_privileged).lower())
    world = SimulatorBackend("systemd")
    results = list(play(parse(text, "pod.mnt"), world))
    seen = {table.shells[0]: {row.mountpoint for row in table.mounts} for table in world.tables()}

    assert all(result.outcome.exit == 0 for result in results[:4] if result.outcome)
    assert ("/data/later" in seen["app"]) is leaf.hears
    assert ("/srv/data/own" in seen["host"]) is leaf.is_heard
    assert str(leaf.mode) in leaf.advice


def test_every_mode_is_an_end_and_every_end_can_be_reached_by_keyboard() -> None:
    html = decide()._repr_html_()

    assert {leaf.mode for leaf in leaves()} == {"None", "HostToContainer", "Bidirectional"}
    assert html.count("<details>") == html.count("<summary>") >= len(leaves())
    assert "<script" not in html


def test_the_text_says_the_same_as_the_tree() -> None:
    assert all(leaf.advice in repr(decide()) for leaf in leaves())
