"""A running `linnet serve`, and a plain client for it."""

import http.client
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """The content, parsed."""
        return json.loads(self.content)


def asked(
    connection: http.client.HTTPConnection, method: str, path: str, body: object, headers: Mapping[str, str] | None
) -> Answer:
    """Sends a request and ends the connection; ``body`` is sent as JSON unless it is bytes."""
    content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    try:
        connection.request(method, path, content, {"content-type": "application/json", **(headers or {})})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())
    finally:
        connection.close()


class Running:
    """A server in a process of its own; ``within`` are arguments of Python that go before its own."""

    def __init__(self, *argv: str | Path, cwd: Path | None = None, within: tuple[str, ...] = ()) -> None:
        command = [sys.executable, *within, "-m", "linnet", "serve", *map(str, argv), "--port", "0"]
        self.process = subprocess.Popen(command, cwd=cwd, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        self.log: list[str] = []
        self._ready = threading.Event()
        self.port = 0
        threading.Thread(target=self._follow, daemon=True).start()
        assert self._ready.wait(180), self.log
        assert self.port, self.log

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that were logged."""
        return [json.loads(line) for line in self.log if line.startswith("{")]

    def ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Sends a request on a connection of its own; ``body`` is sent as JSON unless it is bytes."""
        return asked(http.client.HTTPConnection("127.0.0.1", self.port, timeout=120), method, path, body, headers)

    def post(self, path: str, body: object, **headers: str) -> Any:
        """Sends JSON; returns the JSON of an answer that is no failure."""
        answer = self.ask("POST", path, body, headers)
        assert answer.status == 200, answer
        return answer.json

    def get(self, path: str) -> Any:
        """Returns the JSON of an answer that is no failure."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.json

    def metrics(self) -> dict[str, float]:
        """Returns the metrics by their names with labels."""
        lines = self.ask("GET", "/metrics").content.decode().splitlines()
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}

    def stop(self) -> int:
        """Ends the server as a service manager does; returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def _follow(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.log.append(line)
            if '"event": "ready"' in line:
                self.port = json.loads(line)["port"]
                self._ready.set()
        self._ready.set()


@contextmanager
def running(*argv: str | Path, cwd: Path | None = None) -> Iterator[Running]:
    """Yields a server, and ends it."""
    found = Running(*argv, cwd=cwd)
    try:
        yield found
    finally:
        found.process.kill()
        found.process.wait()
