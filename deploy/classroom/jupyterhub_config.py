"""A classroom on one server: each learner is a user of the machine, in a box of processes, files and limits.

Setup and reasons: README.md beside this file.  Numbers come from the environment: nobody edits this file.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from jupyterhub.spawner import LocalProcessSpawner
from jupyterhub.utils import random_port
from traitlets.config import get_config

HERE = Path(__file__).resolve().parent
STATE = Path(os.environ.get("CLASSROOM_STATE", "/var/lib/mountlab-classroom"))
IDLE = int(os.environ.get("CLASSROOM_IDLE_SECONDS", "3600"))
LEARNERS = int(os.environ.get("CLASSROOM_LEARNERS", "40"))
GROUP = "mountlab-class"


class BoxSpawner(LocalProcessSpawner):
    """Starts a learner's server through learner.sh, which gives up root's rights inside the box."""

    _ports: ClassVar[dict[str, int]] = {}
    """What each learner was given."""

    async def start(self) -> tuple[str, int]:
        """A free port that nobody else was given: two that start at once may find the same one."""
        while (port := random_port()) in self._ports.values():
            pass
        self._ports[self.user.name] = self.port = port
        return await super().start()

    def make_preexec_fn(self, name: str) -> Callable[[], None] | None:  # noqa: ARG002 - JupyterHub's signature
        return None

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Terminals are bash; the account's own shell is nologin, so that no way leads around the box."""
        return {**super().user_env(env), "SHELL": "/bin/bash"}

    def get_args(self) -> list[str]:
        return [self.user.name, str(HERE / "lab/bin/jupyterhub-singleuser"), *super().get_args()]

    def get_env(self) -> dict[str, str]:
        names = ("CLASSROOM_MEMORY_MB", "CLASSROOM_TASKS", "CLASSROOM_STATE")
        return super().get_env() | {name: os.environ[name] for name in names if name in os.environ}

    async def _signal(self, sig: int) -> bool:
        """A polite signal goes to the box's first process: `unshare`, in front of it, hears none."""
        if sig in {signal.SIGINT, signal.SIGTERM}:
            try:
                children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
                for child in children.read_text().split():  # noqa: ASYNC240 - /proc does not block
                    os.kill(int(child), sig)
            except (FileNotFoundError, ProcessLookupError):
                return await super()._signal(0)
            return True
        return await super()._signal(sig)


STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
c = get_config()

# Loopback only: a web server with a certificate stands in front.
c.JupyterHub.bind_url = os.environ.get("CLASSROOM_URL", "http://127.0.0.1:8000")
c.JupyterHub.db_url = f"sqlite:///{STATE}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")
c.ConfigurableHTTPProxy.command = [str(HERE / "node_modules/.bin/configurable-http-proxy")]

# The machine's own passwords. No password is shipped; setup.sh makes one for each learner.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {GROUP}

c.JupyterHub.spawner_class = BoxSpawner
c.Spawner.cmd = [str(HERE / "learner.sh")]
c.Spawner.notebook_dir = "~/work"
c.Spawner.default_url = "/lab/tree/00-start-here.ipynb"
# Kernels talk through files of the learner's home: TCP ports would tell every user what cells print.
c.Spawner.args = ["--KernelManager.transport=ipc"]
# `auto` is user-mode Linux where it is installed: no learner's mount reaches this machine's kernel.
c.Spawner.env_keep = ["LANG"]
c.Spawner.environment = {
    "PATH": f"{HERE}/lab/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "MOUNTLAB_BACKEND": os.environ.get("CLASSROOM_BACKEND", "auto"),
}
# A class begins all at once: nobody is told to try again, but all wait for the slowest.
c.Spawner.start_timeout = 300
c.Spawner.http_timeout = 300
c.JupyterHub.concurrent_spawn_limit = LEARNERS
c.JupyterHub.active_server_limit = LEARNERS

# Who has gone home gives the memory back; the notebooks stay.
c.JupyterHub.last_activity_interval = max(5, min(300, IDLE // 4))
c.JupyterHub.load_roles = [{
    "name": "idle-culler",
    "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    "services": ["idle-culler"],
}]
c.JupyterHub.services = [{
    "name": "idle-culler",
    "command": [sys.executable, "-m", "jupyterhub_idle_culler",
                f"--timeout={IDLE}", f"--cull-every={max(1, min(60, IDLE // 2))}"],
}]
