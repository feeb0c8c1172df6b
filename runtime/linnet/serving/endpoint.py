"""A request on a route → the dialect's function → an answer: bounded in size and time, counted and logged."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import msgspec

from .access import Access
from .administration import Administration
from .call import Call
from .decoding import Decoder
from .dialects.routes import Dialect, Raw, Route
from .failures import RequestError
from .reading import Bodies
from .service import Service
from .watching.logs import log, log_error

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_LONG = 20_000
"""The number of values from which an answer is written aside, so that other requests go on."""
_GONE = 499
"""The status in metrics and logs of a request whose client went away before its answer."""


class ClientGoneError(Exception):
    """The client went away."""


@dataclass(frozen=True)
class Server:
    """What all routes share."""

    service: Service
    administration: Administration
    access: Access
    bodies: Bodies
    logs: bool


class Endpoint:
    """Answers the requests on a route."""

    def __init__(self, route: Route, dialect: Dialect, server: Server) -> None:
        self._route, self._dialect, self._server = route, dialect, server
        self._decoder = None if route.asks is None else Decoder(route.asks)
        self._name = route.path

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers one request."""
        start = perf_counter()
        named = scope.get("path_params", {})
        call = Call(self._server.service, self._server.administration, named.get("model"), named.get("file"))
        try:
            status, content, kind = 200, *await self._answered(call, scope, receive)
        except RequestError as error:
            status, content, kind = self._refused(call, error)
        except ClientGoneError:
            status, content, kind = _GONE, b"", ""
        except Exception as error:  # a fault of ours: the client learns no more than that
            log_error("error", error, route=self._name)
            status, content, kind = self._refused(call, RequestError("internal", "the server failed; see its log"))
        if status != _GONE:
            await self._send(send, status, content, kind, call, start)
        self._told(call, status, perf_counter() - start)

    async def _answered(self, call: Call, scope: Message, receive: Receive) -> tuple[bytes, str]:
        headers = {name: value for name, value in scope["headers"] if name in _READ}
        authorization, origin = (headers.get(name, b"").decode("latin-1") for name in _READ[:2])
        host = headers.get(b"host", b"").decode("latin-1")
        self._server.access.check(self._route.access, authorization, origin or None, host)
        if self._decoder is None:
            return await self._worked(call, None, receive)
        with self._server.bodies.hold() as held:
            body = await held.read(headers, receive)
            return await self._worked(call, self._decoder.decoded(body), receive)

    def _refused(self, call: Call, error: RequestError) -> tuple[int, bytes, str]:
        call.headers |= headers_of(error)
        return error.status, msgspec.json.encode(self._dialect.failed(error)), "application/json"

    async def _worked(self, call: Call, asked: object, receive: Receive) -> tuple[bytes, str]:
        """Returns the answer, unless the time is up or the client goes away: then what waits is cancelled."""
        timeout = self._server.service.limits.timeout
        work = asyncio.ensure_future(self._work(call, asked))
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({work, gone}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            if gone.done():
                raise ClientGoneError
            raise RequestError("unhealthy", f"no answer within {timeout:g} seconds; try again later", retry_after=1)
        finally:
            for task in (work, gone):
                task.cancel()

    async def _work(self, call: Call, asked: object) -> tuple[bytes, str]:
        answer = await self._route.handler(call, asked)
        if isinstance(answer, Raw):
            return answer
        if call.values > _LONG:
            return await call.service.aside(lambda: msgspec.json.encode(answer)), "application/json"
        return msgspec.json.encode(answer), "application/json"

    async def _send(self, send: Send, status: int, content: bytes, kind: str, call: Call, start: float) -> None:
        headers = {
            "content-type": kind,
            "content-length": str(len(content)),
            "x-content-type-options": "nosniff",
            "x-total-time": str(round((perf_counter() - start) * 1000)),
            **call.headers,
        }
        pairs = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]

        async def both() -> None:
            await send({"type": "http.response.start", "status": status, "headers": pairs})
            await send({"type": "http.response.body", "body": content})

        try:
            await asyncio.wait_for(both(), self._server.service.limits.timeout)
        except asyncio.TimeoutError:  # the client does not read: uvicorn closes the connection
            log("client does not read", route=self._name)

    def _told(self, call: Call, status: int, seconds: float) -> None:
        metrics, version = self._server.service.metrics, call.version
        metrics.requests.labels(self._name, str(status)).inc()
        metrics.seconds.labels(self._name).observe(seconds)
        if self._server.logs and self._name not in _QUIET:
            details: dict[str, object] = {} if version is None else {"model": version.name, "version": version.label}
            if call.texts:
                details |= {"texts": call.texts, "tokens": call.tokens}
            log("request", route=self._name, status=status, seconds=round(seconds, 6), **details)


_READ = (b"authorization", b"origin", b"host", b"content-length")
_QUIET = ("/health", "/ready", "/metrics")
"""Routes that are asked every few seconds, so that their requests are not logged."""


def headers_of(failure: RequestError) -> dict[str, str]:
    """Returns the headers that say what a client may do about a failure."""
    headers = {} if failure.retry_after is None else {"retry-after": str(failure.retry_after)}
    if failure.kind == "unauthorized":
        headers["www-authenticate"] = "Bearer"
    if failure.close:
        headers["connection"] = "close"
    return headers


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
