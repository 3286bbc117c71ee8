"""What the Pod Security levels forbid: one function for each check.

Source: kubernetes/pod-security-admission v0.33.0: policy/check_*.go; policy/registry.go for their order.  The
checks of the latest version are taken, whatever version a label names.  Not modelled, as no mount meets them:
seLinuxOptions, sysctls, AppArmor, Windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from mountlab.kubernetes.node import Node
from mountlab.kubernetes.pods import Container, Pod, Volume

_DEFAULT_CAPABILITIES = set(
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID "
    "SYS_CHROOT".split()
)
_UNRESTRICTED_VOLUMES = set(
    "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret".split()
)
_GOOD_SECCOMP = {"RuntimeDefault", "Localhost"}


class Violation(NamedTuple):
    """A check that a pod does not pass."""

    reason: str
    detail: str
    spots: tuple[str, ...] = ()
    """The fields that it is about, below the pod's spec."""

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


def violations(pod: Pod, level: str) -> tuple[Violation, ...]:
    """The checks of a level that a pod does not pass, in the admission's order."""
    if level == "privileged":
        return ()
    checks = _BASELINE if level == "baseline" else _RESTRICTED
    return tuple(found for check in checks if (found := check(pod)))


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _many(word: str, of: Iterable[object]) -> str:
    return word if len(list(of)) == 1 else f"{word}s"


def _named(containers: list[Container]) -> str:
    return f"{_many('container', containers)} {_quoted(each.name for each in containers)}"


def _spots(containers: list[Container], field: str = "") -> tuple[str, ...]:
    return tuple(each.path + (f".{field}" if field else "") for each in containers)


def _list(node: Node | None, name: str) -> list[str]:
    return [str(each.value) for each in node.items(name)] if node else []


# --- baseline


def _capabilities(pod: Pod) -> Violation | None:
    bad, added = [], set[str]()
    for container in pod.all_containers:
        extra = set(_list(container.security.get("capabilities"), "add")) - _DEFAULT_CAPABILITIES
        if extra:
            bad.append(container)
            added |= extra
    if not bad:
        return None
    detail = f"{_named(bad)} must not include {_quoted(sorted(added))} in securityContext.capabilities.add"
    return Violation("non-default capabilities", detail, _spots(bad, "securityContext.capabilities.add"))


def _host_namespaces(pod: Pod) -> Violation | None:
    bad = [name for name in ("hostNetwork", "hostPID", "hostIPC") if pod.spec.flag(name)]
    detail = ", ".join(f"{name}=true" for name in bad)
    return Violation("host namespaces", detail, tuple(bad)) if bad else None


def _host_paths(pod: Pod) -> Violation | None:
    bad = [volume for volume in pod.volumes if "hostPath" in volume.kinds]
    if not bad:
        return None
    detail = f"{_many('volume', bad)} {_quoted(volume.name for volume in bad)}"
    return Violation("hostPath volumes", detail, tuple(f"{_below(pod, each)}.hostPath" for each in bad))


def _host_ports(pod: Pod) -> Violation | None:
    """In the host's network every port is one of the host (pkg/apis/core/v1/defaults.go: SetDefaults_Pod)."""
    bad, ports = [], set[str]()
    fields = ("hostPort", "containerPort") if pod.spec.flag("hostNetwork") else ("hostPort",)
    for container in pod.all_containers:
        numbers = [port.number(name) for port in container.node.items("ports") for name in fields]
        used = {str(number) for number in numbers if number}
        if used:
            bad.append(container)
            ports |= used
    if not bad:
        return None
    uses = "uses" if len(bad) == 1 else "use"
    detail = f"{_named(bad)} {uses} {_many('hostPort', ports)} {', '.join(sorted(ports))}"
    return Violation("hostPort", detail, _spots(bad, "ports"))


def _privileged(pod: Pod) -> Violation | None:
    bad = [container for container in pod.all_containers if container.is_privileged]
    if not bad:
        return None
    detail = f"{_named(bad)} must not set securityContext.privileged=true"
    return Violation("privileged", detail, _spots(bad, "securityContext.privileged"))


def _proc_mount(pod: Pod) -> Violation | None:
    bad = [each for each in pod.all_containers if each.security.text("procMount") not in {"", "Default"}]
    if not bad:
        return None
    kinds = sorted({each.security.text("procMount") for each in bad})
    detail = f"{_named(bad)} must not set securityContext.procMount to {_quoted(kinds)}"
    return Violation("procMount", detail, _spots(bad, "securityContext.procMount"))


