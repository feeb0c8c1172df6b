"""What a dialect is: its routes, and how it says that a request failed. A new dialect is a module with one of these."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..call import Call
from ..failures import RequestError

Handler = Callable[[Call, Any], Awaitable[object]]
"""A function: a request, and its body as the route's ``asks`` → what is answered, as the route's ``answers``."""


class Raw(NamedTuple):
    """An answer that is no JSON."""

    content: bytes
    kind: str
    """The content type."""


@dataclass(frozen=True)
class Route:
    """A path that is answered."""

    method: str
    path: str
    handler: Handler
    summary: str
    """What it does, for the OpenAPI document."""
    asks: Any = None
    """The type of the body: a ``msgspec.Struct``; None for no body.

    Linnet's own types forbid unknown keys, so that nobody overlooks a typo. The types of other dialects ignore them, as
    the original servers do: their clients also send keys that are meant for other servers and other versions.
    """
    answers: tuple[Any, ...] = ()
    """The types that the answer may have; none for one that is no JSON."""
    access: str = "key"
    """Who may ask: ``open``, ``key`` or ``admin``."""
    by_model: bool = False
    """True to answer also under ``/models/NAME``, for the model of that name."""
    shown: bool = True
    """True to appear in the OpenAPI document."""


@dataclass(frozen=True)
class Dialect:
    """Routes that fail in the same way."""

    name: str
    routes: tuple[Route, ...]
    failed: Callable[[RequestError], object]
    """Returns the body of the answer to a request that failed."""
    failure: Any
    """The type of that body."""
