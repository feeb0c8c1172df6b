"""What a checkpoint's repository says of its licence, and whether somebody has to accept it first."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from huggingface_hub import metadata_load

from linnet_export.errors import LicenceError
from linnet_export.recipe import Recipe

CARD = "README.md"

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
    "apache-2.0": "apache license version 2.0",
    "mit": "mit license",
    "bsd-3-clause": "bsd 3-clause license",
    "bsd-2-clause": "bsd 2-clause license",
}
_FILES = ("license", "licence", "notice", "copying")


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
    name = _stated(folder) or _recognised(folder)
    known = recipe.licence if recipe else None
    if known and known.name and known.name not in PERMISSIVE:
        return Licence(name or known.name, f"{source} is not free for every use: {known.note}; see {known.source}")
    if name is None and published:
        said = f"{known.note}; see {known.source}" if known else "its repository states no licence"
        return Licence(None, f"{source} may not be free to use: {said}")
    if name is not None and not set(name.split(", ")) <= PERMISSIVE and (published or name != OTHER):
        return Licence(name, f"{source} has the licence {name!r}, which is not one that permits every use")
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
    return sorted(file for file in folder.iterdir() if file.is_file() and file.name.lower().startswith(_FILES))


def _stated(folder: Path) -> str | None:
    """The licence in the card's front matter; for ``other``, the name that it is given there."""
    card = folder / CARD
    try:
        stated = (metadata_load(card) if card.is_file() else None) or {}
    except (ValueError, yaml.YAMLError):
        return None
    licence = stated.get("license")
    if licence == OTHER:
        licence = stated.get("license_name") or licence
    names = licence if isinstance(licence, list) else [licence]
    return ", ".join(str(name).lower() for name in names if name) or None


def _recognised(folder: Path) -> str | None:
    """The licence whose title a licence text begins with, `OTHER` if it is none of the common ones."""
    texts = [file for file in licence_files(folder) if not file.name.lower().startswith("notice")]
    for file in texts:
        opening = " ".join(file.read_text(encoding="utf-8", errors="replace")[:400].lower().replace(",", " ").split())
        for name, title in _TITLES.items():
            if title in opening:
                return name
    return OTHER if texts else None
