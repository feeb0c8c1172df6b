"""One repository in huggingface_hub's cache: its snapshots, its branches, and the listings that Linnet adds.

Only huggingface_hub writes blobs and snapshots. Linnet removes damaged files and records branches as
huggingface_hub's own downloads do. It keeps the listing of each commit in ``.linnet``, which huggingface_hub ignores:
offline, only the listing shows which files are missing and what their hashes are.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from huggingface_hub.constants import REPO_ID_SEPARATOR
from linnet.system.temporary import finally_doing, new_name

from linnet_export.source.hub.files import RemoteFile, is_sha1, is_sha256
from linnet_export.source.hub.ids import is_commit


@dataclass(frozen=True)
class CachedRepository:
    """The repository ``id`` in the cache folder ``cache``; neither has to exist."""

    cache: Path
    id: str

    @property
    def folder(self) -> Path:
        """The repository's folder in the cache."""
        return self.cache / REPO_ID_SEPARATOR.join(["models", *self.id.split("/")])

    def snapshot(self, commit: str) -> Path:
        """Returns the folder of one commit's files."""
        return self.folder / "snapshots" / commit

    def file(self, commit: str, path: str) -> Path:
        """Returns the path of a commit's file in the cache; the file may not exist."""
        return self.snapshot(commit).joinpath(*path.split("/"))

    def commits(self) -> list[str]:
        """Returns the commits that have a folder in the cache, sorted."""
        with suppress(OSError):
            return sorted(folder.name for folder in (self.folder / "snapshots").iterdir() if is_commit(folder.name))
        return []

    def branch(self, name: str) -> str | None:
        """Returns the commit of a branch or tag at its last look-up; None if it was never looked up."""
        if ".." in name.split("/"):
            return None
        try:
            commit = self._reference(name).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return None
        return commit if is_commit(commit) else None

    def remember(self, commit: str, branch: str, files: Iterable[RemoteFile]) -> None:
        """Stores the hub's listing and the commit of the branch or tag, if the cache has the commit's folder.

        A branch or a repository without a snapshot would break the cache. A cache that cannot be written
        stays unchanged: a shared cache may be read-only.
        """
        if not self.snapshot(commit).is_dir():
            return
        with suppress(OSError):
            if self.listing(commit) is None:
                self._write(self._listing(commit), json.dumps([asdict(file) for file in files], indent=1))
            if branch != commit and self.branch(branch) != commit:
                self._write(self._reference(branch), commit)

    def listing(self, commit: str) -> tuple[RemoteFile, ...] | None:
        """Returns the commit's files as the hub listed them; None if the listing was not stored."""
        try:
            listed = json.loads(self._listing(commit).read_bytes())
            return tuple(RemoteFile(**file) for file in listed) or None
        except (OSError, ValueError, TypeError):
            return None

    def found(self, commit: str) -> tuple[RemoteFile, ...]:
        """Returns the commit's files in the cache; their hashes are the names of the blobs that they link to."""
        folder = self.snapshot(commit)
        files = sorted(file for file in folder.rglob("*") if file.is_file())
        return tuple(_as_found(file, file.relative_to(folder).as_posix()) for file in files)

    def partial(self, file: RemoteFile) -> Path:
        """Returns the path at which huggingface_hub keeps a partial download of a file."""
        return self.folder / "blobs" / f"{file.digest}.incomplete"

    def partial_size(self, file: RemoteFile) -> int:
        """Returns the size in bytes of a file's partial download; 0 if there is none."""
        with suppress(OSError):
            return self.partial(file).stat().st_size
        return 0

    def discard(self, commit: str, file: RemoteFile) -> None:
        """Removes a file's blob and all links to it in any snapshot: a dangling link breaks the cache."""
        link = self.file(commit, file.path)
        blobs = (self.folder / "blobs").resolve()
        targets = {link.resolve(), blobs / str(file.digest)}
        links = {path for path in (self.folder / "snapshots").rglob("*") if path.is_symlink()}
        for path in {link, *(path for path in links if path.resolve() in targets)}:
            path.unlink(missing_ok=True)
        for target in targets:
            if target.parent == blobs:  # a link may point to a user's own file, which must stay
                target.unlink(missing_ok=True)

    def _reference(self, name: str) -> Path:
        return self.folder.joinpath("refs", *name.split("/"))

    def _listing(self, commit: str) -> Path:
        return self.folder / ".linnet" / f"{commit}.json"

    def _write(self, file: Path, content: str) -> None:
        """Writes the file atomically."""
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = new_name(self.folder, "tmp_")
        with finally_doing(partial(temporary.unlink, missing_ok=True)):
            temporary.write_text(content, encoding="utf-8")
            temporary.replace(file)


def _as_found(file: Path, path: str) -> RemoteFile:
    blob = file.resolve()
    name = blob.name if file.is_symlink() and blob.parent.name == "blobs" else ""
    size = blob.stat().st_size
    return RemoteFile(path, size, name if is_sha256(name) else None, name if is_sha1(name) else None)
