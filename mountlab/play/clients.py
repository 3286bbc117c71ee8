"""What the Tab key offers after docker, systemctl and kubectl: subcommands, options, names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mountlab.containers.docker.commands import ALIASES, GROUPS, MODELLED, Usage
from mountlab.containers.systemd.properties import PROPERTIES
from mountlab.containers.systemd.systemctl import OPTIONS, VERBS
from mountlab.kubernetes.kinds import KINDS
from mountlab.kubernetes.kubectl.cli import OPTIONS as OF_KUBECTL
from mountlab.shell.backend import NamespaceTable

_UNITS = ("docker.service",)
_OF_CONTAINERS = ("exec", "start", "stop", "restart", "kill", "rm", "inspect")


def offered(words: Sequence[str], word: str, tables: Iterable[NamespaceTable]) -> list[str]:
    """What may stand where a word has been begun; nothing where any path or name may stand.

    Args:
        words: the words before it; the first is the client's name.
        word: what there is of it.
        tables: of the machine: what holds a namespace is known by name.
    """
    held = [holder for table in tables for holder in table.holders]
    if words[0] == "systemctl":
        return _after_systemctl(words[1:], word, [each.name for each in held if each.kind == "unit"])
    containers = [each.name for each in held if each.kind == "container"]
    if words[0] == "kubectl":
        return _after_kubectl(words[1:], word, [name for name in containers if "/" in name])
    return _after_docker(words[1:], word, [name for name in containers if "/" not in name])


def _after_systemctl(words: Sequence[str], word: str, units: list[str]) -> list[str]:
    if words and words[-1] in ("-p", "-P", "--property"):
        return [*PROPERTIES]
    if word.startswith("-"):
        return [*OPTIONS]
    verb = next((each for each in words if each in VERBS), None)
    return sorted({*_UNITS, *units}) if verb else [*VERBS]


def _after_docker(words: Sequence[str], word: str, containers: list[str]) -> list[str]:
    plain = [each for each in words if not each.startswith("-")]
    length = 2 if plain[:1] and plain[0] in GROUPS else 1
    if len(plain) < length:
        before = [*plain, ""] if plain else [""]
        known = [name.split(" ") for name in (*MODELLED, *ALIASES)]
        return sorted({name[len(plain)] for name in known if name[: len(plain)] == before[:-1]})
    name = " ".join(plain[:length])
    found = MODELLED.get(ALIASES.get(name, name))
    if found is None:
        return []
    if word.startswith("-"):
        return _options(found[1])
    return containers if found[0] in _OF_CONTAINERS else []


def _after_kubectl(words: Sequence[str], word: str, containers: list[str]) -> list[str]:
    """Containers of pods are called POD/CONTAINER, outside the default namespace NAMESPACE/POD/CONTAINER."""
    if "--" in words:
        return []
    verb = next((each for each in words if each in OF_KUBECTL), None)
    if verb is None:
        return [*OF_KUBECTL]
    if word.startswith("-"):
        return sorted({"-n", "--namespace", *OF_KUBECTL[verb]})
    if words[-1] in ("-n", "--namespace"):
        return sorted({name.split("/")[0] for name in containers if name.count("/") > 1})
    if words[-1] in ("-c", "--container"):
        return sorted({name.split("/")[-1] for name in containers})
    if words[-1] in ("-f", "--filename"):
        return []
    pods = sorted({name.split("/")[-2] for name in containers})
    takes_kind = verb in ("get", "describe", "delete")
    plain = [each for each in words[words.index(verb) + 1 :] if not each.startswith("-")]
    if takes_kind and not plain:
        return ["pod"] if verb == "describe" else [names.plural for names in KINDS.values()]
    return pods if not takes_kind or plain[0] in ("pod", "pods", "po") else []


def _options(usage: Usage) -> list[str]:
    modelled = [flag for flag in usage.flags.values() if not flag.refused]
    short = [f"-{flag.short}" for flag in modelled if flag.short]
    return sorted({*short, *(f"--{flag.name}" for flag in modelled)})
