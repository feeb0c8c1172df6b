"""Health, metrics, the OpenAPI document, and the page."""

import re
from importlib.resources import files

import msgspec

from ..call import Call
from ..failures import RequestError
from ..watching.metrics import CONTENT_TYPE
from .routes import Dialect, Raw, Route
from .tei_types import Failed

PAGE = files(__package__.rpartition(".")[0]) / "page"
"""The folder of the page's files: ``index.html`` is served at ``/``, the others at ``/page/NAME``."""

_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
"""The content types by the ends of the names. The operating system may have others, with which browsers run no script."""
_NAME = re.compile(rf"[a-z_]+\.({'|'.join(_KINDS)})")


class Healthy(msgspec.Struct):
    """The server works."""

    status: str = "ok"


async def health(call: Call, _: object) -> Healthy:
    """Answers while the server's threads live."""
    if not call.service.alive():
        raise RequestError("unhealthy", "a worker has ended; restart the server")
    return Healthy()


async def ready(call: Call, _: object) -> Healthy:
    """Answers while the server takes requests."""
    if not (call.service.ready and call.service.alive()):
        raise RequestError("unhealthy", "the server does not take requests now", retry_after=1)
    return Healthy()


async def metrics(call: Call, _: object) -> Raw:
    """Returns the metrics as Prometheus reads them."""
    return Raw(call.service.metrics.shown(), CONTENT_TYPE)


async def page(call: Call, _: object) -> Raw:
    """Returns a file of the page."""
    name = _NAME.fullmatch(call.file or "index.html")
    if name is None or not (file := PAGE / name[0]).is_file():
        raise RequestError("not_found", "the page has no such file")
    call.headers |= {
        "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        "cache-control": "no-cache",
    }
    return Raw(file.read_bytes(), _KINDS[name[1]])


async def openapi(call: Call, _: object) -> Raw:
    """Returns the OpenAPI document."""
    return Raw(call.service.document(), "application/json")


DIALECT = Dialect(
    "Watching",
    (
        Route("GET", "/health", health, "Answer while the server lives", answers=(Healthy,), access="open"),
        Route("GET", "/ready", ready, "Answer while the server takes requests", answers=(Healthy,), access="open"),
        Route("GET", "/metrics", metrics, "Show the metrics of Prometheus", by_model=False),
        Route("GET", "/openapi.json", openapi, "Show this document", access="open"),
        Route("GET", "/", page, "Show the page", access="open", shown=False),
        Route("GET", "/page/{file}", page, "Show a file of the page", access="open", shown=False),
    ),
    lambda failure: Failed(failure.message, failure.kind),
    Failed,
)
