"""The folder of results: a JSON file a class of processors, which has the last full measurement of each shape.

    {"class": …, "shapes": {NAME: ENTRY}, "tuning": {NAME: ENTRY}}

An entry has its own machine, settings, versions, commit and date, so that old and new figures can be told apart.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.environment import ROOT
from benchmark.machine import CLASSES

FOLDER = ROOT / "scripts" / "benchmark" / "results"

SHAPES, TUNING = "shapes", "tuning"
"""The parts of a file."""

_AMOUNTS = ("rounds", "tweets", "single")
_BESIDES = ("bits", "lengths", "one_thread")

Record = dict[str, Any]


def read(folder: Path) -> dict[str, Record]:
    """The content of each class's file, in the order of the classes.

    Raises:
        SystemExit: a file is not such JSON.
    """
    return {name: _read(folder / f"{name}.json") for name in CLASSES if (folder / f"{name}.json").is_file()}


def keep(folder: Path, processor: str, name: str, entry: Mapping[str, Any], *, part: str = SHAPES) -> str | None:
    """Puts what was measured of a shape in the place of its stored entry; gives the reason if it does not.

    It does not if the stored entry has rows or measures that this one lacks, or comes from more rounds or more texts.
    """
    file = folder / f"{processor}.json"
    record: Record = _read(file) if file.is_file() else {"class": processor}
    stored = record.setdefault(part, {}).get(name)
    reason = _poorer(entry, stored) if stored else None
    if reason:
        return f"{reason}; to replace it, measure as much, or take {name} out of {file}"
    record[part][name] = dict(entry)
    folder.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(file)
    return None


def _poorer(entry: Mapping[str, Any], stored: Mapping[str, Any]) -> str | None:
    missing = [row for row in stored.get("rows", {}) if row not in entry.get("rows", {})]
    missing += [measure for measure in _BESIDES if measure in stored and measure not in entry]
    if missing:
        return f"the stored entry also has {', '.join(missing)}"
    if entry["settings"].get("threads") != stored["settings"].get("threads"):
        return f"the stored entry is of {stored['settings'].get('threads')} threads"
    for amount in _AMOUNTS:
        ours, theirs = entry["settings"][amount], stored["settings"][amount]
        if ours < theirs:
            return f"the stored entry has {amount} {theirs}, this one {ours}"
    return None


def _read(file: Path) -> Record:
    try:
        record: Record = json.loads(file.read_bytes())
        assert record["class"] == file.stem
    except (ValueError, TypeError, KeyError, AssertionError) as error:
        raise SystemExit(
            f"{file}: expected the results of the class {file.stem}, as JSON; found something else ({error!r}): "
            "take the committed file, or delete it"
        ) from None
    return record
