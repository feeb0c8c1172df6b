"""The table of dialects → an ASGI application. Imports `starlette`."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache

import msgspec
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from .dialects import DIALECTS, dialect_at
from .dialects.routes import Dialect, Route
from .endpoint import Endpoint, Server, headers_of
from .failures import NoRouteError, RequestError
from .openapi import document
from .options import NAME, VERSION


class _ModelName(Convertor[str]):
    """Recognises ``NAME`` and ``NAME@VERSION`` in a path."""

    regex = f"{NAME.pattern}(?:@{VERSION.pattern})?"

    def convert(self, value: str) -> str:
        """Returns the name as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Returns the name as it is."""
        return value


register_url_convertor("model", _ModelName())


def application(server: Server, lifespan: Callable[[], AbstractAsyncContextManager[None]]) -> Starlette:
    """Returns the application.

    Args:
        server: what all routes share.
        lifespan: what begins before the first request, and ends after the last.
    """

    @asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        async with lifespan():
            yield

    server.service.document = cache(lambda: document(DIALECTS))
    origins = sorted(server.access.origins)
    cors = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["*"],
        expose_headers=["retry-after", "x-linnet-model", "x-linnet-truncated"],  # else scripts cannot read them
    )
    return Starlette(
        routes=[*_routes(server, by_model=True), *_routes(server, by_model=False)],
        middleware=[cors] if origins else [],
        exception_handlers={404: _unrouted, 405: _unrouted},
        lifespan=living,
    )


def refusing(error: RequestError) -> ASGIApp:
    """Returns an application that answers every request with an error, in the words of its dialect."""

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await _told(scope["path"], error, headers_of(error))(scope, receive, send)

    return refuse


def _unrouted(request: Request, error: Exception) -> Response:
    """Answers requests that no route takes."""
    assert isinstance(error, HTTPException)
    failure = NoRouteError(error.status_code, f"{error.detail}: /openapi.json lists the routes")
    return _told(request.url.path, failure, error.headers)


def _told(path: str, failure: RequestError, headers: Mapping[str, str] | None) -> Response:
    content = msgspec.json.encode(dialect_at(path).failed(failure))
    return Response(content, failure.status, headers, media_type="application/json")


def _routes(server: Server, *, by_model: bool) -> list[StarletteRoute]:
    found = []
    for dialect in DIALECTS:
        for route in dialect.routes:
            if not by_model:
                found.append(_route(route.path, route, dialect, server))
            elif route.by_model:
                found.append(_route(f"/models/{{model}}{route.path}", route, dialect, server))
    return found


def _route(path: str, route: Route, dialect: Dialect, server: Server) -> StarletteRoute:
    endpoint = Endpoint(route, dialect, server)
    return StarletteRoute(path.replace("{model}", "{model:model}"), endpoint, methods=[route.method])
