"""A repository at one commit; its files are downloaded on demand."""

import shlex
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import constants
from linnet.notes import tell

from linnet_export.errors import HubCacheError, HubIntegrityError, HubNotFoundError, HubOfflineError
from linnet_export.source.files import conversion_files, lacking
from linnet_export.source.hub.cache import CachedRepository
from linnet_export.source.hub.client import Say, download, look_up
from linnet_export.source.hub.files import RemoteFile, readable, total_size
from linnet_export.source.hub.ids import is_hub_id


@dataclass(frozen=True)
class Snapshot:
    """A repository on the hub at one commit.

    Attributes:
        id: ``owner/name``.
        revision: the commit, 40 hexadecimal digits.
        asked: the branch, tag or commit that was requested.
        files: every file of the commit, by path; if ``listed`` is False, only those in the cache.
        moved_from: the branch's commit at its last look-up, if it has moved since.
        offline: True if only the cache is used.
        listed: True if the hub listed the files, now or earlier. Otherwise another program filled the cache, and
            some of a checkpoint's files may be missing.
        cache: the folder of huggingface_hub's cache.
    """

    id: str
    revision: str
    asked: str
    files: tuple[RemoteFile, ...]
    moved_from: str | None
    offline: bool
    listed: bool
    cache: Path

    @property
    def paths(self) -> list[str]:
        """The path of every file."""
        return [file.path for file in self.files]

    @property
    def moved(self) -> str | None:
        """A note that the branch has moved; None if it has not, or was never looked up before."""
        return self.moved_from and f"{self.id}: {self.asked} was {self.moved_from}, is now {self.revision}"

    def conversion_files(self) -> list[str]:
        """Returns the paths of the files that a conversion reads.

        Raises:
            HubNotFoundError: the repository is not a checkpoint: a config, weights or a tokenizer is missing.
        """
        if missing := lacking(self.paths):
            raise HubNotFoundError(
                f"{self.id} at {self.revision} is not a checkpoint for Linnet: it has no {'; no '.join(missing)}"
            )
        return conversion_files(self.paths)

    def fetch(self, paths: Iterable[str], *, silent: bool = False) -> Path:
        """Downloads files that the cache lacks, checks every file, and returns their folder.

        The folder exists only if the cache has a file of this commit.

        Args:
            paths: the paths of files of this snapshot.
            silent: show no progress bars (which need a terminal anyway) and no messages about lost connections.

        Raises:
            HubNotFoundError: the repository has no such file.
            HubOfflineError: only the cache may be used, and it lacks some files.
            HubConnectionError: the connection was lost too often.
            HubIntegrityError: a file differs from the hub's listing; it was removed from the cache.
            HubError: another failure of the hub or the cache.
        """
        files = self._named(paths)
        missing = [file for file in files if not self._is_cached(file)]
        if self.offline and missing:
            raise self._incomplete(missing, len(files))
        self._check_room(missing)
        for file in sorted(files, key=lambda file: file.size):  # small files first: faults show early
            if file in missing:
                self._download(file, bars=not silent, say=_say_nothing if silent else tell)
            self._check(file, fetched=file in missing)
        if not self.offline:
            self._remember()
        return self._repository.snapshot(self.revision)

    @property
    def _repository(self) -> CachedRepository:
        return CachedRepository(self.cache, self.id)

    def _named(self, paths: Iterable[str]) -> list[RemoteFile]:
        known = {file.path: file for file in self.files}
        wanted = dict.fromkeys(paths)
        if unknown := [path for path in wanted if path not in known]:
            raise HubNotFoundError(f"{self.id} at {self.revision} has no {', '.join(unknown)}")
        return [known[path] for path in wanted]

    def _is_cached(self, file: RemoteFile) -> bool:
        return self._repository.file(self.revision, file.path).is_file()

    def _check_room(self, missing: list[RemoteFile]) -> None:
        needed = total_size(missing) - sum(map(self._repository.partial_size, missing))
        place = next((folder for folder in (self.cache, *self.cache.parents) if folder.is_dir()), None)
        if place and needed > (free := shutil.disk_usage(place).free):
            raise HubCacheError(
                f"{self.id}: expected {readable(needed)} of free space for the download, found {readable(free)} "
                f"on the disk of {self.cache}; free some space, or set HF_HUB_CACHE to a folder on another disk"
            )

    def _download(self, file: RemoteFile, *, bars: bool, say: Say) -> None:
        try:
            download(self._repository, self.revision, file, bars=bars, say=say)
        finally:  # also after a failure, so that missing files can be named offline
            self._remember()

    def _remember(self) -> None:
        if self.listed:
            self._repository.remember(self.revision, self.asked, self.files)

    def _check(self, file: RemoteFile, *, fetched: bool) -> None:
        fault = file.fault(self._repository.file(self.revision, file.path))
        if fault is None:
            return
        self._repository.discard(self.revision, file)
        where = f"as {constants.ENDPOINT} served it" if fetched else f"in the cache {self.cache}"
        raise HubIntegrityError(
            f"{self.id} at {self.revision}: {file.path} {where} differs from the hub's listing: {fault}; "
            f"it was removed from the cache: run again{' with a connection' if self.offline else ''} to replace it"
            + (", or use another mirror" if fetched else "")
        )

    def _incomplete(self, missing: list[RemoteFile], wanted: int) -> HubOfflineError:
        names = "\n".join(f"  {file.path} ({readable(file.size)})" for file in missing)
        return HubOfflineError(
            f"{self.id} at {self.revision}: Linnet is offline, and the cache {self.cache} lacks {len(missing)} "
            f"of {wanted} files:\n{names}\n"
            + _how_to_bring(self._repository, [file.path for file in missing], self.revision)
        )


