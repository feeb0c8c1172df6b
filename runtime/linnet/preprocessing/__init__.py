"""Turns a text into the text that a checkpoint was trained on, and maps offsets back to the user's text."""

from .edits import Edit, PreparedText, Preprocessor
from .presets import PREPROCESSORS, needs_tables, none, prepares_apart, preprocessor, tweeteval

__all__ = [
    "PREPROCESSORS",
    "Edit",
    "PreparedText",
    "Preprocessor",
    "needs_tables",
    "none",
    "prepares_apart",
    "preprocessor",
    "tweeteval",
]
