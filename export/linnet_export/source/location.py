"""The source of a checkpoint: a local folder, or a repository on a hub at one commit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from linnet.bundle.folder import read_manifest
from linnet.errors import BundleError, InputError
from linnet.names import SETTINGS

from linnet_export.errors import CheckpointError
from linnet_export.source.files import conversion_files, is_weights, statement_files, transformer_folder
from linnet_export.source.hub import Snapshot, is_hub_id, resolve
from linnet_export.source.kinds import other_kind
from linnet_export.source.sentence_transformers import module_folder


class Source(Protocol):
    """A place that a checkpoint is read from."""

    @property
    def id(self) -> str:
        """The name of the checkpoint in the bundle."""

    @property
    def revision(self) -> str | None:
        """The commit; None for a local folder."""

    @property
    def remarks(self) -> list[str]:
        """Notes for the user about the source, one sentence each."""

    @property
    def files(self) -> list[str]:
        """The paths of the files that a conversion reads."""

    def fetch_statements(self) -> Path:
        """Returns a folder with the card and the licence texts; downloads nothing else."""

    def fetch_outline(self) -> Path:
        """Returns a folder with all `files` except the weights."""

    def fetch(self) -> Path:
        """Returns a folder with all `files`; downloads each file at most once."""


@dataclass(frozen=True)
class LocalSource:
    """A checkpoint in a local folder."""

    path: Path
    revision: None = None

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.resolve().name

    @property
    def remarks(self) -> list[str]:
        """An empty list: a local folder needs no notes."""
        return []

    @property
    def inner(self) -> str:
        """The transformer's folder below this one, with a ``/`` at its end; empty if it is this one."""
        folder = module_folder(self.path)
        return "" if folder == self.path else f"{folder.relative_to(self.path).as_posix()}/"

    @property
    def files(self) -> list[str]:
        """The files that a conversion reads, in the folder and in the transformer's folder."""
        paths = {file.relative_to(self.path).as_posix() for file in self.path.glob("**/*") if file.is_file()}
        inner = self.inner
        within = conversion_files(path.removeprefix(inner) for path in paths if path.startswith(inner))
        return sorted({*conversion_files(paths), *(inner + path for path in within)})

    def fetch_statements(self) -> Path:
        """Returns the folder itself."""
        return self.path

    def fetch_outline(self) -> Path:
        """Returns the folder itself."""
        return self.path

    def fetch(self) -> Path:
        """Returns the folder itself."""
        return self.path


@dataclass(frozen=True)
class HubSource:
    """A repository on a hub, at one commit."""

    snapshot: Snapshot
    silent: bool = False
    fetched: dict[str, Path] = field(default_factory=dict, compare=False)  # and checked: no file is hashed twice

    @property
    def id(self) -> str:
        """The repository's id."""
        return self.snapshot.id

    @property
    def revision(self) -> str:
        """The commit."""
        return self.snapshot.revision

    @property
    def remarks(self) -> list[str]:
        """Notes that the branch has moved, or that the cache may be incomplete."""
        remarks = []
        if self.snapshot.moved:
            remarks.append(f"{self.snapshot.moved}; --revision pins a commit")
        if not self.snapshot.listed:
            remarks.append(
                f"the cache has {', '.join(self.files)} of {self.id}; the hub may have more files, such as a card, "
                "a licence or modules.json: run with a connection to check"
            )
        return remarks

    @property
    def files(self) -> list[str]:
        """The files of the repository that a conversion reads."""
        return self.snapshot.conversion_files()

    def fetch_statements(self) -> Path:
        """Returns the snapshot's folder, with the card and the licence texts; raises first if it is not a checkpoint.

        Offline, all `files` must be in the cache, so that one error names everything that is missing.
        """
        files = self.files
        return self._fetch(files if self.snapshot.offline else statement_files(self.snapshot.paths))

    def fetch_outline(self) -> Path:
        """Returns the snapshot's folder, with all `files` except the weights."""
        return self._fetch([path for path in self.files if not is_weights(path)])

    def fetch(self) -> Path:
        """Returns the snapshot's folder, with all `files`."""
        return self._fetch(self.files)

    def _fetch(self, paths: list[str]) -> Path:
        missing = [path for path in paths if path not in self.fetched]
        if paths and not missing:
            return self.fetched[paths[0]]  # asking again could set the branch in the cache back
        folder = self.snapshot.fetch(missing, silent=self.silent)
        self.fetched.update(dict.fromkeys(paths, folder))
        return folder


def open_source(
    checkpoint: str | Path,
    *,
    revision: str | None = None,
    offline: bool = False,
    silent: bool = False,
    task: str | None = None,
) -> Source:
    """Returns the source of a checkpoint: the local folder if it exists, else the repository on the hub.

    ``task`` is the task that the user chose; None follows the checkpoint.

    Raises:
        CheckpointError: the folder does not exist and the name is not a hub id; or it has something else than a
            checkpoint, such as a bundle or an adapter.
        InputError: a revision is given for a local folder.
        HubError: the hub or the cache does not have the repository.
    """
    path = Path(checkpoint)
    if path.exists() or not is_hub_id(str(checkpoint)):
        if revision is not None:
            raise InputError(f"--revision needs a checkpoint on the hub, and {checkpoint} is not one: leave it out")
        if not path.is_dir():
            found = "a file" if path.exists() else "nothing"
            form = _id_in_address(str(checkpoint)) or "owner/name"
            raise CheckpointError(
                f"expected a checkpoint folder at {checkpoint}, found {found}; ids on the hub have the form {form}"
            )
        _refuse_bundle(path)
        source = LocalSource(path)
        near = [file.relative_to(path).as_posix() for file in _near(path)]
        _refuse(path, other_kind(near, str(checkpoint), inner=source.inner, on_hub=False, task=task))
        return source
    snapshot = resolve(str(checkpoint), revision, offline=offline, silent=silent)
    paths = snapshot.paths
    _refuse(snapshot.id, other_kind(paths, snapshot.id, inner=transformer_folder(paths), on_hub=True, task=task))
    return HubSource(snapshot, silent)


def _id_in_address(text: str) -> str | None:
    """Returns the hub id in a web address; None if the text is no address of a repository."""
    found = re.match(r"(?:https?|hf)://(?:[^/]+\.[^/]+/)?([^/?#]+/[^/?#]+)", text)
    return found[1] if found and is_hub_id(found[1]) else None


def _near(folder: Path) -> Iterator[Path]:
    """Yields the files of a folder and of its folders; not those further down, of which there may be many."""
    return (file for pattern in ("*", "*/*") for file in folder.glob(pattern) if file.is_file())


def _refuse(place: str | Path, found: str | None) -> None:
    if found:
        raise CheckpointError(f"{place}: expected a checkpoint, {found}")


def _refuse_bundle(path: Path) -> None:
    if not (path / SETTINGS).is_file():
        return
    try:
        made_of = read_manifest(path, any_format=True).source.id
    except BundleError:  # a damaged bundle is not a checkpoint either
        made_of = None
    raise CheckpointError(
        f"expected a checkpoint at {path}, found a bundle; give the checkpoint that it was converted from"
        + (f": {made_of}" if made_of else "")
    )
