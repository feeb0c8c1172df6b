"""Where a checkpoint comes from: a local folder, or a hub at a commit."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from linnet.errors import BundleError, InputError
from linnet.layout import MANIFEST, SETTINGS
from linnet.manifest import read_manifest

from linnet_export.errors import CheckpointError
from linnet_export.hub import Snapshot, is_hub_id, resolve
from linnet_export.sentence_transformers import read_modules
from linnet_export.source_files import conversion_files, is_weights, statement_files


class Source(Protocol):
    """A place that a checkpoint is read from."""

    @property
    def id(self) -> str:
        """What the bundle calls it."""

    @property
    def revision(self) -> str | None:
        """The commit; None for a folder of the user's."""

    @property
    def remarks(self) -> list[str]:
        """What somebody who converts it should know of where it comes from, in sentences."""

    @property
    def files(self) -> list[str]:
        """The paths of the files that a conversion reads."""

    @property
    def statements(self) -> Path:
        """A folder with the card and the licence texts, before anything else is fetched."""

    @property
    def outline(self) -> Path:
        """A folder with all `files` but the weights."""

    @property
    def folder(self) -> Path:
        """A folder with all `files`."""


@dataclass(frozen=True)
class LocalSource:
    """A folder of the user's."""

    path: Path
    revision: None = None

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.resolve().name

    @property
    def remarks(self) -> list[str]:
        """None: the user knows where it comes from."""
        return []

    @property
    def files(self) -> list[str]:
        """What is there of what a conversion reads, in the folder and in that of its transformer."""
        paths = {file.relative_to(self.path).as_posix() for file in self.path.glob("**/*") if file.is_file()}
        modules = read_modules(self.path)
        inner = f"{modules.transformer.relative_to(self.path).as_posix()}/" if modules else "./"
        within = conversion_files(path.removeprefix(inner) for path in paths if path.startswith(inner))
        return sorted({*conversion_files(paths), *(inner + path for path in within)})

    @property
    def statements(self) -> Path:
        """The folder itself."""
        return self.path

    @property
    def outline(self) -> Path:
        """The folder itself."""
        return self.path

    @property
    def folder(self) -> Path:
        """The folder itself."""
        return self.path


@dataclass(frozen=True)
class HubSource:
    """A repository on a hub, at a commit."""

    snapshot: Snapshot
    silent: bool = False
    fetched: set[str] = field(default_factory=set, compare=False)  # and checked: a gigabyte is hashed once

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
        """That the branch has moved, or that nobody can tell whether the cache is whole."""
        remarks = []
        if self.snapshot.moved:
            remarks.append(f"{self.snapshot.moved}; --revision pins one")
        if not self.snapshot.listed:
            remarks.append(
                f"the cache has {', '.join(self.files)} of {self.id}; whether the hub has more, such as a card, a licence "
                "or modules.json, can only be told with a connection"
            )
        return remarks

    @property
    def files(self) -> list[str]:
        """What the repository has of what a conversion reads."""
        return self.snapshot.conversion_files()

    @cached_property
    def statements(self) -> Path:
        """The snapshot's folder, with the card and the licence texts in it; refuses what is no checkpoint before.

        Without a connection all `files` must be there, so that those that are not are named at once.
        """
        files = self.files
        return self._fetch(files if self.snapshot.offline else statement_files(self.snapshot.paths))

    @cached_property
    def outline(self) -> Path:
        """The snapshot's folder, with all `files` but the weights in it."""
        return self._fetch([path for path in self.files if not is_weights(path)])

    @cached_property
    def folder(self) -> Path:
        """The snapshot's folder, with all `files` in it."""
        return self._fetch(self.files)

    def _fetch(self, paths: list[str]) -> Path:
        folder = self.snapshot.fetch([path for path in paths if path not in self.fetched], silent=self.silent)
        self.fetched.update(paths)
        return folder


def open_source(
    checkpoint: str | Path, *, revision: str | None = None, offline: bool = False, silent: bool = False
) -> Source:
    """The source of a checkpoint: a folder where there is one, else a repository on the hub.

    Raises:
        CheckpointError: there is no such folder, and the name is no hub id either; or it is a bundle.
        InputError: a revision of a folder.
        HubError: the hub or the cache does not have it.
    """
    path = Path(checkpoint)
    if path.exists() or not is_hub_id(str(checkpoint)):
        if revision is not None:
            raise InputError(f"--revision is of a checkpoint on the hub, and {checkpoint} is none: leave it out")
        if not path.is_dir():
            found = "a file" if path.exists() else "nothing"
            raise CheckpointError(
                f"expected a checkpoint's folder at {checkpoint}, found {found}; on the hub, ids have the form owner/name"
            )
        _refuse_bundle(path)
        return LocalSource(path)
    return HubSource(resolve(str(checkpoint), revision, offline=offline, silent=silent), silent)


def _refuse_bundle(path: Path) -> None:
    if not ((path / MANIFEST).is_file() and (path / SETTINGS).is_file()):
        return
    try:
        made_of = read_manifest(path)["source"]["id"]
    except (BundleError, KeyError, TypeError):  # whatever is wrong with it, it is no checkpoint
        made_of = None
    raise CheckpointError(
        f"expected a checkpoint at {path}, found a bundle; give the checkpoint that it was made of"
        + (f": {made_of}" if made_of else "")
    )
