"""What ``docker ps``, ``docker volume ls`` and ``inspect`` print.

Source: docker/cli v20.10.24, cli/command/formatter/container.go and volume.go, templates/templates.go.
Times are always those of something that has just happened: nothing here has a clock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from mountlab.containers.docker.mounts import MountPoint
from mountlab.containers.docker.requests import MountRequest, VolumeOptions
from mountlab.containers.docker.state import Container
from mountlab.containers.docker.volumes import Volume
from mountlab.containers.errors import ContainerError

_NOW = "Less than a second"
_TIME = "2000-01-01T00:00:00Z"
_SHORT, _WIDEST_COMMAND, _NARROWEST, _GAP = 12, 20, 10, 3
_FIELD = re.compile(r"\{\{\s*(json\s+)?((?:\.[A-Za-z]+)+|\.)\s*\}\}")


def ps(containers: Sequence[Container], *, quiet: bool, no_trunc: bool, form: str) -> str:
    """A row for each container, the newest first."""
    rows = [_ps_row(container, no_trunc) for container in reversed(containers)]
    if quiet:
        return "".join(row["ID"] + "\n" for row in rows)
    if form and form != "table":
        return "".join(_filled(form, row) + "\n" for row in rows)
    titles = {"ID": "CONTAINER ID", "Image": "IMAGE", "Command": "COMMAND", "RunningFor": "CREATED",
              "Status": "STATUS", "Ports": "PORTS", "Names": "NAMES"}  # fmt: skip
    return _table([list(titles.values()), *([row[key] for key in titles] for row in rows)])


def _ps_row(container: Container, no_trunc: bool) -> dict[str, str]:
    command = " ".join(container.command)
    if not no_trunc and len(command) > _WIDEST_COMMAND:
        command = command[: _WIDEST_COMMAND - 1] + "…"
    status = {"running": f"Up {_NOW}", "created": "Created"}.get(
        container.status, f"Exited ({container.exit_code}) {_NOW} ago"
    )
    return {
        "ID": container.id if no_trunc else container.id[:_SHORT],
        "Image": container.settings.image,
        "Command": json.dumps(command, ensure_ascii=False),
        "RunningFor": f"{_NOW} ago",
        "Status": status,
        "State": container.status,
        "Ports": "",
        "Names": container.name,
        "Mounts": ",".join(point.name or point.source for point in container.points),
    }


def volumes(found: Sequence[Volume], *, quiet: bool, form: str) -> str:
    """A row for each volume, by name."""
    if quiet:
        return "".join(volume.name + "\n" for volume in found)
    if form and form != "table":
        rows = ({"Name": v.name, "Driver": "local", "Mountpoint": v.data, "Scope": "local"} for v in found)
        return "".join(_filled(form, row) + "\n" for row in rows)
    return _table([["DRIVER", "VOLUME NAME"], *(["local", volume.name] for volume in found)])


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Columns as Go's text/tabwriter sets them."""
    widths = [max(_NARROWEST, *(len(row[i]) + _GAP for row in rows)) for i in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append("".join([*cells, row[-1]]) + "\n")
    return "".join(lines)


def inspected(container: Container) -> dict[str, object]:
    """The part of ``docker inspect`` that has to do with mounts."""
    settings = container.settings
    return {
        "Id": container.id,
        "Created": _TIME,
        "Path": container.command[0],
        "Args": [*container.command[1:]],
        "State": {
            "Status": container.status,
            "Running": container.status == "running",
            "ExitCode": container.exit_code,
        },
        "Image": settings.image,
        "Name": "/" + container.name,
        "Driver": "overlay2",
        "HostConfig": {
            "Binds": [each.written for each in settings.mounts if each.via == "binds"] or None,
            "Privileged": settings.privileged,
            "ReadonlyRootfs": settings.read_only,
            "VolumesFrom": [*settings.volumes_from] or None,
            "CapAdd": [*settings.cap_add] or None,
            "Tmpfs": dict(settings.tmpfs) or None,
            "Mounts": [asked(each) for each in settings.mounts if each.via == "mounts"] or None,
        },
        "GraphDriver": {
            "Data": {
                "MergedDir": f"{container.layer}/merged",
                "UpperDir": f"{container.layer}/diff",
                "WorkDir": f"{container.layer}/work",
            },
            "Name": "overlay2",
        },
        "Mounts": [_point(point) for point in container.points],
    }


def asked(request: MountRequest) -> dict[str, object]:
    """A ``--mount`` as it came over the API; what is empty is left out."""
    spec = request.spec
    if spec is None:
        return {}
    said: dict[str, object] = {"Type": spec.type, "Source": spec.source, "Target": spec.target}
    said["ReadOnly"] = spec.read_only
    if spec.bind is not None:
        options = {"Propagation": spec.bind.propagation, "NonRecursive": spec.bind.nonrecursive}
        said["BindOptions"] = {key: value for key, value in options.items() if value}
    if spec.volume is not None:
        said["VolumeOptions"] = _volume_options(spec.volume)
    if spec.tmpfs is not None:
        sizes = {"SizeBytes": spec.tmpfs.size, "Mode": spec.tmpfs.mode}
        said["TmpfsOptions"] = {key: value for key, value in sizes.items() if value}
    return {key: value for key, value in said.items() if value or key.endswith("Options")}


def _volume_options(options: VolumeOptions) -> dict[str, object]:
    driver = {"Name": options.driver, "Options": dict(options.driver_options)}
    said = {
        "NoCopy": options.no_copy,
        "Labels": dict(options.labels),
        "DriverConfig": {key: value for key, value in driver.items() if value},
    }
    return {key: value for key, value in said.items() if value}


def _point(point: MountPoint) -> dict[str, object]:
    volume = {"Name": point.name} if point.type == "volume" else {}
    driver = {"Driver": point.driver} if point.type == "volume" else {}
    return {
        "Type": point.type, **volume, "Source": point.source, "Destination": point.destination, **driver,
        "Mode": point.mode, "RW": point.rw, "Propagation": point.propagation,
    }  # fmt: skip


def inspected_volume(volume: Volume) -> dict[str, object]:
    """``docker volume inspect``."""
    return {
        "CreatedAt": _TIME,
        "Driver": "local",
        "Labels": dict(volume.labels),
        "Mountpoint": volume.data,
        "Name": volume.name,
        "Options": dict(volume.options),
        "Scope": "local",
    }


def printed(found: Sequence[Mapping[str, object]], form: str) -> str:
    """As JSON, or each through a template of ``{{.Field}}`` and ``{{json .Field}}``.

    Raises:
        ContainerError: for a field that there is not.
    """
    if form:
        return "".join(_filled(form, each) + "\n" for each in found)
    return json.dumps([*found], indent=4) + "\n"


def is_simple_template(form: str) -> bool:
    """Whether a template has nothing but fields in it: no range, no functions but json."""
    return "{{" not in _FIELD.sub("", form)


def _filled(form: str, values: Mapping[str, object]) -> str:
    def fill(match: re.Match[str]) -> str:
        value: object = values
        for name in filter(None, match[2].split(".")):
            if not isinstance(value, Mapping) or name not in value:
                raise ContainerError(
                    f'Template parsing error: template: :1:2: executing "" at <{match[2]}>: map has no entry'
                    f' for key "{name}"',
                    1,
                )
            value = value[name]
        return json.dumps(value, separators=(",", ":")) if match[1] else _plain(value)

    return _FIELD.sub(fill, form.replace("\\n", "\n").replace("\\t", "\t"))


def _plain(value: object) -> str:
    """As Go prints a value without a format."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{key}:{_plain(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(_plain, value)) + "]"
    return "<nil>" if value is None else str(value)
