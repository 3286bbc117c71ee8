"""Records what the real runtimes do: `python -m mountlab.runtimes.record docker --out FILE`."""

from __future__ import annotations

import argparse
import functools
import json
import platform
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from mountlab.runtimes import cri_cases, cri_lives, cri_matrix, docker_cases, oci_matrix, systemd_cases, trace
from mountlab.runtimes.bundle import Bundles
from mountlab.runtimes.cri import Containerd
from mountlab.runtimes.docker_matrix import matrix
from mountlab.runtimes.dockerd import Dockerd
from mountlab.runtimes.host import Host, HostError
from mountlab.runtimes.matrix import Row
from mountlab.runtimes.places import STATES, words
from mountlab.runtimes.podman import Podman
from mountlab.runtimes.podman import bad_input as podman_bad_input
from mountlab.runtimes.podman import volumes as podman_volumes
from mountlab.runtimes.systemd import Systemd

Recording = dict[str, object]
_VERSIONS = {
    "dockerd": ["dockerd", "--version"],
    "docker": ["/usr/bin/docker", "--version"],
    "containerd": ["containerd", "--version"],
    "runc": ["runc", "--version"],
    "crun": ["crun", "--version"],
    "podman": ["podman", "--version"],
    "systemd": ["systemctl", "--version"],
    "busybox": ["busybox"],
    "mount": ["mount", "--version"],
    "strace": ["strace", "--version"],
}


def about(host: Host, *programs: str) -> Recording:
    """What was recorded with: the kernel, the versions, how sources were made."""
    versions = {name: host.run(_VERSIONS[name]).stdout.partition("\n")[0] for name in programs}
    return {
        "kernel": platform.release(),
        "versions": versions,
        "sources": {state: [words(line) for line in lines] for state, lines in STATES.items()},
    }


def docker() -> Recording:
    """dockerd: matrix, mount tables, bad input, a session."""
    with Dockerd(tracer=trace.TRACER) as daemon:
        calls = _noted(docker_cases.call_orders(daemon))
    with Dockerd() as daemon:
        return {
            **about(daemon.host, "dockerd", "docker", "containerd", "runc", "busybox", "mount"),
            "matrix": _noted(matrix(daemon)),
            "tables": _noted(docker_cases.mount_tables(daemon)),
            "bad_input": _noted(docker_cases.bad_input(daemon)),
            "session": _noted(docker_cases.session(daemon)),
            "calls": calls,
        }


def oci(runtime: str) -> Recording:
    """runc or crun with a config.json: matrix, bad input, the order of system calls."""
    with Host() as host:
        bundles = Bundles(runtime, host)
        return {
            **about(host, runtime, "busybox", "mount"),
            "matrix": _noted(oci_matrix.matrix(bundles)),
            "bad_input": _noted(oci_matrix.bad_input(bundles)),
            "calls": _noted(oci_matrix.call_orders(bundles)),
        }


def podman() -> Recording:
    """podman with each OCI runtime: matrix, options of named volumes, bad input."""
    with Host() as host:
        recording = about(host, "podman", "runc", "crun", "busybox", "mount")
        rows: list[Row] = []
        for runtime in ("runc", "crun"):
            engine = Podman(host, runtime)
            rows += _noted({"runtime": runtime} | row for row in matrix(engine, ways=("-v",)))
            recording[f"volumes {runtime}"] = _noted(podman_volumes(engine))
        return recording | {"matrix": rows, "bad_input": _noted(podman_bad_input(engine))}


def systemd() -> Recording:
    """systemd as process 1: units with settings about mounts, dockerd in such units, systemctl's words."""
    booted = Systemd()
    try:
        return {
            **about(booted.host, "systemd", "dockerd", "containerd", "runc"),
            "units": _noted(systemd_cases.units(booted)),
            "docker": _noted(systemd_cases.dockers(booted)),
            "session": _noted(systemd_cases.session(booted)),
        }
    finally:
        booted.close()


def cri() -> Recording:
    """containerd's CRI: matrix, modes beside each other, mount tables, odd sources, errors, remains."""
    with Containerd(tracer=trace.TRACER) as containerd:
        calls = _noted(cri_cases.call_orders(containerd))
    with Containerd() as containerd:
        return {
            **about(containerd.host, "containerd", "runc", "busybox", "mount"),
            "matrix": _noted(cri_matrix.matrix(containerd)),
            "pairs": _noted(cri_matrix.pairs(containerd)),
            "cases": _noted(cri_cases.cases(containerd)),
            "tables": _noted(cri_cases.mount_tables(containerd)),
            "errors": _noted(cri_lives.errors(containerd)),
            "left_behind": _noted(cri_lives.left_behind(containerd)),
            "restart": _noted(cri_lives.restart(containerd)),
            "calls": calls,
        }


def _noted(rows: Iterable[Row]) -> list[Row]:
    kept = []
    for row in rows:
        kept.append(row)
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return kept


RECORDERS: dict[str, Callable[[], Recording]] = {
    "cri": cri,
    "docker": docker,
    "runc": functools.partial(oci, "runc"),
    "podman": podman,
    "systemd": systemd,
    "crun": functools.partial(oci, "crun"),
}


def text_of(recording: Recording) -> str:
    """JSON with a row per line, so that a difference between two recordings is a few lines."""
    parts = []
    for key, value in recording.items():
        if isinstance(value, list):
            rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value)
            parts.append(f'"{key}": [\n{rows}\n]')
        else:
            parts.append(f'"{key}": {json.dumps(value, ensure_ascii=False, indent=1)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(argv: list[str] | None = None) -> int:
    """Record one runtime into a file."""
    parser = argparse.ArgumentParser(prog="python -m mountlab.runtimes.record", description=__doc__)
    parser.add_argument("runtime", choices=sorted(RECORDERS))
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    given = parser.parse_args(argv)
    try:
        recording = RECORDERS[given.runtime]()
    except HostError as error:
        print(f"{given.runtime}: {error}", file=sys.stderr)
        return 1
    given.out.write_text(text_of(recording), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
