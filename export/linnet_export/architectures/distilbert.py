"""DistilBERT: positions count from 0, there are no token types and no pooling layer."""

from linnet_export.architectures.architecture import Architecture

MODEL_TYPES = ("distilbert",)
ARCHITECTURE = Architecture(pools=False)
