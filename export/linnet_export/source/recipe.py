"""Reads recipes: one TOML file per known checkpoint, with its settings for a conversion."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from linnet.bundle.manifest import Figure
from linnet.bundle.settings import POOLINGS, SHORTEST
from linnet.preprocessing import PREPROCESSORS
from linnet.tasks import TASKS

from linnet_export.errors import RecipeError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parents[1] / "recipes"
"""The folder of the recipes; to add a checkpoint, add a file."""

_KINDS: dict[type, str] = {
    bool: "true or false",
    float: "a number with a decimal point",
    int: "a whole number",
    dict: "a table",
    list: "a list",
    str: "a string",
}
_T = TypeVar("_T")


@dataclass(frozen=True)
class KnownLicence:
    """The known licence of a checkpoint and its source; ``name`` is None if no licence is stated."""

    name: str | None
    note: str
    source: str


@dataclass(frozen=True)
class Recipe:
    """The settings for the conversion of one known checkpoint."""

    name: str
    """The file's name without its suffix."""
    checkpoint: str
    """The checkpoint's id on the hub."""
    summary: str
    """A description in one sentence."""
    task: str
    """The bundle's task, one of `TASKS`."""
    model_type: str
    """The ``model_type`` that the checkpoint's ``config.json`` must have."""
    preprocessing: str
    """The preprocessing preset that the checkpoint was trained with."""
    max_length: int
    """The most tokens of a text, special tokens included."""
    languages: tuple[str, ...]
    """The languages, as BCP 47 tags."""
    labels: Mapping[str, str]
    """The checkpoint's label → the bundle's label, for labels that are renamed."""
    pooling: str | None
    """The pooling of embeddings; None if the recipe does not set it."""
    normalize: bool | None
    """True if embeddings are scaled to length 1; None if the recipe does not set it."""
    licence: KnownLicence
    """The checkpoint's licence."""
    figures: tuple[Figure, ...]
    """Published measurements of the checkpoint."""

    def renamed(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Returns the checkpoint's labels under their names in the bundle.

        Raises:
            RecipeError: the labels are not those of the recipe's checkpoint.
        """
        renamed = tuple(self.labels.get(label, label) for label in labels)
        if self.labels and set(renamed) != set(self.labels.values()):
            raise RecipeError(
                f"expected the labels {', '.join(self.labels)} of the recipe {self.name}, found {', '.join(labels)}; "
                "leave the recipe out for this checkpoint"
            )
        return renamed


def all_recipes() -> list[Recipe]:
    """Returns all recipes that come with Linnet, sorted by name."""
    return [_read(file) for file in sorted(FOLDER.glob("*.toml"))]


def recipe_names() -> list[str]:
    """Returns the names of the recipes that come with Linnet."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def recipe_named(name: str) -> Recipe:
    """Returns the recipe with this name, for this hub id, or in this ``.toml`` file.

    Raises:
        RecipeError: the recipe does not exist, or its values are not valid.
    """
    if name in recipe_names():
        return _read(FOLDER / f"{name}.toml")
    if known := recipe_for(name):
        return known
    if not name.endswith(".toml"):
        raise RecipeError(
            f"expected the name of a recipe ({', '.join(recipe_names())}) or a .toml file, found {name!r}; "
            "linnet-export recipes lists them"
        )
    if not Path(name).is_file():
        raise RecipeError(
            f"{name}: no such file; give the name of a recipe ({', '.join(recipe_names())}) or an existing .toml file"
        )
    return _read(Path(name))


def recipe_for(hub_id: str) -> Recipe | None:
    """Returns the recipe for a checkpoint on the hub, or None."""
    return next((recipe for recipe in all_recipes() if recipe.checkpoint.lower() == hub_id.lower()), None)


def _read(file: Path) -> Recipe:
    try:
        return _recipe(file.stem, tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:  # tomllib's and the decoder's errors are ValueErrors
        raise RecipeError(f"{file}: {error}; compare it with the recipes in {FOLDER}") from None


def _recipe(name: str, values: dict[str, Any]) -> Recipe:
    known = set(Recipe.__dataclass_fields__) - {"name"}
    if unknown := values.keys() - known:
        raise ValueError(f"expected no {', '.join(sorted(unknown))}, only {', '.join(sorted(known))}")
    licence, labels = _get(values, "licence", dict), _get(values, "labels", dict, {})
    return Recipe(
        name=name,
        checkpoint=_get(values, "checkpoint", str),
        summary=_get(values, "summary", str),
        task=_one_of(tuple(TASKS), _get(values, "task", str)),
        model_type=_get(values, "model_type", str),
        preprocessing=_one_of(PREPROCESSORS, _get(values, "preprocessing", str)),
        max_length=_at_least(SHORTEST, _get(values, "max_length", int)),
        languages=tuple(map(str, _get(values, "languages", list))),
        labels={label: _get(labels, label, str) for label in labels},
        pooling=_one_of(POOLINGS, _get(values, "pooling", str)) if "pooling" in values else None,
        normalize=_get(values, "normalize", bool) if "normalize" in values else None,
        licence=KnownLicence(
            _get(licence, "name", str) if "name" in licence else None,
            _get(licence, "note", str),
            _get(licence, "source", str),
        ),
        figures=tuple(
            Figure(_get(_table(figure), "what", str), _get(figure, "value", float), _get(figure, "source", str))
            for figure in _get(values, "figures", list, [])
        ),
    )


def _one_of(known: Sequence[str], value: str) -> str:
    if value not in known:
        raise ValueError(f"expected one of {', '.join(known)}, found {value!r}")
    return value


def _at_least(least: int, value: int) -> int:
    if value < least:
        raise ValueError(f"expected max_length of at least {least} tokens, found {value}")
    return value


def _table(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"expected each figure to be a table, found {value!r}")
    return value


def _get(values: Mapping[str, Any], key: str, kind: type[_T], default: _T | None = None) -> _T:
    value = values.get(key, default)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"expected {key} to be {_KINDS[kind]}, found {value!r}")
    return value
