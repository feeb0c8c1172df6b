"""Where a checkpoint comes from: a local folder, or a hub at a commit."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from linnet.errors import InputError

from linnet_export.errors import CheckpointError
from linnet_export.hub import Snapshot, is_hub_id, resolve
from linnet_export.source_files import conversion_files, statement_files


class Source(Protocol):
    """A place that a checkpoint is read from."""

    @property
    def id(self) -> str:
        """What the bundle calls it."""

    @property
    def revision(self) -> str | None:
        """The commit; None for a folder of the user's."""

    @property
    def moved(self) -> str | None:
        """In a sentence, that the branch is not where it was when it was last looked up."""

    @property
    def files(self) -> list[str]:
        """The paths of the files that a conversion reads."""

    @property
    def statements(self) -> Path:
        """A folder with the card and the licence texts, before anything large is fetched."""

    @property
    def folder(self) -> Path:
        """A folder with all `files`."""


@dataclass(frozen=True)
class LocalSource:
    """A folder of the user's."""

    path: Path
    revision: None = None
    moved: None = None

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.resolve().name

    @property
    def files(self) -> list[str]:
        """What is there of what a conversion reads."""
        return conversion_files(
            file.relative_to(self.path).as_posix() for file in self.path.glob("**/*") if file.is_file()
        )

    @property
    def statements(self) -> Path:
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

    @property
    def id(self) -> str:
        """The repository's id."""
        return self.snapshot.id

    @property
    def revision(self) -> str:
        """The commit."""
        return self.snapshot.revision

    @property
    def moved(self) -> str | None:
        """That the branch is not where the cache has it."""
        return self.snapshot.moved

    @property
    def files(self) -> list[str]:
        """What the repository has of what a conversion reads."""
        return self.snapshot.conversion_files()

    @cached_property
    def statements(self) -> Path:
        """The snapshot's folder, with the card and the licence texts in it; refuses what is no checkpoint before."""
        _ = self.files
        return self.snapshot.fetch(statement_files(self.snapshot.paths), silent=self.silent)

    @cached_property
    def folder(self) -> Path:
        """The snapshot's folder, with all `files` in it."""
        return self.snapshot.fetch(self.files, silent=self.silent)


def open_source(
    checkpoint: str | Path, *, revision: str | None = None, offline: bool = False, silent: bool = False
) -> Source:
    """The source of a checkpoint: a folder where there is one, else a repository on the hub.

    Raises:
        CheckpointError: there is no such folder, and the name is no hub id either.
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
        return LocalSource(path)
    return HubSource(resolve(str(checkpoint), revision, offline=offline, silent=silent), silent)
