"""A repository at one commit, whose files are brought when they are asked for."""

import shlex
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import constants

from linnet_export.errors import HubCacheError, HubIntegrityError, HubNotFoundError, HubOfflineError
from linnet_export.hub.cache import CachedRepository
from linnet_export.hub.client import Say, download, look_up, to_stderr
from linnet_export.hub.files import RemoteFile, readable, total_size
from linnet_export.hub.ids import is_hub_id
from linnet_export.source_files import conversion_files, lacking


@dataclass(frozen=True)
class Snapshot:
    """A repository on the hub at one commit.

    Attributes:
        id: ``owner/name``.
        revision: the commit, 40 hexadecimal digits.
        asked: the branch, tag or commit that led to it.
        files: every file of the commit, by path; where ``listed`` is False, those that the cache has.
        moved_from: the commit at which the branch stood when it was last looked up, if it has moved since.
        offline: whether only the cache is used.
        listed: whether the hub listed the files, now or earlier. Otherwise another program filled the cache, and
            whether all of a checkpoint's files are there cannot be told.
        cache: huggingface_hub's cache.
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
        """That the branch has moved, in a sentence; None if it has not, or was never looked up before."""
        return self.moved_from and f"{self.id}: {self.asked} was {self.moved_from}, is now {self.revision}"

    def conversion_files(self) -> list[str]:
        """The paths of what a conversion reads.

        Raises:
            HubNotFoundError: the repository is no checkpoint: it has no config, weights or tokenizer of use here.
        """
        if missing := lacking(self.paths):
            raise HubNotFoundError(
                f"{self.id} at {self.revision} is no checkpoint that Linnet can read: it has no {'; no '.join(missing)}"
            )
        return conversion_files(self.paths)

    def fetch(self, paths: Iterable[str], *, silent: bool = False) -> Path:
        """Brings what the cache does not have, checks every file, and gives the folder in which they stand.

        Args:
            paths: of files of this snapshot.
            silent: show neither progress bars (which need a terminal anyway) nor that the connection was lost.

        Raises:
            HubNotFoundError: the repository has no such file.
            HubOfflineError: only the cache is to be used, and it lacks some.
            HubConnectionError: the connection was lost more often than it is worth trying.
            HubIntegrityError: a file is not what the hub lists; it was removed from the cache.
            HubError: anything else in the way.
        """
        files = self._named(paths)
        missing = [file for file in files if not self._is_cached(file)]
        if self.offline and missing:
            raise self._incomplete(missing, len(files))
        self._check_room(missing)
        for file in sorted(files, key=lambda file: file.size):  # what is wrong shows before the gigabyte
            if file in missing:
                self._download(file, bars=not silent, say=_say_nothing if silent else to_stderr)
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
                f"{self.id}: {readable(needed)} are to be fetched, and the disk of {self.cache} has {readable(free)} "
                "free; make room, or name a cache elsewhere with HF_HUB_CACHE"
            )

    def _download(self, file: RemoteFile, *, bars: bool, say: Say) -> None:
        try:
            download(self._repository, self.revision, file, bars=bars, say=say)
        finally:  # also if it failed: what is missing can then be told without a connection
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
            f"{self.id} at {self.revision}: {file.path} {where} is not what the hub lists: {fault}; "
            f"it was removed from the cache: run again{' with a connection' if self.offline else ''} to fetch it anew"
            + (", or from another mirror" if fetched else "")
        )

    def _incomplete(self, missing: list[RemoteFile], wanted: int) -> HubOfflineError:
        names = "\n".join(f"  {file.path} ({readable(file.size)})" for file in missing)
        return HubOfflineError(
            f"{self.id} at {self.revision}: without a connection, and the cache {self.cache} lacks {len(missing)} "
            f"of {wanted} files:\n{names}\n"
            + _how_to_bring(self._repository, [file.path for file in missing], self.revision)
        )


def resolve(hub_id: str, revision: str | None = None, *, offline: bool = False, silent: bool = False) -> Snapshot:
    """The commit at which a branch, a tag or a commit of a repository stands; fetches none of its files.

    Args:
        hub_id: ``owner/name``.
        revision: a branch, a tag, or a commit; ``main`` if None.
        offline: open no connection, and use the cache alone; so do ``HF_HUB_OFFLINE`` and ``TRANSFORMERS_OFFLINE``.
        silent: do not say on standard error that the connection was lost.

    Raises:
        HubNotFoundError: the hub shows no such repository or revision.
        HubAccessError: it refuses this user.
        HubOfflineError: the cache does not have it, and no connection is to be opened.
        HubConnectionError: the hub cannot be reached, or is none.
    """
    if not is_hub_id(hub_id):
        raise HubNotFoundError(f"expected a hub's id (owner/name), found {hub_id!r}")
    asked = revision or constants.DEFAULT_REVISION
    repository = CachedRepository(Path(constants.HF_HUB_CACHE), hub_id)
    if offline or constants.HF_HUB_OFFLINE:
        return _resolve_offline(repository, asked)
    before = repository.branch(asked)
    commit, files = look_up(hub_id, asked, say=_say_nothing if silent else to_stderr)
    moved_from = before if before != commit else None
    return Snapshot(hub_id, commit, asked, files, moved_from, offline=False, listed=True, cache=repository.cache)


def _resolve_offline(repository: CachedRepository, asked: str) -> Snapshot:
    commit = _cached_commit(repository, asked)
    if commit is None:
        has = ", ".join(repository.commits()) or "nothing of it"
        raise HubOfflineError(
            f"{repository.id}: without a connection, and the cache {repository.cache} has no revision {asked!r} "
            f"(it has {has})\n" + _how_to_bring(repository, [], asked)
        )
    listing = repository.listing(commit)
    files = repository.found(commit) if listing is None else listing
    if listing is None and (missing := lacking([file.path for file in files])):
        raise HubOfflineError(
            f"{repository.id} at {commit}: without a connection, and the cache {repository.cache} lacks what a "
            f"checkpoint needs:\n" + "\n".join(f"  {what}" for what in missing) + "\n"
            + _how_to_bring(repository, [], commit)
        )  # fmt: skip
    return Snapshot(
        repository.id, commit, asked, files, None, offline=True, listed=listing is not None, cache=repository.cache
    )


def _cached_commit(repository: CachedRepository, asked: str) -> str | None:
    """The commit that a branch, a tag, a commit or its beginning means, of those that the cache has."""
    commits = repository.commits()
    found = repository.branch(asked) or asked
    if found in commits:
        return found
    beginnings = [commit for commit in commits if len(asked) >= 7 and commit.startswith(asked)]
    return beginnings[0] if len(beginnings) == 1 else None


def _how_to_bring(repository: CachedRepository, paths: list[str], revision: str) -> str:
    command = shlex.join(["hf", "download", repository.id, *paths, "--revision", revision])
    return (
        f"bring them: run once with a connection, or on a machine that has one\n  {command}\n"
        f"and copy {repository.folder.name} from its cache into {repository.cache}, links kept; "
        "or convert a folder that has the files"
    )


def _say_nothing(message: str) -> None:
    """For those who want silence."""
