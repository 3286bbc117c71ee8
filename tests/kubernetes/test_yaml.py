"""Files as kubectl reads them: held against what the real kubectl said of the same text."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mountlab.kubernetes.manifests import read
from mountlab.kubernetes.node import scalar
from mountlab.kubernetes.validation import invalid, undecodable
from mountlab.kubernetes.yamltree import MOST_BYTES, document
from tests.kubernetes.helpers import RECORDED, pod_text

FILES: dict[str, Any] = RECORDED["files"]
BROKEN = [name for name, said in FILES.items() if said["stderr"] and "no objects" not in said["stderr"]]
SCALARS = [(word, meant) for word, meant in RECORDED["scalars"].items() if word not in {"-", "'1'", "''"}]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gets_kubectls_words(name: str) -> None:
    found = read(FILES[name]["text"], "f.yaml")

    assert "".join(f"{error.text}\n" for error in found.errors) == FILES[name]["stderr"]


@pytest.mark.parametrize("name", list(FILES))
def test_kubectl_creates_what_is_found_before_the_error(name: str) -> None:
    found = read(FILES[name]["text"], "f.yaml")

    created = "".join(f"{each.kind.lower()}/{each.name} created\n" for each in found.objects)
    assert created == FILES[name]["stdout"]


@pytest.mark.parametrize("name", BROKEN)
def test_an_error_says_where(name: str) -> None:
    (error,) = read(FILES[name]["text"], "f.yaml").errors

    assert all(place.source == "f.yaml" and place.line >= 1 for place in error.places)
    assert error.places


@pytest.mark.parametrize(("word", "meant"), SCALARS)
def test_a_word_means_what_it_means_to_kubectl(word: str, meant: object) -> None:
    assert scalar(word) == meant
    assert isinstance(scalar(word), bool) == isinstance(meant, bool)


def test_every_key_and_value_knows_its_line() -> None:
    tree = document("a:\n- b: 1\n\n- c:\n    2\n", first_line=10)

    assert tree is not None
    assert tree.keys == {"a": 10}
    assert [(each.line, each.column) for each in tree.items("a")] == [(11, 3), (13, 3)]
    assert [each.keys for each in tree.items("a")] == [{"b": 11}, {"c": 13}]
    assert tree.items("a")[1].value["c"].line == 14  # type: ignore[index]


def test_lines_of_later_documents_are_those_of_the_file() -> None:
    text = "\n---\n" + pod_text("  {}") + "\n---\n" + pod_text("  {}", name="z")
    first, second = read(text, "f.yaml").objects

    assert [first.place("metadata.name").line, second.place("metadata.name").line] == [5, 11]


def test_an_alias_is_a_copy_and_a_merged_key_does_not_win() -> None:
    tree = document("base: &b {p: 1, q: 2}\nmine: {q: 3, <<: *b}\n")

    assert tree is not None
    assert tree.plain()["mine"] == {"p": 1, "q": 3}


def test_a_key_that_is_given_twice_is_noted_and_the_last_one_counts() -> None:
    found = read(pod_text("  hostPID: true\n  hostPID: false\n"), "f.yaml")

    assert found.objects[0].node.at("spec", "hostPID").value is False  # type: ignore[union-attr]
    assert [str(note) for note in found.notes] == ["f.yaml:6: hostPID: given twice; the last one counts"]


def test_ten_megabytes_are_refused_at_once() -> None:
    (error,) = read(b"a" * (10 << 20), "big.yaml").errors

    assert error.text == "error: big.yaml has 10485760 bytes: mountlab reads manifests of up to 2 MiB"


def test_a_file_of_the_largest_size_is_read() -> None:
    text = pod_text("  {}") + "\n#"
    found = read(text + "x" * (MOST_BYTES - len(text)), "f.yaml")

    assert len(found.objects) == 1


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "a: " + "{a: " * 5000])
def test_nesting_has_an_end(text: str) -> None:
    (error,) = read(text, "deep.yaml").errors

    assert error.text.endswith("converting YAML to JSON: yaml: exceeded max depth")


def test_what_is_no_text_is_refused() -> None:
    (error,) = read(b"\x7fELF\x02\x01\x01\x00\xff\xfe", "ls").errors

    assert error.text.endswith("converting YAML to JSON: yaml: control characters are not allowed")
    assert "is it a manifest?" in error.told


_WORDS = st.sampled_from(
    [
        *"apiVersion kind metadata spec containers volumes volumeMounts name mountPath".split(),
        *"mountPropagation hostPath template v1 Pod DaemonSet apps/v1 Bidirectional None".split(),
        *"true List items null".split(),
        *"5 - : | > & * ! % @ [ ] { } # --- ... << ~ &a *a !!binary '' \" '".split(),
        *("\n", "\n  ", "\n    ", "\n- ", " ", ": ", "\t", "\x00", "\ufeff", "é"),
    ]
)


@given(st.lists(_WORDS, max_size=40).map("".join))
@example("apiVersion: v1\nkind: List\nitems: 5")
@example("apiVersion: v1\nkind: List\nitems: [5, null, [a]]")
@example("? {a: b}\n: c")
def test_no_text_breaks_the_reader(text: str) -> None:
    found = read(text, "f.yaml")

    for error in found.errors:
        assert error.told.startswith("error: ")


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    read(content, "f.yaml")


_NAMES = st.sampled_from(
    "spec template metadata labels containers initContainers volumes volumeMounts name mountPath subPath "
    "mountPropagation hostPath path type emptyDir sizeLimit securityContext privileged capabilities add "
    "selector matchLabels persistentVolumeClaim claimName csi driver projected sources secret items "
    "capacity accessModes nope".split()
)
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 1 << 40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["a", "Bidirectional", "None", "", "/", "..", "1Gi", "Always", "ALL"]),
    st.text(string.printable, max_size=5),
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=30,
)
_KINDS = ["v1 Pod", "apps/v1 DaemonSet", "apps/v1 Deployment", "batch/v1 Job", "batch/v1 CronJob"]
_KINDS += ["v1 Namespace", "v1 PersistentVolume", "v1 PersistentVolumeClaim", "v1 ConfigMap"]
_KINDS += ["storage.k8s.io/v1 StorageClass"]


@given(st.sampled_from(_KINDS), _TREES)
def test_no_object_breaks_the_api_server(kind: str, spec: object) -> None:
    version, name = kind.split(" ")
    text = json.dumps({"apiVersion": version, "kind": name, "metadata": {"name": "x"}, "spec": spec})
    found = read(text, "f.yaml")

    for each in found.objects:
        error = undecodable(each) or invalid(each)
        assert error is None or error.text.startswith(("Error from server (BadRequest)", f"The {name} "))
