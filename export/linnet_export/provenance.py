"""What is converted, and what is known of it before its weights are read: source, recipe, licence."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from linnet.manifest import FileRecord

from linnet_export.licence import Licence, licence_of
from linnet_export.recipe import Recipe, recipe_for, recipe_named, recipe_names
from linnet_export.source import Source, open_source
from linnet_export.source_files import CARD


@dataclass(frozen=True)
class Provenance:
    """A checkpoint's source, the recipe by which it is converted, if any, and its licence."""

    source: Source
    recipe: Recipe | None
    licence: Licence

    @cached_property
    def files(self) -> list[FileRecord]:
        """The files that a conversion reads, each with its sha256."""
        return [FileRecord.of(self.source.folder, path) for path in self.source.files]

    @property
    def remarks(self) -> list[str]:
        """What somebody who converts it should know, in words."""
        remarks = [*self.source.remarks]
        if self.recipe is None and self.source.id in recipe_names():
            remarks.append(
                f"there is a recipe of this name, which is not applied to a folder unasked: --recipe {self.source.id}"
            )
        if self.licence.concern:
            remarks.append(f"accepted with --accept-licence: {self.licence.concern}")
        elif self.licence.name is None:
            remarks.append(
                f"{self.source.id} states no licence: users of the bundle will ask; "
                f"give it a LICENSE file, or a line 'license: …' at the head of {CARD}"
            )
        return remarks


def find(
    checkpoint: str | Path,
    *,
    recipe: str | None = None,
    revision: str | None = None,
    offline: bool = False,
    silent: bool = False,
) -> Provenance:
    """Finds a folder, or a repository on the hub, of which only the card and the licence texts are fetched.

    The recipe is the one named, else the one for the hub id.

    Raises:
        CheckpointError: there is no such checkpoint.
        RecipeError: there is no such recipe.
    """
    named = recipe_named(recipe) if recipe else None
    source = open_source(checkpoint, revision=revision, offline=offline, silent=silent)
    known = named or recipe_for(source.id)
    published = source.revision is not None or known is not None
    return Provenance(source, known, licence_of(source.statements, source.id, known, published=published))
