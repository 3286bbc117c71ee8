"""Random manifests, good and bad: reading and explaining them never crashes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mountlab.kubernetes.explained.chain import ManifestChain
from mountlab.kubernetes.explained.manifest import explain_manifests
from mountlab.kubernetes.explained.sarif import as_sarif
from mountlab.kubernetes.explained.tell import tell
from mountlab.shell.simbackend import SimulatorBackend
from tests.kubernetes.test_explain_rules import CASES

QUIET = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
PATHS = st.sampled_from(["/", "/srv", "/srv/in", "/mnt/d", "/var/lib/kubelet", "srv", "", "/a/../b", "//x"])
MODES = st.sampled_from([None, "None", "HostToContainer", "Bidirectional", "rshared", 7])
NAMES = st.sampled_from(["a", "b", "data", "A_b", ""])
BOOLS = st.booleans()
SOURCES = st.one_of(
    st.fixed_dictionaries(
        {
            "hostPath": st.fixed_dictionaries(
                {"path": PATHS},
                optional={
                    "type": st.sampled_from(
                        ["", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket", "Nothing"]
                    )
                },
            )
        }
    ),
    st.sampled_from(
        [
            {"emptyDir": {}},
            {"emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
            {"configMap": {"name": "c"}},
            {"secret": {"secretName": "s"}},
            {"persistentVolumeClaim": {"claimName": "x"}},
            {"csi": {"driver": "d"}},
            {"projected": {"sources": []}},
            {},
        ]
    ),
)
VOLUMES = st.builds(lambda name, source: {"name": name, **source}, NAMES, SOURCES)
MOUNTS = st.fixed_dictionaries(
    {"name": NAMES, "mountPath": PATHS, "mountPropagation": MODES},
    optional={
        "readOnly": BOOLS,
        "subPath": st.sampled_from(["in", "../up", "/x", "a/b"]),
        "recursiveReadOnly": st.sampled_from(["Enabled", "IfPossible", "Disabled"]),
    },
)
CONTAINERS = st.fixed_dictionaries(
    {"name": NAMES, "image": st.just("nginx"), "volumeMounts": st.lists(MOUNTS, max_size=3)},
    optional={"securityContext": st.fixed_dictionaries({"privileged": BOOLS})},
)
SPECS = st.fixed_dictionaries(
    {"containers": st.lists(CONTAINERS, max_size=3), "volumes": st.lists(VOLUMES, max_size=3)},
    optional={"initContainers": st.lists(CONTAINERS, max_size=2), "hostUsers": BOOLS},
)
OBJECTS = st.one_of(
    st.builds(
        lambda name, spec: {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec},
        NAMES,
        SPECS,
    ),
    st.builds(
        lambda kind, spec: {
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": {"name": "a"},
            "spec": {
                "selector": {"matchLabels": {"x": "y"}},
                "template": {"metadata": {"labels": {"x": "y"}}, "spec": spec},
            },
        },
        st.sampled_from(["DaemonSet", "Deployment", "StatefulSet"]),
        SPECS,
    ),
)


def explained(content: str | bytes, init: str = "systemd") -> ManifestChain:
    """Explain it, and print it in each form."""
    chain = explain_manifests(SimulatorBackend(init).daemons, [("pod.yaml", content)])
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    assert all("\n" not in line or line.isprintable() for line in tell(chain))
    json.dumps([chain.as_json(), as_sarif(chain, {"pod.yaml": text})])
    return chain


@QUIET
@given(st.lists(OBJECTS, min_size=1, max_size=3), st.sampled_from(["systemd", "bare", "k3d", "wsl2"]))
def test_random_pods_are_explained_or_refused(objects: list[dict[str, Any]], init: str) -> None:
    chain = explained("---\n".join(f"{json.dumps(each)}\n" for each in objects), init)

    assert chain.pods or chain.refused or chain.errors


@QUIET
@given(st.data())
def test_a_manifest_with_random_damage_is_read_or_refused(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([case.bad for case in CASES.values()]))
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(at + 20, len(text))))
    damage = data.draw(st.text(alphabet="{}[]:-&*!|>%@`'\"#,\t\n \x00\ufeffaé0", max_size=8))

    explained(text[:at] + damage + text[until:])


@QUIET
@given(st.binary(max_size=200))
def test_bytes_of_any_sort_do_no_harm(content: bytes) -> None:
    explained(content)


BOMB = "a: &a [x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 20)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
GARBAGE: dict[str, str | bytes] = {
    "a bomb": BOMB,
    "a cycle": "a: &a [*a]\n",
    "10 MB": "# " + "x" * 10_000_000,
    "deep": "[" * 5000,
    "a tab": "apiVersion: v1\n\tkind: Pod\n",
    "a NUL": b"apiVersion: v1\x00",
    "binary": bytes(range(256)),
    "an image": b"\x89PNG\r\n\x1a\n\x00\x00",
    "a huge number": "apiVersion: v1\nkind: Pod\nmetadata: {name: " + "9" * 300 + "}\n",
    "a tag": "!!python/object/apply:os.system [true]\n",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_refused_in_words(name: str) -> None:
    chain = explained(GARBAGE[name])

    assert not chain.pods
    assert chain.errors
    assert all(error.told.startswith("error: ") for error in chain.errors)


def test_a_mark_of_byte_order_is_read_and_nothing_is_nothing() -> None:
    good = CASES["root"].good

    assert len(explained(b"\xef\xbb\xbf" + good.encode()).pods) == 1
    assert not explained("").errors
