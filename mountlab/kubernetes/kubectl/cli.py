"""The command line of kubectl: which request a line makes, or what kubectl says against it.

Source: kubectl v0.33.0, pkg/cmd/{apply,create,get,describe,exec,delete,logs}.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from mountlab.kubernetes.errors import KubernetesError
from mountlab.kubernetes.kinds import kind_named
from mountlab.kubernetes.kubectl.requests import Apply, Delete, Describe, Exec, Get, Logs, Request


class NotModelled(Exception):
    """Something that kubectl understands and mountlab does not.

    Attributes:
        word: the word of the command line.
        sentence: what about it, and what would work.
    """

    def __init__(self, word: str, sentence: str) -> None:
        super().__init__(sentence)
        self.word, self.sentence = word, sentence


class _Option(NamedTuple):
    """An option: the field it sets, and whether it takes a value."""

    field: str
    takes_value: bool = True


_NAMESPACE: Final = {"-n": _Option("namespace"), "--namespace": _Option("namespace")}
_FILES: Final = {"-f": _Option("files"), "--filename": _Option("files")}
_ALL: Final = {
    "-A": _Option("is_all_namespaces", False), "--all-namespaces": _Option("is_all_namespaces", False)
}  # fmt: skip
_CONTAINER: Final = {"-c": _Option("container"), "--container": _Option("container")}
OPTIONS: Final[dict[str, dict[str, _Option]]] = {
    "apply": _FILES,
    "create": _FILES,
    "get": {**_ALL, "-o": _Option("output"), "--output": _Option("output"),
            "--no-headers": _Option("has_no_headers", False)},
    "describe": _ALL,
    "exec": {**_CONTAINER, "-i": _Option("interactive", False), "--stdin": _Option("interactive", False),
             "-t": _Option("tty", False), "--tty": _Option("tty", False)},
    "delete": {**_FILES, "--wait": _Option("wait", False), "--force": _Option("force", False),
               "--grace-period": _Option("grace_period"), "--timeout": _Option("timeout"),
               "--now": _Option("now", False), "--ignore-not-found": _Option("ignore_not_found", False),
               "--all": _Option("all", False)},
    "logs": _CONTAINER,
}  # fmt: skip
"""What each command understands, besides -n."""
COMMANDS: Final = tuple(OPTIONS)
_RESOURCES: Final = 'Use "kubectl api-resources" for a complete list of supported resources'


class _Given(NamedTuple):
    """The words of a command."""

    values: dict[str, str]
    files: tuple[str, ...]
    operands: list[str]
    command: list[str] | None
    """What stands behind ``--``."""

    def has(self, field: str) -> bool:
        """Whether an option that takes no value is on."""
        return self.values.get(field, "false") == "true"


def is_understood(argv: Sequence[str]) -> tuple[str, str] | None:
    """Whether mountlab models this command: None, or the word that it does not, and a sentence."""
    try:
        parse(argv)
    except NotModelled as error:
        return error.word, error.sentence
    except KubernetesError:
        pass
    return None


def parse(argv: Sequence[str]) -> Request:
    """What a line asks for.

    Args:
        argv: the words, "kubectl" the first.

    Raises:
        KubernetesError: kubectl itself refuses the line; with its words and its exit status.
        NotModelled: kubectl would understand it, and mountlab does not.
    """
    words = list(argv[1:])
    before: list[str] = []
    while words and words[0].startswith("-"):  # kubectl -n monitoring get pods
        taken = 2 if words[0] in _NAMESPACE else 1
        before += words[:taken]
        words = words[taken:]
    if not words:
        raise NotModelled(
            "kubectl", f"kubectl alone prints its help; say which command: {', '.join(COMMANDS)}"
        )
    name = words[0]
    if name not in OPTIONS:
        raise NotModelled(name, f"kubectl {name} is not modelled; understood are {', '.join(COMMANDS)}")
    return _BUILDERS[name](_read(name, [*before, *words[1:]]))


def _read(name: str, words: Sequence[str]) -> _Given:
    known = {**OPTIONS[name], **_NAMESPACE}
    given = _Given({}, (), [], None)
    files: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            return given._replace(files=tuple(files), command=waiting)
        if not word.startswith("-") or word == "-":
            given.operands.append(word)
            continue
        for option, glued in _split(name, word, known):
            if not option.takes_value:
                given.values[option.field] = glued or "true"
                continue
            if glued is None and not waiting:
                raise KubernetesError(_needs_argument(name, word))
            value = waiting.pop(0) if glued is None else glued
            if option.field == "files":
                files += value.split(",")
            given.values[option.field] = value
    return given._replace(files=tuple(files))


def _split(name: str, word: str, known: dict[str, _Option]) -> list[tuple[_Option, str | None]]:
    """The options in one word: ``-it``, ``--container=app``, ``-nmonitoring``."""
    if word.startswith("--"):
        long, equals, value = word.partition("=")
        if long not in known:
            raise _unknown(name, long, known)
        return [(known[long], value if equals else None)]
    found: list[tuple[_Option, str | None]] = []
    letters = word[1:]
    for index, letter in enumerate(letters):
        if f"-{letter}" not in known:
            raise _unknown(name, word, known)
        option = known[f"-{letter}"]
        rest = letters[index + 1 :]
        if option.takes_value:
            return [*found, (option, rest.removeprefix("=") or None)]
        found.append((option, None))
    return found


def _unknown(name: str, word: str, known: dict[str, _Option]) -> NotModelled:
    return NotModelled(word, f"kubectl {name} {word} is not modelled; understood are {', '.join(known)}")


def _needs_argument(name: str, word: str) -> str:
    if word.startswith("--"):
        said = f"flag needs an argument: {word}"
    else:
        said = f"flag needs an argument: '{word[-1]}' in {word}"
    return f"error: {said}\nSee 'kubectl {name} --help' for usage."


# -- one command each ---------------------------------------------------------------------------------------


def _apply(given: _Given) -> Request:
    return _with_files("apply", given)


def _create(given: _Given) -> Request:
    if given.operands:
        word = given.operands[0]
        raise NotModelled(word, f"kubectl create {word} is not modelled; create -f FILE is")
    return _with_files("create", given)


def _with_files(verb: str, given: _Given) -> Request:
    if not given.files:
        raise KubernetesError("error: must specify one of -f and -k")
    if given.operands:
        raise KubernetesError(f"error: Unexpected args: [{' '.join(given.operands)}]\n{_see(verb)}")
    _check_files(given.files)
    return Apply(given.files, given.values.get("namespace", ""), only_new=verb == "create")


def _see(verb: str) -> str:
    return f"See 'kubectl {verb} -h' for help and examples"


def _check_files(files: Sequence[str]) -> None:
    for name in files:
        if name.startswith(("http://", "https://")):
            raise NotModelled(
                name, "there is no network here: write the manifest to a file, or give it as -f -"
            )


def _targets(verb: str, operands: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Kinds and names: ``pods``, ``pod web db``, ``pod/web``, ``pods,events``."""
    if all("/" in word for word in operands):
        pairs = [word.partition("/") for word in operands]
        kinds = tuple(dict.fromkeys(_kind(verb, kind) for kind, _, _ in pairs))
        if len(kinds) > 1:
            raise NotModelled(operands[0], f"kubectl {verb} is understood with names of one kind at a time")
        return kinds, tuple(name for _, _, name in pairs)
    kinds = tuple(_kind(verb, word) for word in operands[0].split(","))
    return kinds, tuple(operands[1:])


