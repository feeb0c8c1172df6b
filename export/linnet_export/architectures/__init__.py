"""A ``model_type`` comes in; its `Architecture` goes out. Each family of encoders has one module."""

from linnet_export.architectures import bert, distilbert, roberta
from linnet_export.architectures.architecture import Architecture

ARCHITECTURES: dict[str, Architecture] = {
    model_type: family.ARCHITECTURE for family in (bert, distilbert, roberta) for model_type in family.MODEL_TYPES
}
"""Supported ``model_type`` of ``config.json`` → architecture. To add a family, add a module and name it here."""
