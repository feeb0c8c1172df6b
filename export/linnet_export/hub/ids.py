"""What names a repository on a hub, and a commit of it."""

import re

from linnet_export.hub.files import is_sha1

_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?"
_HUB_ID = re.compile(f"{_NAME}/{_NAME}")
_LONGEST = 96


def is_hub_id(text: str) -> bool:
    """Whether it reads ``owner/name``, as a hub's ids do; a folder of that name may exist too."""
    if len(text) > _LONGEST or "--" in text or ".." in text or text.endswith(".git"):
        return False
    return _HUB_ID.fullmatch(text) is not None


def is_commit(text: str) -> bool:
    """Whether it is a whole commit."""
    return is_sha1(text)