def _kind(verb: str, word: str) -> str:
    found = kind_named(word)
    if found is None:
        raise NotModelled(
            word, f"kubectl {verb} {word} is not modelled; kinds are those of mounts: pods, pv …"
        )
    return found


def _get(given: _Given) -> Request:
    if not given.operands:
        raise KubernetesError(
            f"You must specify the type of resource to get. {_RESOURCES}.\n\nerror: Required resource not"
            ' specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g.'
            f" kubectl explain pods).\n{_see('get')}"
        )
    output = given.values.get("output", "")
    if output not in {"", "wide", "name"}:
        raise NotModelled(output, f"kubectl get -o {output} is not modelled; -o wide and -o name are")
    kinds, names = _targets("get", given.operands)
    return Get(
        kinds, names, given.values.get("namespace", ""), given.has("is_all_namespaces"), output,
        given.has("has_no_headers"),
    )  # fmt: skip


def _describe(given: _Given) -> Request:
    if not given.operands:
        raise KubernetesError(f"error: You must specify the type of resource to describe. {_RESOURCES}.")
    kinds, names = _targets("describe", given.operands)
    if kinds != ("Pod",):
        raise NotModelled(given.operands[0], "of kubectl describe only describe pod is modelled")
    return Describe(names, given.values.get("namespace", ""), given.has("is_all_namespaces"))


def _exec(given: _Given) -> Request:
    if not given.operands and given.command is None:
        raise KubernetesError("error: pod, type/name or --filename must be specified")
    if given.command is None and len(given.operands) > 1:
        said = "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead"
        raise KubernetesError(f"error: {said}\n{_see('exec')}")
    if not given.command:
        raise KubernetesError("error: you must specify at least one command for the container")
    return Exec(
        _one_pod("exec", given.operands), tuple(given.command), given.values.get("container", ""),
        given.values.get("namespace", ""), given.has("interactive"), given.has("tty"),
    )  # fmt: skip


def _one_pod(verb: str, operands: Sequence[str]) -> str:
    kind, slash, name = operands[0].partition("/")
    if slash and kind_named(kind) != "Pod":
        raise NotModelled(operands[0], f"kubectl {verb} is understood with the name of a pod")
    return name if slash else operands[0]


def _delete(given: _Given) -> Request:
    values = given.values
    kinds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    if given.files:
        _check_files(given.files)
    elif given.operands:
        kinds, names = _targets("delete", given.operands)
    is_forced = given.has("force")
    if not given.files and not kinds:
        raise KubernetesError("error: You must provide one or more resources by argument or filename.")
    if kinds and not names and not given.has("all"):
        raise KubernetesError("error: resource(s) were provided, but no name was specified")
    return Delete(
        given.files, kinds, names, values.get("namespace", ""), values.get("wait") != "false", is_forced,
        given.has("ignore_not_found"), given.has("all"),
    )  # fmt: skip


def _logs(given: _Given) -> Request:
    if not given.operands:
        said = "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'."
        raise KubernetesError(
            f"{said}\nPOD or TYPE/NAME is a required argument for the logs command\n{_see('logs')}"
        )
    container = given.values.get("container", "")
    if len(given.operands) > 1:
        container = container or given.operands[1]
    return Logs(_one_pod("logs", given.operands), container, given.values.get("namespace", ""))


_BUILDERS: Final[dict[str, Callable[[_Given], Request]]] = {
    "apply": _apply,
    "create": _create,
    "get": _get,
    "describe": _describe,
    "exec": _exec,
    "delete": _delete,
    "logs": _logs,
}
