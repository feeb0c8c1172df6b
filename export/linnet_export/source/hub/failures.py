"""Turns errors of huggingface_hub and requests into Linnet's errors, and decides which ones to retry."""

import os

from huggingface_hub import constants, get_token
from huggingface_hub.errors import (
    DisabledRepoError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from linnet.errors import LinnetError
from requests import exceptions

from linnet_export.errors import HubAccessError, HubCacheError, HubConnectionError, HubNotFoundError

_LOST = (exceptions.ConnectionError, exceptions.Timeout, exceptions.ChunkedEncodingError)
_WILL_NOT_PASS = (exceptions.SSLError, exceptions.ProxyError)
_BUSY = (408, 425, 429, 500, 502, 503, 504)
_INCONSISTENT = "Consistency check failed"
_LOG_IN = "log in with `hf auth login`, or set HF_TOKEN"
_USE_CACHE = "or use the cache with --offline"


def cause(error: Exception) -> BaseException:
    """Returns the original error, which huggingface_hub wraps in one about the cache."""
    return error.__cause__ if isinstance(error, LocalEntryNotFoundError) and error.__cause__ else error


def may_pass(error: Exception) -> bool:
    """Returns True if a retry may help: the connection was lost, or the hub is busy."""
    found = cause(error)
    if isinstance(found, HfHubHTTPError):
        return _status(found) in _BUSY
    return is_cut(error) or (isinstance(found, _LOST) and not isinstance(found, _WILL_NOT_PASS))


def is_cut(error: Exception) -> bool:
    """Returns True if a file has the wrong length although the connection reported no error."""
    return isinstance(error, OSError) and str(error).startswith(_INCONSISTENT)


def is_past_the_end(error: Exception) -> bool:
    """Returns True if a download cannot resume because the hub's file ends before that point (HTTP 416)."""
    return isinstance(error, HfHubHTTPError) and _status(error) == 416


def reason(error: Exception) -> str:
    """Returns the failure in a few words."""
    found = cause(error)
    if isinstance(found, HfHubHTTPError):
        return f"the hub answered {_status(found)}"
    if isinstance(found, exceptions.Timeout):
        return "the hub did not answer in time"
    if isinstance(found, exceptions.ChunkedEncodingError) or is_cut(error):
        return "the connection was cut"
    return "no connection" if isinstance(found, exceptions.ConnectionError) else type(found).__name__


def explained(error: Exception, hub_id: str, revision: str) -> LinnetError:
    """Returns Linnet's error for the failure, with advice for the user."""
    found = cause(error)
    if isinstance(found, HfHubHTTPError):
        return _answered(found, hub_id, revision)
    hub = constants.ENDPOINT
    if isinstance(found, exceptions.SSLError):
        return HubConnectionError(
            f"{hub_id}: the certificate of {hub} is not trusted here ({_short(found)}); "
            f"set REQUESTS_CA_BUNDLE to the authority that signed it, {_USE_CACHE}"
        )
    if isinstance(found, exceptions.ProxyError):
        return HubConnectionError(
            f"{hub_id}: the proxy does not connect to {hub} ({_short(found)}); "
            f"fix HTTPS_PROXY or NO_PROXY, {_USE_CACHE}"
        )
    if isinstance(found, _LOST) or is_cut(error):
        return HubConnectionError(
            f"{hub_id}: {reason(error)} ({hub}); check the connection and HF_ENDPOINT and run again "
            f"(downloaded data is kept), {_USE_CACHE}"
        )
    if isinstance(found, OSError) and found.errno and not isinstance(found, exceptions.RequestException):
        return HubCacheError(
            f"cannot write to the cache {constants.HF_HUB_CACHE}: {os.strerror(found.errno)}; "
            "free some space, or set HF_HUB_CACHE to another folder"
        )
    return no_hub(f"{type(found).__name__}: {_short(found)}")


def no_hub(found: str) -> HubConnectionError:
    """Returns the error for a server that does not answer as a hub does."""
    return HubConnectionError(
        f"{constants.ENDPOINT} does not answer as a Hugging Face hub does ({found}); "
        "check HF_ENDPOINT, and whether a proxy or a network login page answers instead"
    )


def _answered(error: HfHubHTTPError, hub_id: str, revision: str) -> LinnetError:
    status, hub = _status(error), constants.ENDPOINT
    if isinstance(error, GatedRepoError):
        ask = f"ask for access at {hub}/{hub_id}"
        return HubAccessError(
            f"{hub_id} is gated, and your token has no access: {ask}"
            if get_token()
            else f"{hub_id} is gated: {ask}, then {_LOG_IN}"
        )
    if isinstance(error, DisabledRepoError):
        return HubAccessError(f"{hub_id} was disabled on {hub}; it cannot be downloaded")
    if isinstance(error, RevisionNotFoundError):
        return HubNotFoundError(
            f"{hub_id} has no revision {revision!r} on {hub}; give a branch, a tag or a commit with --revision"
        )
    if isinstance(error, EntryNotFoundError):
        return HubNotFoundError(f"{hub_id} at {revision}: {hub} lists a file that it does not have; run again later")
    if isinstance(error, RepositoryNotFoundError) or status in (401, 404):
        private = "your token has no access to it" if get_token() else f"it is private: {_LOG_IN}"
        return HubNotFoundError(
            f"{hub} shows no repository {hub_id}: check the spelling (owner/name; no dataset, no Space), or {private}; "
            "for a local folder, give its path"
        )
    if status == 403:
        return HubAccessError(f"{hub} refuses {hub_id} ({status}): your token lacks the right to read it; {_LOG_IN}")
    return HubConnectionError(f"{hub_id}: {hub} answered {status}; run again later, {_USE_CACHE}")


def _status(error: HfHubHTTPError) -> int | None:
    return None if error.response is None else int(error.response.status_code)


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__).strip().split("\n")[0][:200]
