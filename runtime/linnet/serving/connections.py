"""Connections that send no complete head in time, or too long a one, are ended; too many are refused. Imports `uvicorn`."""

from asyncio import BaseTransport, TimerHandle
from typing import Any, ClassVar

from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .options import Limits

_REFUSED = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


_ALWAYS = b"/health"
"""What is answered on every connection: who asks it ends a server that does not answer."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself waits for ever for the end of a head, of any length."""

    limits: ClassVar[Limits] = Limits()
    crowded: ClassVar[ASGIApp]
    """What answers instead of the application where there are too many connections."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._in_head = True
        self._head_timer: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Starts the time of the first head."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the timer."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads what came, and counts the bytes of a head that is not complete."""
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self.limits.header_bytes:
                self._refuse()
        if self._head_timer is None and self.timeout_keep_alive_task is None and not self._busy:
            self._start()

    def on_message_begin(self) -> None:
        """Notes that a head begins."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Notes that the head is complete.

        Raises:
            ValueError: it is too long; the parser then stops.
        """
        self._in_head, self._head_bytes = False, 0
        self._stop()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.limits.header_bytes:
            raise ValueError("the head is too long")
        full = len(self.connections) > self.limits.connections and self.url != _ALWAYS
        self.app = type(self).crowded if full else self.config.loaded_app
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Waits for the next head."""
        self._in_head = True
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answers what is no request of HTTP, and a head that is too long."""
        if self.headers and sum(len(name) + len(value) for name, value in self.headers) > self.limits.header_bytes // 2:
            self._refuse()
        else:
            super().send_400_response(msg)

    @property
    def _busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _start(self) -> None:
        self._head_timer = self.loop.call_later(self.limits.header_timeout, self._end)

    def _stop(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _end(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()

    def _refuse(self) -> None:
        self.transport.write(_REFUSED)
        self.transport.close()
