"""Looks up and downloads files with huggingface_hub, and retries after lost connections."""

import logging
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from huggingface_hub import HfApi, constants, get_hf_file_metadata, hf_hub_download, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import RepoSibling
from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

from linnet_export.errors import HubIntegrityError
from linnet_export.source.files import conversion_files, statement_files
from linnet_export.source.hub.cache import CachedRepository
from linnet_export.source.hub.failures import explained, is_past_the_end, may_pass, no_hub, reason
from linnet_export.source.hub.files import RemoteFile, is_sha1, is_sha256, readable
from linnet_export.source.hub.ids import is_commit

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds to wait before each retry; a try that downloaded something restarts the sequence."""

_BAR_FROM = 1_000_000  # bytes; small files need no progress bar
_PIECE = 1 << 20  # bytes; a cut loses at most one piece, and huggingface_hub's 10 MiB are much on a slow line
_RETRIES = ("Retrying in", "Trying to resume")

T = TypeVar("T")
Say = Callable[[str], None]


def look_up(hub_id: str, revision: str, *, say: Say) -> tuple[str, tuple[RemoteFile, ...]]:
    """Returns the commit of a branch, tag or commit, and all of its files.

    Raises:
        HubError: the hub cannot be reached, or shows no such repository or revision.
    """

    def ask() -> tuple[str, tuple[RemoteFile, ...]]:
        info = HfApi().model_info(
            hub_id, revision=revision, files_metadata=True, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT
        )
        if not is_commit(info.sha or ""):
            raise no_hub(f"it gives no commit of {hub_id}")
        siblings = {file.rfilename: file for file in info.siblings or []}
        if any(file.size is None or not (file.lfs or file.blob_id) for file in siblings.values()):
            wanted = {*conversion_files(siblings), *statement_files(siblings)}  # some mirrors list only names
            siblings = {path: file for path, file in siblings.items() if path in wanted}
        files = [_listed(hub_id, str(info.sha), file) for file in siblings.values()]
        return str(info.sha), tuple(sorted(files, key=lambda file: file.path))

    with _worked_with(say):
        # Only two retries: if nothing was downloaded yet, most likely there is no connection at all.
        return _persistently(ask, hub_id, revision, pauses=PAUSES[:2], gained=lambda: 0, say=say)


def _listed(hub_id: str, commit: str, file: RepoSibling) -> RemoteFile:
    """Returns a listed file; if a mirror lists only names, size and hash come from the file's HTTP headers."""
    sha256 = file.lfs.sha256 if file.lfs else None
    if file.size is not None and (sha256 or file.blob_id):
        return RemoteFile(file.rfilename, file.size, sha256, file.blob_id)
    found = get_hf_file_metadata(hf_hub_url(hub_id, file.rfilename, revision=commit))
    etag = found.etag or ""
    if found.size is None or not (is_sha256(etag) or is_sha1(etag)):
        raise no_hub(f"it gives no hash of {file.rfilename}")
    return RemoteFile(file.rfilename, found.size, *((etag, None) if is_sha256(etag) else (None, etag)))


def download(repository: CachedRepository, commit: str, file: RemoteFile, *, bars: bool, say: Say) -> None:
    """Downloads one file into the cache and resumes partial downloads; does not check the content.

    Raises:
        HubError: the hub cannot be reached, refuses, or serves more or fewer bytes than it lists.
    """

    def bring() -> None:
        _discard_excess(repository, file)
        try:
            hf_hub_download(repository.id, file.path, revision=commit, cache_dir=repository.cache)
        except OSError as error:
            if _discard_excess(repository, file, past_the_end=is_past_the_end(error)):
                raise HubIntegrityError(
                    f"{repository.id} at {commit}: expected {file.size:,} bytes of {file.path}, as listed by "
                    f"{constants.ENDPOINT}, found a different number; the partial download was removed: run again, "
                    "or use another mirror"
                ) from error
            raise

    def standing() -> str:
        return f"{file.path} ({readable(repository.partial_size(file))} of {readable(file.size)})"

    with _worked_with(say, bars=bars and file.size >= _BAR_FROM):
        _persistently(
            bring,
            repository.id,
            commit,
            gained=lambda: repository.partial_size(file),
            say=lambda message: say(f"{standing()}: {message}"),
        )


def _discard_excess(repository: CachedRepository, file: RemoteFile, *, past_the_end: bool = False) -> bool:
    """Removes a partial file that cannot be resumed; returns True if it did."""
    if not past_the_end and repository.partial_size(file) <= file.size:
        return False
    repository.partial(file).unlink(missing_ok=True)
    return True


def _persistently(
    attempt: Callable[[], T],
    hub_id: str,
    revision: str,
    *,
    pauses: tuple[float, ...] | None = None,
    gained: Callable[[], int],
    say: Say,
) -> T:
    """Retries until success, a permanent failure, or the last pause."""
    pauses = PAUSES if pauses is None else pauses
    tries = 0
    while True:
        before = gained()
        try:
            return attempt()
        except (HfHubHTTPError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            tries = 0 if gained() > before else tries
            if not may_pass(error) or tries == len(pauses):
                raise explained(error, hub_id, revision) from error
            say(f"{reason(error)}; trying again in {pauses[tries]:g} s")
            time.sleep(pauses[tries])
            tries += 1


@contextmanager
def _worked_with(say: Say, *, bars: bool = False) -> Iterator[None]:
    """Makes huggingface_hub download resumable small pieces over plain HTTP, without warnings, inside the context.

    Its accelerators (hf_xet, hf_transfer) are off: they restart a file from the beginning after every cut.
    """
    ours = {"HF_HUB_DISABLE_XET": True, "HF_HUB_ENABLE_HF_TRANSFER": False, "DOWNLOAD_CHUNK_SIZE": _PIECE}
    theirs = {name: getattr(constants, name) for name in ours}
    hide_bars = not bars and not are_progress_bars_disabled()
    with warnings.catch_warnings(), _heard(say):
        warnings.simplefilter("ignore")
        try:
            for name, value in ours.items():
                setattr(constants, name, value)
            if hide_bars:
                disable_progress_bars()
            yield
        finally:
            for name, value in theirs.items():
                setattr(constants, name, value)
            if hide_bars:
                enable_progress_bars()


@contextmanager
def _heard(say: Say) -> Iterator[None]:
    """Reports huggingface_hub's own retries, and drops everything else that it logs."""
    logger = logging.getLogger("huggingface_hub")
    handlers, propagate = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [_Retries(say)], False
    try:
        yield
    finally:
        logger.handlers, logger.propagate = handlers, propagate


class _Retries(logging.Handler):
    def __init__(self, say: Say) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        if any(sign in record.getMessage() for sign in _RETRIES):
            self._say("the hub does not answer; trying again")