def _seccomp(pod: Pod) -> Violation | None:
    setters, kinds = list[str](), set[str]()
    at_pod = pod.security.get("seccompProfile")
    if at_pod and at_pod.text("type") not in _GOOD_SECCOMP:
        setters.append("pod")
        kinds.add(at_pod.text("type"))
    bad = []
    for container in pod.all_containers:
        profile = container.security.get("seccompProfile")
        if profile and profile.text("type") not in _GOOD_SECCOMP:
            bad.append(container)
            kinds.add(profile.text("type"))
    if bad:
        setters.append(_named(bad))
    if not setters:
        return None
    who = " and ".join(setters)
    detail = f"{who} must not set securityContext.seccompProfile.type to {_quoted(sorted(kinds))}"
    return Violation("seccompProfile", detail, _spots(bad, "securityContext.seccompProfile"))


# --- restricted


def _escalation(pod: Pod) -> Violation | None:
    bad = [each for each in pod.all_containers if each.security.flag("allowPrivilegeEscalation") is not False]
    if not bad:
        return None
    detail = f"{_named(bad)} must set securityContext.allowPrivilegeEscalation=false"
    return Violation("allowPrivilegeEscalation != false", detail, _spots(bad))


def _dropped_capabilities(pod: Pod) -> Violation | None:
    missing, adding, added = [], [], set[str]()
    for container in pod.all_containers:
        capabilities = container.security.get("capabilities")
        if "ALL" not in _list(capabilities, "drop"):
            missing.append(container)
        extra = set(_list(capabilities, "add")) - {"NET_BIND_SERVICE"}
        if extra:
            adding.append(container)
            added |= extra
    details = []
    if missing:
        details.append(f'{_named(missing)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        listed = _quoted(sorted(added))
        details.append(f"{_named(adding)} must not include {listed} in securityContext.capabilities.add")
    return Violation("unrestricted capabilities", "; ".join(details), _spots(missing)) if details else None


def _below(pod: Pod, volume: Volume) -> str:
    return volume.path.removeprefix(f"{pod.path}.")


def _volume_types(pod: Pod) -> Violation | None:
    bad = [volume for volume in pod.volumes if not _UNRESTRICTED_VOLUMES & set(volume.kinds)]
    if not bad:
        return None
    kinds = sorted({volume.kind or "unknown" for volume in bad})
    names = f"{_many('volume', bad)} {_quoted(volume.name for volume in bad)}"
    uses = "uses" if len(bad) == 1 else "use"
    detail = f"{names} {uses} {_many('restricted volume type', kinds)} {_quoted(kinds)}"
    return Violation("restricted volume types", detail, tuple(_below(pod, each) for each in bad))


def _non_root(pod: Pod) -> Violation | None:
    at_pod = pod.security.flag("runAsNonRoot")
    said_no = [each for each in pod.all_containers if each.security.flag("runAsNonRoot") is False]
    setters = (["pod"] if at_pod is False else []) + ([_named(said_no)] if said_no else [])
    reason = "runAsNonRoot != true"
    if setters:
        detail = f"{' and '.join(setters)} must not set securityContext.runAsNonRoot=false"
        return Violation(reason, detail, _spots(said_no, "securityContext.runAsNonRoot"))
    silent = [each for each in pod.all_containers if each.security.flag("runAsNonRoot") is None]
    if at_pod or not silent:
        return None
    detail = f"pod or {_named(silent)} must set securityContext.runAsNonRoot=true"
    return Violation(reason, detail, _spots(silent))


def _root_user(pod: Pod) -> Violation | None:
    bad = [each for each in pod.all_containers if each.security.number("runAsUser") == 0]
    setters = ["pod"] if pod.security.number("runAsUser") == 0 else []
    setters += [_named(bad)] if bad else []
    detail = f"{' and '.join(setters)} must not set runAsUser=0"
    return Violation("runAsUser=0", detail, _spots(bad, "securityContext.runAsUser")) if setters else None


def _restricted_seccomp(pod: Pod) -> Violation | None:
    found = _seccomp(pod)
    if found or pod.security.get("seccompProfile"):
        return found
    silent = [each for each in pod.all_containers if not each.security.get("seccompProfile")]
    if not silent:
        return None
    wanted = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Violation("seccompProfile", f"pod or {_named(silent)} {wanted}", _spots(silent))


_Check = Callable[[Pod], Violation | None]
_BASELINE: tuple[_Check, ...] = (
    _capabilities,
    _host_namespaces,
    _host_paths,
    _host_ports,
    _privileged,
    _proc_mount,
    _seccomp,
)
"""In the order of their names there, which is the order of the message."""
_RESTRICTED: tuple[_Check, ...] = (
    _host_namespaces,
    _host_ports,
    _privileged,
    _proc_mount,
    _escalation,
    _dropped_capabilities,
    _volume_types,
    _non_root,
    _root_user,
    _restricted_seccomp,
)
"""Three of the restricted checks take the place of the baseline's."""
