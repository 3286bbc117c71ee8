"""A learner without a browser: logs in with a password, starts the server, runs a notebook's cells."""

from __future__ import annotations

import asyncio
import json
import re
import time
import urllib.parse
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

AsyncHTTPClient.configure(None, max_clients=500)

FIRST = "00-start-here.ipynb"
DIED = "the kernel died"


class Ran(NamedTuple):
    """A cell that was run."""

    seconds: float
    printed: str
    problem: str
    """The error's name and words, or nothing."""


class LearnerError(Exception):
    """The hub, the server or the kernel did not do what was asked."""


class Learner:
    """One person at one hub; nothing here waits without an end."""

    def __init__(self, hub: str, name: str, limit: float = 120) -> None:
        self.hub, self.name, self.limit, self.token = hub, name, limit, ""
        self.kernel: WebSocketClientConnection | None = None
        self.session = uuid.uuid4().hex

    async def ask(self, path: str, body: object = None, method: str = "") -> tuple[int, Any]:
        """Send one request; the status and what was answered, parsed where it is JSON."""
        headers = {"Authorization": f"token {self.token}"} if self.token else {}
        sent = None if body is None else json.dumps(body)
        answer = await self._send(path, headers, sent, method or ("GET" if body is None else "POST"))
        text = answer.body.decode(errors="replace") if answer.body else ""
        try:
            return answer.code, json.loads(text)
        except ValueError:
            return answer.code, text or str(answer.error)

    async def _send(self, path: str, headers: dict[str, str], body: str | None, method: str) -> HTTPResponse:
        request = HTTPRequest(
            self.hub + path,
            method=method,
            headers=headers,
            body=body,
            follow_redirects=False,
            request_timeout=self.limit,
            connect_timeout=self.limit,
            allow_nonstandard_methods=True,
        )
        try:
            return await AsyncHTTPClient().fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as problem:
            return HTTPResponse(request, 599, error=problem)

    async def log_in(self, password: str) -> int:
        """Fill in the hub's form, as a browser does, and take a token for what follows; the last status."""
        page = await self._send("/hub/login", {}, None, "GET")
        cookies = _cookies([page])
        form = {"username": self.name, "password": password, "_xsrf": cookies.get("_xsrf", "")}
        headers = {"Cookie": _as_header(cookies), "Content-Type": "application/x-www-form-urlencoded"}
        entered = await self._send("/hub/login", headers, urllib.parse.urlencode(form), "POST")
        if entered.code != 302:
            return entered.code
        headers["Cookie"] = _as_header(_cookies([page, entered]))
        home = await self._send("/hub/token", headers, None, "GET")
        cookies = _cookies([page, entered, home])
        headers = {
            "Cookie": _as_header(cookies),
            "X-XSRFToken": cookies["_xsrf"],
            "Content-Type": "application/json",
        }
        made = await self._send(f"/hub/api/users/{self.name}/tokens", headers, '{"expires_in": 3600}', "POST")
        if made.code == 201:
            self.token = json.loads(made.body)["token"]
        return made.code

    async def running(self) -> bool:
        """Whether the hub says that the server is ready."""
        _, answer = await self.ask(f"/hub/api/users/{self.name}")
        return bool(answer.get("servers", {}).get("", {}).get("ready")) if isinstance(answer, dict) else False

    async def spawn(self) -> None:
        """Start the server and wait until it is ready."""
        status, answer = await self.ask(f"/hub/api/users/{self.name}/server", {})
        if status not in {201, 202}:
            raise LearnerError(f"{self.name}: no server: {status} {answer}")
        async with asyncio.timeout(self.limit):
            while not await self.running():
                await asyncio.sleep(0.5)

    async def stop(self) -> None:
        """End the server."""
        await self.ask(f"/hub/api/users/{self.name}/server", method="DELETE")
        async with asyncio.timeout(self.limit):
            while (await self.ask(f"/hub/api/users/{self.name}"))[1].get("servers"):
                await asyncio.sleep(0.5)

    async def start_kernel(self) -> None:
        """Open a notebook's kernel, and the channel to it."""
        async with asyncio.timeout(self.limit):
            status, answer = await self.ask(
                f"/user/{self.name}/api/kernels", {"name": "python3", "path": FIRST}
            )
            if status != 201:
                raise LearnerError(f"{self.name}: no kernel: {status} {answer}")
            address = (
                self.hub.replace("http", "ws", 1) + f"/user/{self.name}/api/kernels/{answer['id']}/channels"
            )
            headers = {"Authorization": f"token {self.token}"}
            self.kernel = await websocket_connect(
                HTTPRequest(address, headers=headers, request_timeout=self.limit)
            )

    def leave(self) -> None:
        """Close the notebook."""
        if self.kernel is not None:
            self.kernel.close()
            self.kernel = None

    async def run(self, code: str) -> Ran:
        """Run a cell to its end, or the kernel's."""
        if self.kernel is None:
            raise LearnerError(f"{self.name} has no kernel")
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "username": self.name,
            "session": self.session,
            "version": "5.3",
            "date": "",
        }
        content = {
            "code": code,
            "silent": False,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
        }
        begun = time.monotonic()
        printed, problem, idle = "", "", False
        try:
            async with asyncio.timeout(self.limit):
                await self.kernel.write_message(json.dumps(message))
                while not idle:
                    raw = await self.kernel.read_message()
                    answer = (
                        json.loads(raw) if raw else {"msg_type": "closed", "content": {}, "parent_header": {}}
                    )
                    state = answer["content"].get("execution_state")
                    if answer["msg_type"] == "closed" or state in {"restarting", "autorestarting", "dead"}:
                        problem, idle = DIED, True
                    elif answer["parent_header"].get("msg_id") == header["msg_id"]:
                        printed += _text(answer["msg_type"], answer["content"])
                        if answer["msg_type"] == "error":
                            problem = f"{answer['content']['ename']}: {answer['content']['evalue']}"
                        idle = state == "idle"
        except TimeoutError:
            problem = f"no answer in {self.limit:.0f} s"
        return Ran(time.monotonic() - begun, printed, problem)


def _text(kind: str, content: dict[str, Any]) -> str:
    """What an output is as text, as in a saved notebook."""
    if kind == "stream":
        return str(content["text"])
    return str(content["data"].get("text/plain", "")) if kind in {"display_data", "execute_result"} else ""


def _cookies(answers: Iterable[HTTPResponse]) -> dict[str, str]:
    """What the hub has set so far, the newest value of each name."""
    set_ = (
        re.match(r"([^=]+)=([^;]*)", line)
        for answer in answers
        for line in answer.headers.get_list("Set-Cookie")
    )
    return {found[1]: found[2].strip('"') for found in set_ if found}


def _as_header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def cells_of(notebook: Path) -> list[tuple[str, str]]:
    """The code cells, in order, each with what it printed when it was saved.

    Left out are those that print something else on each machine, and mistakes on purpose.
    """
    unlike = {"nbval-ignore-output", "raises-exception"}
    cells = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]
    alike = [cell for cell in cells if not unlike & set(cell["metadata"].get("tags", []))]
    return [("".join(cell["source"]), "".join(map(_saved, cell["outputs"]))) for cell in alike]


def _saved(output: dict[str, Any]) -> str:
    data = {kind: "".join(text) for kind, text in output.get("data", {}).items() if kind == "text/plain"}
    return _text(output["output_type"], {"text": "".join(output.get("text", [])), "data": data})
