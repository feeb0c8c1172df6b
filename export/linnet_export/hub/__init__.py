"""Brings a checkpoint from a Hugging Face hub, by way of huggingface_hub and its cache: every file is checked.

``HF_ENDPOINT``, ``HF_TOKEN``, ``HF_HOME``, ``HF_HUB_CACHE`` and ``HF_HUB_OFFLINE`` mean what they mean there.
"""

from linnet_export.hub.files import RemoteFile
from linnet_export.hub.ids import is_hub_id
from linnet_export.hub.snapshot import Snapshot, resolve

__all__ = ["RemoteFile", "Snapshot", "is_hub_id", "resolve"]
