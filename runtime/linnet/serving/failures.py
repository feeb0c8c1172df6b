"""Why a request is not answered: one error, which each dialect renders in its own words."""

from math import ceil

STATUS = {
    "empty": 400,
    "malformed": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "validation": 413,
    "tokenizer": 422,
    "invalid": 422,
    "backend": 424,
    "overloaded": 429,
    "internal": 500,
    "unhealthy": 503,
}
"""The HTTP status of each kind of failure; the kinds are those of Text Embeddings Inference, and a few more."""


class RequestError(Exception):
    """A request that is not answered.

    Args:
        kind: one of `STATUS`.
        message: what was expected, what was found, and what to do; it repeats no word of the texts.
        retry_after: the seconds after which the client may try again, if that may help.
        close: True if the connection ends with the answer, because the rest of the request is not read.
    """

    def __init__(self, kind: str, message: str, *, retry_after: float | None = None, close: bool = False) -> None:
        super().__init__(message)
        self.kind, self.message, self.close = kind, message, close
        self.retry_after = None if retry_after is None else max(1, ceil(retry_after))

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS[self.kind]


class NoRouteError(RequestError):
    """A request that no route takes.

    Args:
        status: 404 for an unknown path, 405 for a method that the path does not have.
        message: what was found, and what to do.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__("not_found" if status == 404 else "method", message)
        self._status = status

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._status
