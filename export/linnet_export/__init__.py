"""Hugging Face checkpoints → INT8 bundles for `linnet`, each checked against its original before it is written."""

__version__ = "0.1.0"
