"""Downloads a checkpoint from a Hugging Face hub with huggingface_hub and its cache, and checks every file.

``HF_ENDPOINT``, ``HF_TOKEN``, ``HF_HOME``, ``HF_HUB_CACHE`` and ``HF_HUB_OFFLINE`` work as in huggingface_hub.
"""

from linnet_export.source.hub.files import RemoteFile
from linnet_export.source.hub.ids import is_hub_id
from linnet_export.source.hub.snapshot import Snapshot, resolve

__all__ = ["RemoteFile", "Snapshot", "is_hub_id", "resolve"]
