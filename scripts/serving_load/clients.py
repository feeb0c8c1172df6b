"""Clients that cost little: HTTP/1.1 over kept connections, on one event loop."""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any, NamedTuple


class Answered(NamedTuple):
    """An answer: its status, its content, the seconds that it took, and when it came (`time.perf_counter`)."""

    status: int
    content: bytes
    seconds: float
    at: float
    model: str


class Client:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, body: object, headers: str = "") -> Answered:
        """Sends JSON; returns the answer. An answer that ends the connection is no failure."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 26)
        assert self._reader
        content = json.dumps(body).encode()
        start = time.perf_counter()
        head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{headers}content-length: {len(content)}\r\n\r\n"
        self._writer.write(head.encode() + content)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        answer = await self._reader.readexactly(int(fields.get("content-length", 0)))
        if fields.get("connection") == "close":
            self.close()
        end = time.perf_counter()
        return Answered(int(lines[0].split()[1]), answer, end - start, end, fields.get("x-linnet-model", ""))

    def close(self) -> None:
        """Ends the connection."""
        if self._writer is not None:
            self._writer.close()
        self._writer = None


async def closed_loop(port: int, bodies: Sequence[Any], clients: int, path: str = "/") -> tuple[list[Answered], float]:
    """Has so many clients send the bodies, each its next when it has an answer; returns the answers and the seconds."""
    waiting = iter(list(enumerate(bodies)))
    answers: list[Answered | None] = [None] * len(bodies)

    async def one() -> None:
        client = Client(port)
        for index, body in waiting:
            answers[index] = await client.post(path, body)
        client.close()

    start = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(clients)))
    return [answer for answer in answers if answer], time.perf_counter() - start


async def open_loop(
    port: int, bodies: Sequence[Any], rate: float, seconds: float, path: str
) -> list[tuple[int, Answered | None]]:
    """Sends so many bodies a second, whatever comes back; returns each body's number with its answer, None if refused."""
    idle: list[Client] = []
    found: list[tuple[int, Answered | None]] = []

    async def one(number: int) -> None:
        client = idle.pop() if idle else Client(port)
        try:
            answer = await client.post(path, bodies[number])
            found.append((number, answer))
            idle.append(client)
        except (OSError, asyncio.IncompleteReadError):
            client.close()
            found.append((number, None))

    tasks, start, sent = [], time.perf_counter(), 0
    while (passed := time.perf_counter() - start) < seconds:
        while sent < passed * rate:
            tasks.append(asyncio.ensure_future(one(sent % len(bodies))))
            sent += 1
        await asyncio.sleep(0.005)
    await asyncio.gather(*tasks)
    for client in idle:
        client.close()
    return found
