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
