"""Text to the text that a checkpoint was trained on, with the way back to the user's own offsets."""

from linnet.preprocessing.edits import Edit, PreparedText
from linnet.preprocessing.presets import PREPROCESSORS, Preprocessor, needs_tables, none, preprocessor, tweeteval

__all__ = [
    "PREPROCESSORS",
    "Edit",
    "PreparedText",
    "Preprocessor",
    "needs_tables",
    "none",
    "preprocessor",
    "tweeteval",
]