def resolve(hub_id: str, revision: str | None = None, *, offline: bool = False, silent: bool = False) -> Snapshot:
    """Resolves a branch, tag or commit of a repository to a snapshot; downloads no files.

    Args:
        hub_id: ``owner/name``.
        revision: a branch, a tag, or a commit; ``main`` if None.
        offline: open no connection and use only the cache; ``HF_HUB_OFFLINE`` and ``TRANSFORMERS_OFFLINE`` do the same.
        silent: print no messages about lost connections on standard error.

    Raises:
        HubNotFoundError: the hub shows no such repository or revision.
        HubAccessError: the hub refuses this user.
        HubOfflineError: the cache does not have the revision, and no connection may be opened.
        HubConnectionError: the hub cannot be reached, or the server is not a hub.
    """
    if not is_hub_id(hub_id):
        raise HubNotFoundError(f"expected a hub id (owner/name), found {hub_id!r}")
    asked = revision or constants.DEFAULT_REVISION
    repository = CachedRepository(Path(constants.HF_HUB_CACHE), hub_id)
    if offline or constants.HF_HUB_OFFLINE:
        return _resolve_offline(repository, asked)
    before = repository.branch(asked)
    commit, files = look_up(hub_id, asked, say=_say_nothing if silent else tell)
    moved_from = before if before != commit else None
    return Snapshot(hub_id, commit, asked, files, moved_from, offline=False, listed=True, cache=repository.cache)


def _resolve_offline(repository: CachedRepository, asked: str) -> Snapshot:
    commit = _cached_commit(repository, asked)
    if commit is None:
        has = ", ".join(repository.commits()) or "none"
        raise HubOfflineError(
            f"{repository.id}: Linnet is offline, and the cache {repository.cache} has no revision {asked!r} "
            f"(it has {has})\n" + _how_to_bring(repository, [], asked)
        )
    listing = repository.listing(commit)
    files = repository.found(commit) if listing is None else listing
    if listing is None and (missing := lacking([file.path for file in files])):
        raise HubOfflineError(
            f"{repository.id} at {commit}: Linnet is offline, and the cache {repository.cache} lacks files that a "
            f"checkpoint needs:\n" + "\n".join(f"  {what}" for what in missing) + "\n"
            + _how_to_bring(repository, [], commit)
        )  # fmt: skip
    return Snapshot(
        repository.id, commit, asked, files, None, offline=True, listed=listing is not None, cache=repository.cache
    )


def _cached_commit(repository: CachedRepository, asked: str) -> str | None:
    """Returns the cached commit of a branch, a tag, or a full or shortened commit; None if there is none."""
    commits = repository.commits()
    found = repository.branch(asked) or asked
    if found in commits:
        return found
    beginnings = [commit for commit in commits if len(asked) >= 7 and commit.startswith(asked)]
    return beginnings[0] if len(beginnings) == 1 else None


def _how_to_bring(repository: CachedRepository, paths: list[str], revision: str) -> str:
    command = shlex.join(["hf", "download", repository.id, *paths, "--revision", revision])
    return (
        f"to get them, run once with a connection, or run on a machine that has one\n  {command}\n"
        f"and copy {repository.folder.name}, including its links, from that cache into {repository.cache}; "
        "or convert a local folder that has the files"
    )


def _say_nothing(message: str) -> None:
    """Drops the message."""
