"""The body of a request, bounded in size and time; and the memory that all bodies take together."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

from .failures import RequestError
from .options import Limits


class Bodies:
    """Counts the bytes of the bodies that are held."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.held = 0

    @contextmanager
    def hold(self) -> Iterator["Held"]:
        """Yields what reads a body; its bytes count until the end of the ``with`` block."""
        held = Held(self)
        try:
            yield held
        finally:
            self.held -= held.size


class Held:
    """Reads one body."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self.size = 0

    async def read(
        self, headers: Mapping[bytes, bytes], receive: Callable[[], Awaitable[MutableMapping[str, Any]]]
    ) -> bytes:
        """Returns the body.

        Raises:
            RequestError: it is too long, takes too long, or ends early; or all bodies together are too long.
        """
        limits = self._bodies.limits
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared[:20]) > limits.body:
            raise _too_long(limits)
        try:
            return await asyncio.wait_for(self._read(receive), limits.timeout)
        except asyncio.TimeoutError:
            raise RequestError(
                "malformed", f"the body was not complete within {limits.timeout:g} seconds", close=True
            ) from None

    async def _read(self, receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> bytes:
        limits, parts = self._bodies.limits, list[bytes]()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise RequestError("malformed", "the body ended early", close=True)
            part = message.get("body", b"")
            self.size += len(part)
            self._bodies.held += len(part)
            if self.size > limits.body:
                raise _too_long(limits)
            if self._bodies.held > limits.bodies:
                raise RequestError(
                    "overloaded", "too many large requests at once; try again later", retry_after=1, close=True
                )
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)


def _too_long(limits: Limits) -> RequestError:
    return RequestError(
        "validation", f"expected a body of at most {limits.body} bytes; send fewer texts at a time", close=True
    )
