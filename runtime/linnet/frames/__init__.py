"""A table of pandas, polars or pyarrow, and a model → the same table with the model's answers as further columns."""

from .answers import classify, embed

__all__ = ["classify", "embed"]
