"""The models by name, each with its versions: one takes the traffic, one may be a candidate."""

from collections.abc import Iterator
from pathlib import Path

from ...errors import InputError
from ...fields import nearest
from ...tasks import CLASSIFICATION, TASKS
from ..failures import RequestError
from ..options import LATEST
from .version import Version


class Served:
    """A model: its versions by name.

    ``current`` takes the traffic; ``previous`` took it before, and stays loaded for a rollback; ``candidate`` gets a
    copy of the traffic, and no client its answers; ``kept`` are those that the command line or an administrator named.
    """

    def __init__(self, first: Version, *, watched: Path | None = None) -> None:
        self.name = first.name
        self.versions = {first.label: first}
        self.current, self.previous = first, first
        self.candidate: Version | None = None
        self.kept = {first.label}
        self.watched = watched
        """The link whose target is the current version; None unless the bundle was given through one."""

    def add(self, version: Version, *, keep: bool) -> None:
        """Adds a version, which requests can name from now on.

        Raises:
            InputError: another bundle has this version's name, or the version has another task or other labels.
        """
        found = self.versions.get(version.label)
        if found is not None and found.model.bundle.digest != version.model.bundle.digest:
            raise InputError(
                f"expected a new name for another bundle, found {version.id}, which is {found.path}: name it otherwise"
            )
        for what, old, new in (
            ("the task", self.current.task, version.task),
            ("the labels", self.current.labels, version.labels),
        ):
            if old != new:
                raise InputError(
                    f"{version.path}: expected {what} of {self.current.id}, {old}, found {new}: "
                    "serve it under a name of its own"
                )
        self.versions[version.label] = version
        if keep:
            self.kept.add(version.label)

    def switch(self, label: str) -> None:
        """Gives the traffic to a version; the one that had it stays loaded, and older ones are dropped."""
        version = self.version(label)
        if version is not self.current:
            self.previous, self.current = self.current, version
        if self.candidate is version:
            self.candidate = None
        self._drop()

    def mirror(self, label: str | None) -> None:
        """Makes a version the candidate; None for none."""
        self.candidate = None if label is None else self.version(label)
        self._drop()

    def keep(self, label: str) -> None:
        """Keeps a version loaded until it is dropped by name."""
        self.kept.add(self.version(label).label)
        if self.candidate and self.candidate.label == label:
            self.candidate = None

    def drop(self, label: str) -> None:
        """Drops a version.

        Raises:
            RequestError: it takes the traffic.
        """
        version = self.version(label)
        if version is self.current:
            raise RequestError("invalid", f"{version.id} takes the traffic; switch to another version first")
        self.kept.discard(version.label)
        if self.candidate is version:
            self.candidate = None
        if self.previous is version:
            self.previous = self.current
        self._drop()

    def version(self, label: str) -> Version:
        """Returns a version by its name.

        Raises:
            RequestError: there is none of that name.
        """
        if label == LATEST:
            return self.current
        if label not in self.versions:
            raise RequestError(
                "not_found", f"{self.name} has no version of that name; it has {', '.join(self.versions)}"
            )
        return self.versions[label]

    def _drop(self) -> None:
        wanted = {*self.kept, self.current.label, self.previous.label}
        if self.candidate:
            wanted.add(self.candidate.label)
        self.versions = {label: found for label, found in self.versions.items() if label in wanted}


class Registry:
    """The models by name. Only the event loop changes it."""

    def __init__(self) -> None:
        self.models: dict[str, Served] = {}

    def __iter__(self) -> Iterator[Served]:
        return iter(self.models.values())

    @property
    def versions(self) -> Iterator[Version]:
        """All versions of all models."""
        return (version for served in self for version in served.versions.values())

    def served(self, name: str) -> Served:
        """Returns a model by its name.

        Raises:
            RequestError: there is none of that name.
        """
        if name not in self.models:
            near = nearest(name, self.models)
            meant = f"; did you mean {near}?" if near else ""
            raise RequestError("not_found", f"there is no model of that name; there is {', '.join(self.models)}{meant}")
        return self.models[name]

    def find(self, asked: str | None, task: str | None = None) -> Version:
        """Returns the version that answers a request.

        Args:
            asked: ``NAME`` or ``NAME@VERSION``; None for the first model that has the task.
            task: the task that the request needs; None if any will do.

        Raises:
            RequestError: there is no such model or version, or it has another task.
        """
        if asked is None:
            for served in self:
                if task in (None, served.current.task):
                    return served.current
            raise RequestError("backend", f"no model here is for {task}; there is {', '.join(self.models)}")
        name, _, label = asked.partition("@")
        version = self.served(name).version(label or LATEST)
        if task not in (None, version.task):
            purpose = "classifies" if version.task == CLASSIFICATION else "embeds"
            raise RequestError(
                "backend", f"{version.name} {purpose}; it is for {TASKS[version.task].name}, not for {task}"
            )
        return version
