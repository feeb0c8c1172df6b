"""Finds a checkpoint's source, recipe and licence, before its weights are read."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from linnet.bundle.integrity import record
from linnet.bundle.manifest import FileRecord
from linnet.bundle.opening import Bundle

from linnet_export.errors import RecipeError
from linnet_export.options import Options
from linnet_export.source.files import CARD, statement_files
from linnet_export.source.licence import Licence, licence_of
from linnet_export.source.licence import accepted as accepted_licence
from linnet_export.source.location import Source, open_source
from linnet_export.source.recipe import Recipe, recipe_for, recipe_named, recipe_names


@dataclass(frozen=True)
class Provenance:
    """A checkpoint's source, its recipe (None if it has none) and its licence."""

    source: Source
    recipe: Recipe | None
    licence: Licence

    @cached_property
    def files(self) -> list[FileRecord]:
        """The files that a conversion reads, with their sha256."""
        folder = self.source.fetch()
        return [record(folder, path) for path in self.source.files]

    @property
    def remarks(self) -> list[str]:
        """Notes for the user about the source, the recipe and the licence."""
        remarks = [*self.source.remarks]
        if self.recipe is None and self.source.id in recipe_names():
            remarks.append(
                f"a recipe of this name exists; to apply it to a local folder, add --recipe {self.source.id}"
            )
        if self.licence.concern:
            remarks.append(f"accepted with --accept-licence: {self.licence.concern}")
        elif self.licence.name is None:
            remarks.append(
                f"{self.source.id} states no licence, and users of the bundle need one; "
                f"add a LICENSE file, or a line 'license: …' at the top of {CARD}"
            )
        return remarks


def find(checkpoint: str | Path, options: Options) -> Provenance:
    """Finds a checkpoint, its recipe and its licence; from the hub, downloads only the card and the licence texts.

    The recipe is the named one, else the one for the hub id.

    Raises:
        CheckpointError: the checkpoint does not exist.
        RecipeError: the recipe does not exist.
    """
    recipe = options.get("recipe")
    named = recipe_named(recipe) if recipe else None
    source = open_source(
        checkpoint,
        revision=options.get("revision"),
        offline=options.get("offline", False),
        silent=options.get("silent", True),
        task=options.get("task"),
    )
    known = named or recipe_for(source.id)
    published = source.revision is not None or known is not None
    return Provenance(source, known, licence_of(source.fetch_statements(), source.id, known, published=published))


def accepted(origin: Provenance, *, accept: bool) -> Provenance:
    """Returns the provenance with its licence marked as accepted, if it has a concern.

    Raises:
        LicenceError: the licence has a concern, and ``accept`` is False.
    """
    return replace(origin, licence=accepted_licence(origin.licence, accept=accept))


def find_original(
    bundle: Bundle,
    checkpoint: str | Path,
    *,
    recipe: str | None,
    revision: str | None,
    offline: bool,
    silent: bool = True,
) -> Provenance:
    """Finds the checkpoint that a bundle was converted from.

    ``recipe`` and ``revision`` are the bundle's by default. The task is the bundle's too, because some checkpoints
    are converted only for the task that the user chose.

    Raises:
        CheckpointError: the checkpoint does not exist.
        RecipeError: the bundle was converted with a recipe file, which the caller has to give.
    """
    made_by = bundle.manifest.source
    if not Path(checkpoint).exists():
        revision = revision or made_by.revision
    if made_by.recipe and not recipe and made_by.recipe not in recipe_names():
        raise RecipeError(f"{bundle.path} was made with the recipe file {made_by.recipe}: give that file with --recipe")
    options: Options = {
        "recipe": recipe or made_by.recipe,
        "revision": revision,
        "offline": offline,
        "task": bundle.settings.task,
        "silent": silent,
    }
    return find(checkpoint, options)


def differences(origin: Provenance, bundle: Bundle) -> list[str]:
    """Returns a note if a bundle was made from other files than the checkpoint's; the card and licences do not count.

    The checkpoint's files must have been fetched.
    """
    made_from = {file.path: file.sha256 for file in bundle.manifest.source.files}
    found = {file.path: file.sha256 for file in origin.files}
    statements = statement_files(made_from | found)
    other = sorted(path for path, _ in made_from.items() ^ found.items() if path not in statements)
    if not made_from or not other:
        return []
    source = bundle.manifest.source
    at = f" at {source.revision}" if source.revision else ""
    return [
        f"{origin.source.id} is not the checkpoint that {bundle.path} was made from ({source.id}{at}): "
        f"{', '.join(dict.fromkeys(other))} differ, so a failure is no fault of the bundle"
    ]
