"""Ask the real kubectl: what it says of files, and how it prints what an API server answers.

    python tests/kubernetes/record_kubectl.py     # writes recorded/kubectl.json; needs kubectl, no cluster

The API server is one of our own on the loopback network, which answers every request with what the case says.
"""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec: {}\n"
BOMB = 'a: &a ["x","x","x","x","x","x","x","x","x"]\n' + "".join(
    f"{name}: &{name} [{','.join([f'*{chr(ord(name) - 1)}'] * 9)}]\n" for name in "bcdefghi"
)
FILES = {
    "a tab before a word": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n\tlabels: {}\n",
    "a list not closed": "a: [b\n",
    "a mapping not closed": "a: {b",
    "an anchor in itself": "a: &x [*x]\n",
    "aliases that multiply": BOMB,
    "an unknown alias": "a: *nope\n",
    "a colon too many": "a: b: c\n",
    "deeper than its neighbour": "a: b\n\n\n  c: d\n",
    "less deep than a list": "a:\n  - b\n c: d\n",
    "a bracket too many": "key: [a]]\n",
    "a string not closed": 'a: "x\n',
    "an unknown escape": '"\\q"\n',
    "a word that cannot start": "a: @b\n",
    "a backtick": "a: `b\n",
    "control characters": "a: b\x01c\n",
    "no kind": "apiVersion: v1\nmetadata:\n  name: x\n",
    "no kind, with <, > and &": "a: <b> & c\n",
    "no kind, with a tag": "a: !!python/object:os.system x\n",
    "a list": "- a\n- b\n",
    "a word": "hello\n",
    "a list as metadata": "apiVersion: v1\nkind: Pod\nmetadata: [1]\n",
    "a number as name": POD.replace("name: x", "name: 5"),
    "a number as label": POD.replace("name: x", "name: x\n  labels: {a: 1}"),
    "a list as name": POD.replace("name: x", "name: [x]"),
    "no apiVersion": POD.replace("apiVersion: v1\n", ""),
    "a list as kind": POD.replace("kind: Pod", "kind: [x]"),
    "nothing": "",
    "comments": "# nothing\n---\n# nothing\n",
    "a second document that is no YAML": POD + "---\n[\n---\n" + POD.replace(": x", ": z"),
    "a second document of another kind": POD + "---\nhello\n---\n" + POD.replace(": x", ": z"),
    "a comment after ---": "--- # first\n" + POD,
}
SCALARS = [
    *"y Y yes n N off On true no 0o17 010 08 1_000 0x1F 0b11 1e3 1.5 .5 '1' ~ null Null".split(),
    *"2001-01-01 1:30 +5 1. -0 0644 '' yEs 1e400x 0x 0b2 - a.b 1.2.3 nan 12e03 +.5".split(),
    *"0755 0800 _1 1__0".split(),
]
CAUSES = [
    {"field": "spec.containers", "message": "Required value"},
    {"field": "spec.volumes[0].name", "message": "Forbidden: no"},
    {"field": "spec.volumes[0].name", "message": "Forbidden: no"},
]
PODSECURITY = 'violates PodSecurity "baseline:latest": hostPath volumes (volume "v")'
DECODING = 'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.foo"'


def status(reason: str, code: int, message: str, **details: Any) -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure"} | {
        "reason": reason, "code": code, "message": message, "details": details or None,
    }  # fmt: skip


ANSWERS: dict[str, dict[str, Any]] = {
    "one cause": status("Invalid", 422, "...", name="x", kind="Pod", causes=CAUSES[:1]),
    "several causes, one of them twice": status("Invalid", 422, "...", name="x", kind="Pod", causes=CAUSES),
    "forbidden": status("Forbidden", 403, f'pods "x" is forbidden: {PODSECURITY}', name="x", kind="pods"),
    "undecodable": status("BadRequest", 400, DECODING),
}


class Server(http.server.BaseHTTPRequestHandler):
    """As much of an API server as `kubectl apply` of a pod asks for."""

    answer: dict[str, Any] | None = None
    warning = ""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def say(self, code: int, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if self.warning and self.command == "POST":
            self.send_header("Warning", f"299 - {json.dumps(self.warning)}")
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        verbs = ["create", "get", "patch"]
        pods = {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": verbs}
        kind = {"x-kubernetes-group-version-kind": {"group": "", "kind": "Pod", "version": "v1"}}
        call = kind | {"parameters": [{"name": "fieldValidation", "in": "query"}]}
        known: dict[str, object] = {
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
            "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [pods]},
            "/openapi/v3": {"paths": {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1?hash=1"}}},
            "/openapi/v3/api/v1": {
                "openapi": "3.0.0",
                "info": {"title": "k", "version": "v1"},
                "paths": {"/api/v1/namespaces/{namespace}/pods": {"post": call, "patch": call}},
            },
        }
        missing = status("NotFound", 404, "not found")
        self.say(200 if path in known else 404, known.get(path, missing))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.say(int(self.answer["code"]) if self.answer else 201, self.answer or body)


def main() -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        sys.exit("kubectl is not installed")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "f.yaml"
        apply = [kubectl, f"--server=http://127.0.0.1:{server.server_port}", "apply", "-f"]

        def run(text: str, argv: list[str]) -> dict[str, object]:
            file.write_text(text)
            env = os.environ | {"HOME": folder, "KUBECACHEDIR": f"{folder}/cache"}
            ran = subprocess.run(
                argv, capture_output=True, text=True, cwd=folder, env=env, input=text, check=False, timeout=60
            )
            return {"status": ran.returncode, "stdout": ran.stdout, "stderr": ran.stderr}

        recorded: dict[str, Any] = {"version": run("", [kubectl, "version", "--client"])["stdout"]}
        recorded["files"] = {
            name: {"text": text, **run(text, [*apply, "f.yaml"])} for name, text in FILES.items()
        }
        recorded["answers"] = {}
        for name, answer in ANSWERS.items():
            Server.answer = answer
            said = {source: run(POD, [*apply, source])["stderr"] for source in ("f.yaml", "-")}
            recorded["answers"][name] = {"answer": answer, **said}
        Server.answer, Server.warning = None, "would violate PodSecurity"
        recorded["warning"] = run(POD, [*apply, "f.yaml"])
        Server.warning = ""
        listed = "".join(f"  - {each}\n" for each in SCALARS)
        label = [kubectl, "label", "--local", "-f", "f.yaml", "a=b", "-o", "json"]
        text = f"apiVersion: v1\nkind: F\nmetadata: {{name: x}}\nv:\n{listed}"
        said = json.loads(str(run(text, label)["stdout"]))
        recorded["scalars"] = dict(zip(SCALARS, said["v"], strict=True))
    target = HERE / "recorded/kubectl.json"
    target.write_text(re.sub(r"127\.0\.0\.1:\d+", "SERVER", json.dumps(recorded, indent=1)) + "\n")


if __name__ == "__main__":
    main()
