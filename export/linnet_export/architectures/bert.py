"""BERT and MiniLM: positions count from 0, each token has a type."""

from linnet_export.architectures.architecture import Architecture

MODEL_TYPES = ("bert",)
ARCHITECTURE = Architecture(pools=True)
