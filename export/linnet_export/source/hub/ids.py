"""Recognises the ids of repositories on a hub, and of commits."""

import re

from linnet_export.source.hub.files import is_sha1

_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?"
_HUB_ID = re.compile(f"{_NAME}/{_NAME}")
_LONGEST = 96


def is_hub_id(text: str) -> bool:
    """Returns True if the text has the form ``owner/name`` of a hub id; a folder of that name may exist too."""
    if len(text) > _LONGEST or "--" in text or ".." in text or text.endswith(".git"):
        return False
    return _HUB_ID.fullmatch(text) is not None


def is_commit(text: str) -> bool:
    """Returns True if the text is a full commit hash."""
    return is_sha1(text)
