"""A learner without a browser: logs in with a password, starts the server, runs a notebook's cells."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

AsyncHTTPClient.configure(None, max_clients=500)


class Learner:
    """One person at one hub; nothing here waits without an end."""

    def __init__(self, hub: str, name: str) -> None:
        self.hub, self.name, self.token = hub, name, ""
        self.kernel: WebSocketClientConnection | None = None
        self.session = uuid.uuid4().hex

    async def ask(self, path: str, body: object = None, method: str = "", limit: float = 60) -> tuple[int, Any]:
        """Send one request; the status and what was answered, parsed where it is JSON."""
        headers = {"Authorization": f"token {self.token}"} if self.token else {}
        method = method or ("GET" if body is None else "POST")
        sent = None if body is None else json.dumps(body)
        request = HTTPRequest(self.hub + path, method=method, headers=headers, body=sent,
                              request_timeout=limit, connect_timeout=limit, allow_nonstandard_methods=True)
        try:
            answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        except OSError as problem:
            return 599, str(problem)
        text = answer.body.decode(errors="replace") if answer.body else ""
        try:
            return answer.code, json.loads(text)
        except ValueError:
            return answer.code, text or str(answer.error)

    async def log_in(self, password: str) -> int:
        """Give name and password, as the page of the hub does; the status."""
        auth = {"username": self.name, "password": password}
        status, answer = await self.ask(f"/hub/api/users/{self.name}/tokens", {"auth": auth, "expires_in": 3600})
        if status in {200, 201}:
            self.token = answer["token"]
        return status

    async def running(self) -> bool:
        """Whether the hub says that the server is ready."""
        _, answer = await self.ask(f"/hub/api/users/{self.name}")
        return bool(answer.get("servers", {}).get("", {}).get("ready")) if isinstance(answer, dict) else False

    async def spawn(self, limit: float) -> None:
        """Start the server and wait until it is ready."""
        status, answer = await self.ask(f"/hub/api/users/{self.name}/server", {}, limit=limit)
        if status not in {201, 202}:
            raise RuntimeError(f"{self.name}: no server: {status} {answer}")
        async with asyncio.timeout(limit):
            while not await self.running():
                await asyncio.sleep(0.5)

    async def start_kernel(self, limit: float) -> None:
        """Open a notebook's kernel, and the channel to it."""
        async with asyncio.timeout(limit):
            status, answer = await self.ask(f"/user/{self.name}/api/kernels", {"name": "python3"}, limit=limit)
            if status != 201:
                raise RuntimeError(f"{self.name}: no kernel: {status} {answer}")
            address = self.hub.replace("http", "ws", 1) + f"/user/{self.name}/api/kernels/{answer['id']}/channels"
            headers = {"Authorization": f"token {self.token}"}
            self.kernel = await websocket_connect(HTTPRequest(address, headers=headers, request_timeout=limit))

    async def run(self, code: str, limit: float) -> tuple[float, str, str]:
        """Run a cell: seconds, what it printed, and the name of the error if there was one."""
        assert self.kernel is not None
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": self.name,
                  "session": self.session, "version": "5.3", "date": ""}
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {},
                   "allow_stdin": False, "stop_on_error": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        begun = time.monotonic()
        await self.kernel.write_message(json.dumps(message))
        printed, problem = "", ""
        async with asyncio.timeout(limit):
            while True:
                raw = await self.kernel.read_message()
                if raw is None:
                    return time.monotonic() - begun, printed, "the connection was closed"
                answer = json.loads(raw)
                if answer["parent_header"].get("msg_id") != header["msg_id"]:
                    continue
                kind, told = answer["msg_type"], answer["content"]
                if kind == "stream":
                    printed += told["text"]
                elif kind == "error":
                    problem = f"{told['ename']}: {told['evalue']}"
                elif kind == "status" and told["execution_state"] == "idle":
                    return time.monotonic() - begun, printed, problem


def cells_of(notebook: Path) -> list[str]:
    """The code cells of a notebook, in order."""
    cells = json.loads(notebook.read_text())["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
