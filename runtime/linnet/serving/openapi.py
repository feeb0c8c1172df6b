"""The table of dialects → an OpenAPI document."""

from collections.abc import Iterable
from typing import Any

import msgspec

from .. import __version__
from .dialects.routes import Dialect, Route
from .failures import STATUS

_REFERENCE = "#/components/schemas/{name}"


def document(dialects: Iterable[Dialect]) -> bytes:
    """Returns the document, as JSON."""
    shown = [(dialect, route) for dialect in dialects for route in dialect.routes if route.shown]
    kinds = [kind for dialect, route in shown for kind in (route.asks, *route.answers, dialect.failure) if kind]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    of_kind = {repr(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for dialect, route in shown:
        for path in (route.path, f"/models/{{model}}{route.path}") if route.by_model else (route.path,):
            paths.setdefault(path, {})[route.method.lower()] = _operation(dialect, route, path, of_kind)
    content = {
        "openapi": "3.1.0",
        "info": {"title": "Linnet", "version": __version__},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }
    return msgspec.json.encode(content)


def _operation(dialect: Dialect, route: Route, path: str, of_kind: dict[str, Any]) -> dict[str, Any]:
    failed = {"content": {"application/json": {"schema": of_kind[repr(dialect.failure)]}}}
    choices = [of_kind[repr(kind)] for kind in route.answers]
    answered = {"content": {"application/json": {"schema": {"anyOf": choices}}}} if choices else {}
    found: dict[str, Any] = {
        "tags": [dialect.name],
        "summary": route.summary,
        "operationId": f"{route.method.lower()} {path}",
        "responses": {
            "200": {"description": "The answer", **answered},
            **{str(status): {"description": kind, **failed} for kind, status in STATUS.items()},
        },
    }
    if "{model}" in path:
        found["parameters"] = [
            {
                "name": "model",
                "in": "path",
                "required": True,
                "description": "NAME, NAME@VERSION or NAME@latest",
                "schema": {"type": "string"},
            }
        ]
    if route.asks is not None:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": of_kind[repr(route.asks)]}},
        }
    if route.access != "open":
        found["security"] = [{"key": []}]
    return found
