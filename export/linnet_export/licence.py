"""What a checkpoint's repository says of its licence, and whether somebody has to accept it first."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from huggingface_hub import metadata_load

from linnet_export.errors import LicenceError
from linnet_export.recipe import Recipe
from linnet_export.source_files import CARD, is_licence

PERMISSIVE = frozenset(
    {
        *("0bsd", "afl-3.0", "apache-2.0", "artistic-2.0", "bsd", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear"),
        *("bsl-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc0-1.0", "cdla-permissive-1.0"),
        *("cdla-permissive-2.0", "ecl-2.0", "isc", "mit", "ms-pl", "ncsa", "odc-by", "pddl", "postgresql"),
        *("unlicense", "wtfpl", "zlib"),
    }
)
"""Licences, as the hub spells them, that let anybody use a model for anything, at most naming its authors."""

OTHER = "other"
"""How the hub calls a licence that has no tag of its own."""

_TITLES = {
    "apache-2.0": r"apache license version 2\.0\b",
    "mit": r"((the )?mit license\b|(copyright .{0,200})?permission is hereby granted free of charge)",
    "bsd-3-clause": r"bsd 3-clause license\b",
    "bsd-2-clause": r"bsd 2-clause license\b",
}
"""How the texts of common licences begin, in lower case and without commas."""


@dataclass(frozen=True)
class Licence:
    """What is known of a licence.

    ``name`` is as the hub spells it, None where none is stated; ``concern`` is what somebody has to
    accept, None where there is nothing; ``accepted`` says that somebody did.
    """

    name: str | None
    concern: str | None = None
    accepted: bool = False


def licence_of(folder: Path, source: str, recipe: Recipe | None, *, published: bool) -> Licence:
    """The licence of the checkpoint ``source``, by its card's front matter, its licence file, and its recipe.

    ``published`` says that it comes from the hub or has a recipe: then a licence that nobody states is a concern.
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
    """The licence once somebody took responsibility for it, where that is needed.

    Raises:
        LicenceError: it is needed, and nobody did.
    """
    if licence.concern is None:
        return licence
    if not accept:
        raise LicenceError(
            f"{licence.concern}. Whether your use is allowed is yours to find out, from the authors if need be; "
            "then convert with --accept-licence, and the bundle will say so"
        )
    return Licence(licence.name, licence.concern, accepted=True)


def licence_files(folder: Path) -> list[Path]:
    """The licence texts at the top of a checkpoint's folder."""
    return sorted(file for file in folder.iterdir() if file.is_file() and is_licence(file.name))


def _stated(folder: Path) -> list[str]:
    """The licences in the card's front matter; ``other`` with the name that it is given there, which may be any."""
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
    """The licence of each licence text by how it begins, `OTHER` if it is none of the common ones."""
    return [_title(file) for file in licence_files(folder) if not file.name.lower().startswith("notice")]


def _title(file: Path) -> str:
    opening = " ".join(file.read_text(encoding="utf-8", errors="replace")[:400].lower().replace(",", " ").split())
    return next((name for name, title in _TITLES.items() if re.match(title, opening)), OTHER)
