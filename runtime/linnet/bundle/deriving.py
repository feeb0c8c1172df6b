"""A bundle and changes → another bundle, which says what it was derived from and what was measured then."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..fields import field as field_of
from ..fields import line, malformed, parse_object
from ..installation import VERSION
from ..names import CARD, CONFIG, DERIVED, GRAPH, MANIFEST, PARITY, SBOM, SENTENCE_MODULES, SETTINGS, WEIGHTS
from .manifest import FileRecord
from .materials import bill_of_materials
from .opening import Bundle, open_bundle
from .placing import publish, resolve_target, staging_folder
from .settings import Settings

_FRONT_MATTER = re.compile(rb"---\n.*?\n---\n", re.DOTALL)
_TITLE = re.compile(rb"^# .*\n", re.MULTILINE)
_NOTE = b"> Made from another bundle: this card is that one's, and the last sections say what has changed."
_BLOCK = 1 << 20  # bytes written at a time


@dataclass(frozen=True)
class Changes:
    """What is different in a derived bundle."""

    command: str
    """The command that made the changes, such as ``calibrate``."""
    settings: Settings
    """The content of ``linnet.json``."""
    figures: Mapping[str, Any]
    """What was measured, for ``derived.json``."""
    title: str
    """The title of the section that the card gets."""
    card: str
    """The section, in Markdown: what was done, and what was measured."""
    config: Mapping[str, Any] | None = None
    """The content of ``config.json``; None if it stays."""
    model: bytes | None = field(default=None, repr=False)
    """The content of the ONNX graph, over the same weights; None if it stays."""

    @property
    def new_labels(self) -> bool:
        """True if the bundle answers with other labels, so that figures published for the checkpoint are not its own."""
        return self.model is not None


def steps_of(bundle: Bundle) -> list[dict[str, str]]:
    """Returns what made a derived bundle, the first first: the ``command``, and the digest of its ``parent``.

    Raises:
        BundleFormatError: the file that says so is malformed.
    """
    record = bundle.manifest.find(DERIVED)
    if record is None:
        return []
    with bundle.named():
        steps = field_of(parse_object(DERIVED, bundle.folder.content(record)), DERIVED, "steps", list)
        if not all(isinstance(step, dict) for step in steps):
            raise malformed(f"{DERIVED}: expected steps to be a list of objects")
        return [{name: line(step, DERIVED, name) for name in ("command", "parent")} for step in steps]


def target_of(parent: Bundle, output: Path, *, overwrite: bool) -> Path:
    """Returns the folder that `derive` writes; to be called before work that takes time.

    Raises:
        InputError: writing it would lose data; the message says what to do.
    """
    return resolve_target(output, parent.path, overwrite=overwrite, what="bundle")


def derive(parent: Bundle, target: Path, changes: Changes, *, overwrite: bool = False) -> str:
    """Writes a bundle with changes into the folder ``target``, whole or not at all; returns its digest.

    With ``overwrite``, replaces a bundle there. Unchanged files are those that were verified. The parity is the
    parent's, and says so.

    Raises:
        BundleIntegrityError: a file of the parent was altered.
        InputError: the folder cannot be written to, or has files that would be lost.
    """
    with staging_folder(target) as staged:
        contents = _contents(parent, changes)
        records = [_write(staged.bundle, path, content) for path, content in contents.items()]
        records.append(_copy_weights(parent, staged.bundle))
        manifest = replace(
            parent.manifest,
            files=tuple(sorted(records, key=lambda record: record.path)),
            published=() if changes.new_labels else parent.manifest.published,
            parent=parent.digest,
        )
        bill = _write(staged.bundle, SBOM, bill_of_materials(manifest, contents))
        manifest = replace(manifest, files=tuple(sorted([*records, bill], key=lambda record: record.path)))
        (staged.bundle / MANIFEST).write_bytes(_json(manifest.as_json()))
        digest = open_bundle(staged.bundle).digest  # a bundle that cannot be opened is not put in place
        publish(staged.bundle, target, overwrite=overwrite)
    return digest


def _contents(parent: Bundle, changes: Changes) -> dict[str, bytes]:
    """Returns the content of each file except the manifest, the bill of materials and the weights."""
    gone = (SBOM, WEIGHTS) if changes.settings.embedding else (SBOM, WEIGHTS, *SENTENCE_MODULES)
    others = [record for record in parent.manifest.files if record.path not in gone]
    kept = {record.path: parent.folder.content(record) for record in others}
    steps = parse_object(DERIVED, kept[DERIVED])["steps"] if DERIVED in kept else []
    step = {"parent": parent.digest, "command": changes.command, "linnet": VERSION, "figures": changes.figures}
    changed = {
        SETTINGS: _json(changes.settings.as_json()),
        DERIVED: _json({"steps": [*steps, step]}),
        CARD: _card(kept.get(CARD, f"# {parent.manifest.source.id}\n".encode()), parent, changes),
    }
    if changes.config is not None:
        changed[CONFIG] = _json(changes.config)
    if changes.model is not None:
        changed[GRAPH] = changes.model
    if PARITY in kept:
        changed[PARITY] = _json({"parent": parent.digest, **parse_object(PARITY, kept[PARITY])})  # the first stays
    return {**kept, **changed}


def _card(card: bytes, parent: Bundle, changes: Changes) -> bytes:
    derived = (
        f"Derived by `linnet {changes.command}` from the bundle with the digest `{parent.digest}`. What this card says "
        "above is about that bundle, and so is the measured parity with the original."
    )
    return _noted(card).rstrip(b"\n") + f"\n\n## {changes.title}\n\n{derived}\n\n{changes.card.strip()}\n".encode()


def _noted(card: bytes) -> bytes:
    """Returns a card that says below its title that it is another bundle's, unless it says so already."""
    if _NOTE in card:
        return card
    front = _FRONT_MATTER.match(card)
    title = _TITLE.search(card, front.end() if front else 0)
    place = title.end() if title else front.end() if front else 0
    return card[:place] + b"\n" + _NOTE + b"\n\n" + card[place:].lstrip(b"\n")


def _write(folder: Path, path: str, content: bytes) -> FileRecord:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return FileRecord(path, len(content), hashlib.sha256(content).hexdigest())


def _copy_weights(parent: Bundle, folder: Path) -> FileRecord:
    """Copies the weights, and checks what was written: until now only their size was."""
    record, digest = parent.manifest[WEIGHTS], hashlib.sha256()
    with (folder / WEIGHTS).open("wb") as stream:
        for start in range(0, len(parent.weights), _BLOCK):
            block = parent.weights[start : start + _BLOCK]
            digest.update(block)
            stream.write(block)
    parent.folder.expect(record, digest.hexdigest())
    return record


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
