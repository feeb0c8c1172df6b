"""Recipes: how each known checkpoint is to be converted, a TOML file a checkpoint."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from linnet.bundle import POOLINGS, SHORTEST, TASKS
from linnet.preprocessing import PREPROCESSORS

from linnet_export.errors import RecipeError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).with_name("recipes")
"""Where the recipes stand; adding a checkpoint is adding a file."""

_KINDS: dict[type, str] = {
    bool: "true or false",
    float: "a number with a point",
    int: "a whole number",
    dict: "a table",
    list: "a list",
    str: "a string",
}
_T = TypeVar("_T")


@dataclass(frozen=True)
class Figure:
    """A published measurement, with where it is published."""

    what: str
    value: float
    source: str


@dataclass(frozen=True)
class KnownLicence:
    """What is known of a checkpoint's licence, and where it says so; ``name`` is None where none is stated."""

    name: str | None
    note: str
    source: str


@dataclass(frozen=True)
class Recipe:
    """How one checkpoint is converted.

    ``labels`` maps those labels of the checkpoint that the bundle calls otherwise; ``max_length`` is
    in tokens, special tokens included; ``languages`` are BCP 47 tags; ``pooling`` and ``normalize``
    are those of embeddings.
    """

    name: str
    checkpoint: str
    summary: str
    task: str
    model_type: str
    preprocessing: str
    max_length: int
    languages: tuple[str, ...]
    labels: Mapping[str, str]
    pooling: str | None
    normalize: bool | None
    licence: KnownLicence
    figures: tuple[Figure, ...]

    def renamed(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        """The labels as the bundle calls them.

        Raises:
            RecipeError: they are not those of the recipe's checkpoint.
        """
        renamed = tuple(self.labels.get(label, label) for label in labels)
        if self.labels and set(renamed) != set(self.labels.values()):
            raise RecipeError(
                f"expected the labels {', '.join(self.labels)} of the recipe {self.name}, found {', '.join(labels)}; "
                "leave the recipe out for this checkpoint"
            )
        return renamed


def all_recipes() -> list[Recipe]:
    """Every recipe that comes with Linnet, by name."""
    return [_read(file) for file in sorted(FOLDER.glob("*.toml"))]


def recipe_names() -> list[str]:
    """The names of the recipes that come with Linnet."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def recipe_named(name: str) -> Recipe:
    """The recipe of that name or for that hub id, or the one in a ``.toml`` file of the user's.

    Raises:
        RecipeError: there is none, or it makes no sense.
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
            f"{name}: no such file; name a recipe ({', '.join(recipe_names())}) or a .toml file that is there"
        )
    return _read(Path(name))


def recipe_for(hub_id: str) -> Recipe | None:
    """The recipe of a checkpoint on the hub, if there is one."""
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
        task=_one_of(TASKS, _get(values, "task", str)),
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
        raise ValueError(f"expected every figure to be a table, found {value!r}")
    return value


def _get(values: Mapping[str, Any], key: str, kind: type[_T], default: _T | None = None) -> _T:
    value = values.get(key, default)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"expected {key} to be {_KINDS[kind]}, found {value!r}")
    return value
