"""Finds a checkpoint's licence and decides whether the user has to accept it before converting."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from huggingface_hub import metadata_load

from linnet_export.errors import LicenceError
from linnet_export.source.files import CARD, is_licence
from linnet_export.source.recipe import Recipe

PERMISSIVE = frozenset(
    {
        *("0bsd", "afl-3.0", "apache-2.0", "artistic-2.0", "bsd", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear"),
        *("bsl-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc0-1.0", "cdla-permissive-1.0"),
        *("cdla-permissive-2.0", "ecl-2.0", "isc", "mit", "ms-pl", "ncsa", "odc-by", "pddl", "postgresql"),
        *("unlicense", "wtfpl", "zlib"),
    }
)
"""Licences, as the hub spells them, that allow any use; they require at most that the authors are named."""

OTHER = "other"
"""The hub's tag for a licence without a tag of its own."""

_TITLES = {
    "apache-2.0": r"apache license version 2\.0\b",
    "mit": r"((the )?mit license\b|(copyright .{0,200})?permission is hereby granted free of charge)",
    "bsd-3-clause": r"bsd 3-clause license\b",
    "bsd-2-clause": r"bsd 2-clause license\b",
}
"""Regular expressions for the beginnings of common licence texts, in lower case and without commas."""


@dataclass(frozen=True)
class Licence:
    """A checkpoint's licence.

    ``name`` is spelt as on the hub, None if no licence is stated; ``concern`` is what the user has to
    accept, None if nothing; ``accepted`` is True if the user accepted it.
    """

    name: str | None
    concern: str | None = None
    accepted: bool = False


def licence_of(folder: Path, source: str, recipe: Recipe | None, *, published: bool) -> Licence:
    """Returns the licence of the checkpoint ``source``, from its card's front matter, licence files and recipe.

    ``published`` is True if the checkpoint comes from the hub or has a recipe; then a missing licence is a concern.
    """
    name = " and ".join(dict.fromkeys([*_stated(folder), *_recognised(folder)])) or None
    known = recipe.licence if recipe else None
    if known and known.name and known.name not in PERMISSIVE:
        return Licence(name or known.name, f"{source} is not free for every use: {known.note}; see {known.source}")
    if name is None and published:
        said = f"{known.note}; see {known.source}" if known else "its repository states no licence"
        return Licence(None, f"{source} may not be free to use: {said}")
    unknown = set(name.split(" and ") if name else ()) - PERMISSIVE - (set() if published else {OTHER})
    if unknown:
        return Licence(name, f"{source} has the licence {name!r}, which is not known to permit every use")
    return Licence(name)


def accepted(licence: Licence, *, accept: bool) -> Licence:
    """Returns the licence, marked as accepted if it has a concern.

    Raises:
        LicenceError: the licence has a concern, and ``accept`` is False.
    """
    if licence.concern is None:
        return licence
    if not accept:
        raise LicenceError(
            f"{licence.concern}. Check whether your use is allowed (if in doubt, ask the authors), "
            "then convert with --accept-licence; the bundle records that you accepted it"
        )
    return Licence(licence.name, licence.concern, accepted=True)


def licence_files(folder: Path) -> list[Path]:
    """Returns the licence texts at the top level of a checkpoint's folder; none if the folder does not exist."""
    return sorted(file for file in folder.glob("*") if file.is_file() and is_licence(file.name))


def _stated(folder: Path) -> list[str]:
    """Returns the licences in the card's front matter; ``other`` together with its ``license_name``."""
    card = folder / CARD
    try:
        stated = (metadata_load(card) if card.is_file() else None) or {}
    except (ValueError, yaml.YAMLError):
        return []
    licence = stated.get("license")
    names = licence if isinstance(licence, list) else [licence]
    found = [str(name).lower() for name in names if name]
    return [f"{OTHER} ({stated.get('license_name') or 'unnamed'})" if name == OTHER else name for name in found]


def _recognised(folder: Path) -> list[str]:
    """Returns the licence of each licence text, recognised by its beginning; `OTHER` if it is not a common one."""
    return [_title(file) for file in licence_files(folder) if not file.name.lower().startswith("notice")]


def _title(file: Path) -> str:
    opening = " ".join(file.read_text(encoding="utf-8", errors="replace")[:400].lower().replace(",", " ").split())
    return next((name for name, title in _TITLES.items() if re.match(title, opening)), OTHER)
