"""A manifest explained in a cell: the page has the same words as the text, and no others."""

from __future__ import annotations

import html
import re

from mountlab.course.manifests import explain

POD = """
apiVersion: v1
kind: Pod
metadata: {name: mine}
spec:
  volumes: [{name: v, hostPath: {path: "/srv/<b>&"}}]
  containers:
  - {name: main, image: debian, volumeMounts: [{name: v, mountPath: /v, mountPropagation: HostToContainer}]}
"""


def words(page: str) -> list[str]:
    return html.unescape(re.sub(r"<[^>]+>", "\n", page)).split()


def test_the_page_says_what_the_text_says() -> None:
    explained = explain(POD)

    assert "/srv/<b>&" in repr(explained)
    assert words(explained._repr_html_()) == repr(explained).split()


def test_stages_stand_out_and_the_table_keeps_its_columns() -> None:
    page = explain(POD)._repr_html_()

    assert re.findall(r"<strong> *(\d)\. ", page) == list("1234567")
    (table,) = re.findall(r"<pre [^>]*white-space: pre;[^>]*>(.*?)</pre>", page, re.DOTALL)
    assert html.unescape(table) in repr(explain(POD))
    assert "mine/main" in table


def test_what_is_refused_is_told_on_the_page_too() -> None:
    explained = explain(POD.replace("hostPath", "hostPaht"))

    assert "hostPaht" in explained._repr_html_()
    assert words(explained._repr_html_()) == repr(explained).split()
