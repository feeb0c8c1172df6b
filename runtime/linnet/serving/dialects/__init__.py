"""The dialects that clients speak, a module each: what a request's body means, and how its answer looks."""

from . import administration, huggingface, openai, own, tei, watching
from .routes import Dialect

DIALECTS: tuple[Dialect, ...] = (
    huggingface.DIALECT,
    tei.DIALECT,
    openai.DIALECT,
    own.DIALECT,
    administration.DIALECT,
    watching.DIALECT,
)
"""All dialects, a line each."""


def dialect_at(path: str) -> Dialect:
    """Returns the dialect in which a request on a path learns what failed where no route takes it."""
    return openai.DIALECT if path.startswith("/v1/") else own.DIALECT
