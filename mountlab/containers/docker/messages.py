"""How docker 20.10 says that something went wrong, on which command, and with which exit status."""

from __future__ import annotations

from mountlab.containers.errors import ContainerError

_FROM_DAEMON = "Error response from daemon: "


class DaemonError(ContainerError):
    """The daemon refused a request; the text is what it answers, without any prefix."""

    def __init__(self, text: str, status: int = 125) -> None:
        super().__init__(text, status)


def flag_refused(path: str, text: str) -> ContainerError:
    """An option that the client cannot read (docker/cli cli/cobra.go: FlagErrorFunc)."""
    return ContainerError(f"{text}\nSee '{path} --help'.", 125)


def reported(name: str, text: str, with_help: bool = True) -> str:
    """A sentence as ``docker run`` prints it (cli/command/container/run.go: reportError)."""
    sentence = "docker: " + text.removesuffix(".") + "."
    return sentence + (f"\nSee 'docker {name} --help'." if with_help else "")


def settings_refused(name: str, text: str) -> ContainerError:
    """Settings of a container that the client itself refuses (run.go, create.go: where parse failed)."""
    return ContainerError(reported(name, text), 125)


def runtime_refused(text: str) -> DaemonError:
    """The runtime did not make the container (moby daemon/errors.go: translateContainerdStartErr)."""
    answer = f"failed to create shim task: OCI runtime create failed: {text}: unknown"
    if "not a directory" in text.lower():
        answer += (
            ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host"
            " path exists and is the expected type"
        )
    return DaemonError(answer)


def run_refused(error: ContainerError, starting: bool = False) -> ContainerError:
    """``docker run`` when the daemon did not create, or did not start, the container.

    The status depends on the words (run.go: runStartContainerErr), and only a container that was not
    created makes docker point at its help.
    """
    text = error.text
    if any(
        words in text
        for words in (
            "executable file not found",
            "no such file or directory",
            "system cannot find the file specified",
        )
    ):
        status = 127
    else:
        status = 126 if "permission denied" in text else 125
    return ContainerError(reported("run", _FROM_DAEMON + text, with_help=not starting), status)


def daemon_refused(error: ContainerError) -> ContainerError:
    """Every other command: the daemon's answer, and status 1 (cmd/docker/docker.go: main)."""
    return ContainerError(_FROM_DAEMON + error.text, 1)
