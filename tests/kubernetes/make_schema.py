"""Write mountlab/kubernetes/schema.json: names and types of fields, out of the published Kubernetes schema.

    pip download --no-deps kubernetes-validate && unzip kubernetes_validate-*.whl -d FOLDER
    python tests/kubernetes/make_schema.py FOLDER

Only what can be reached from the kinds that mountlab reads is kept, and of each field only its type; of all
other kinds only that they exist.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

RELEASE = "1.33.0"
SOURCE = f"kubernetes_validate/kubernetes-json-schema/v{RELEASE}-local-strict/_definitions.json"
UNSERVED = ("List", "Options", "Status")
CORE = ("Pod", "PersistentVolume", "PersistentVolumeClaim", "Namespace")
READ = [
    *(f"io.k8s.api.core.v1.{kind}" for kind in CORE),
    *(f"io.k8s.api.apps.v1.{kind}" for kind in ("DaemonSet", "Deployment", "StatefulSet", "ReplicaSet")),
    *(f"io.k8s.api.batch.v1.{kind}" for kind in ("Job", "CronJob")),
    *(f"io.k8s.api.storage.v1.{kind}" for kind in ("StorageClass", "CSIDriver")),
]
SPECIAL = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "intstr",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "any",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "any",
}


def short(name: str) -> str:
    """io.k8s.api.core.v1.Pod -> core/v1.Pod: the Go type is what follows the slash."""
    group, version, kind = name.rsplit(".", 3)[-3:]
    return f"{group}/{version}.{kind}"


def type_of(field: dict[str, Any], needed: set[str]) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        if name in SPECIAL:
            return SPECIAL[name]
        needed.add(name)
        return short(name)
    kinds = field.get("type", "any")
    kind = next((each for each in kinds if each != "null"), "any") if isinstance(kinds, list) else kinds
    if kind == "array":
        return "[]" + type_of(field["items"], needed)
    if kind == "object":
        inside = field.get("additionalProperties")
        return "map[string]" + type_of(inside, needed) if isinstance(inside, dict) else "any"
    if kind == "integer":
        return str(field.get("format", "int64"))
    return {"string": "string", "boolean": "bool", "number": "float64"}.get(kind, "any")


def main(folder: str) -> None:
    published: dict[str, Any] = json.loads((Path(folder) / SOURCE).read_text())
    definitions = published["$defs"]
    kinds: dict[str, str] = {}
    for name, definition in sorted(definitions.items()):
        for gvk in definition.get("x-kubernetes-group-version-kind", []):
            if "metadata" not in definition.get("properties", {}) or gvk["kind"].endswith(UNSERVED):
                continue
            version = "/".join(part for part in (gvk["group"], gvk["version"]) if part)
            if "alpha" not in version and "beta" not in version:
                kinds[f"{version} {gvk['kind']}"] = short(name) if name in READ else ""
    types: dict[str, dict[str, str]] = {}
    needed, done = set(READ), set[str]()
    while needed - done:
        name = min(needed - done)
        done.add(name)
        fields = definitions[name].get("properties", {})
        types[short(name)] = {field: type_of(fields[field], needed) for field in sorted(fields)}
    table = {"release": RELEASE, "kinds": kinds, "types": dict(sorted(types.items()))}
    target = Path(__file__).parents[2] / "mountlab/kubernetes/schema.json"
    target.write_text(json.dumps(table, indent=0, separators=(",", ":")) + "\n")
    print(target.stat().st_size, "bytes,", len(kinds), "kinds,", len(types), "types")


if __name__ == "__main__":
    main(sys.argv[1])
