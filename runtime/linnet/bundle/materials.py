"""A bundle's other files → ``sbom.cdx.json``: what the bundle consists of, what it was made from, and by which tools."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ..fields import field, line, malformed, optional_field, parse_object, shown
from ..names import CONFIG, DERIVED, PARITY, SBOM, SETTINGS
from .cyclonedx import MODEL, Part, document, encoded, licences, properties, sha256
from .manifest import FileRecord, Manifest
from .settings import Settings, read_settings

SOURCES = (CONFIG, SETTINGS, PARITY, DERIVED)
"""The files whose content the bill of materials repeats; a bundle need not have the last two."""


def bill_of_materials(manifest: Manifest, contents: Mapping[str, bytes]) -> bytes:
    """Returns the content of ``sbom.cdx.json``, a CycloneDX 1.6 document; the same bundle gets the same bytes.

    Args:
        manifest: lists the bundle's files; ``sbom.cdx.json`` itself is left out if it is among them.
        contents: the content of the files in `SOURCES` that the bundle has.

    Raises:
        BundleFormatError: one of these files is not valid.
        InputError: ``SOURCE_DATE_EPOCH`` is not a number of seconds.
    """
    parity = parse_object(PARITY, contents[PARITY]) if PARITY in contents else {}
    steps = _steps(contents)
    settings = read_settings(contents[SETTINGS])
    subject: Part = {
        "type": MODEL,
        "bom-ref": "bundle",
        "name": manifest.source.id or "bundle",
        **_revision(manifest),
        "description": "INT8 bundle for Linnet" + "".join(f", changed by `{step['command']}`" for step in steps),
        **licences(manifest.licence),
        "pedigree": {"ancestors": [_checkpoint(manifest), *(_parent(manifest, step) for step in steps)]},
        "modelCard": _card(settings, parse_object(CONFIG, contents[CONFIG]), parity),
        **properties({"format_version": manifest.format_version, "accepted_licence": manifest.accepted_licence}),
    }
    files = [_file(record, "file") for record in manifest.files if record.path != SBOM]
    return encoded(document(subject, files, [*_tools(parity), *_derivers(steps)]))


def _steps(contents: Mapping[str, bytes]) -> list[Part]:
    """Returns the steps in ``derived.json``, each with a ``parent`` and a ``command``."""
    steps = field(parse_object(DERIVED, contents[DERIVED]), DERIVED, "steps", list) if DERIVED in contents else []
    for step in steps:
        if not isinstance(step, dict):
            raise malformed(f"{DERIVED}: expected an object for every step, found {shown(step)}")
        line(step, DERIVED, "parent")
        line(step, DERIVED, "command")
    return steps


def _revision(manifest: Manifest) -> Part:
    revision = manifest.source.revision
    return {"version": revision} if revision else {}


def _checkpoint(manifest: Manifest) -> Part:
    source = manifest.source
    at_hub = source.revision and source.id and source.id.count("/") == 1
    published = [
        {"type": figure.what, "value": str(figure.value), "slice": f"published: {figure.source}"}
        for figure in manifest.published
    ]
    files = [_file(record, "checkpoint") for record in source.files]
    return {
        "type": MODEL,
        "bom-ref": "checkpoint",
        "name": source.id or "checkpoint",
        **_revision(manifest),
        "description": "the checkpoint that the bundle was converted from",
        **licences(manifest.licence),
        **({"purl": f"pkg:huggingface/{quote(source.id or '')}@{quote(source.revision or '')}"} if at_hub else {}),
        **({"components": files} if files else {}),
        **({"modelCard": _measured(published)} if published else {}),
        **properties({"recipe": source.recipe}),
    }


def _parent(manifest: Manifest, step: Part) -> Part:
    return {
        "type": MODEL,
        "name": manifest.source.id or "bundle",
        "description": f"the bundle before `{step['command']}`; the hash is that of its manifest.json",
        **sha256(step["parent"]),
    }


def _file(record: FileRecord, group: str) -> Part:
    size = {"size": record.size}
    return {
        "type": "file",
        "bom-ref": f"{group}/{record.path}",
        "name": record.path,
        **sha256(record.sha256),
        **properties(size),
    }


def _card(settings: Settings, config: Mapping[str, Any], parity: Mapping[str, Any]) -> Part:
    architectures = optional_field(config, CONFIG, "architectures", list)
    parameters = {
        "task": settings.task,
        "architectureFamily": "transformer encoder",
        **({"modelArchitecture": str(architectures[0])} if architectures else {}),
        "inputs": [{"format": "text"}],
        "outputs": [{"format": "vectors" if settings.embedding else "labels and scores"}],
    }
    metrics = list(_metrics(parity))
    return {"modelParameters": parameters, **_measured(metrics), **properties(settings.as_json())}


def _measured(metrics: Sequence[Part]) -> Part:
    return {"quantitativeAnalysis": {"performanceMetrics": list(metrics)}} if metrics else {}


def _metrics(parity: Mapping[str, Any]) -> Iterator[Part]:
    """Yields each criterion of the parity with the original, and the drift."""
    texts = optional_field(parity, PARITY, "texts", dict) or {}
    of = f"{texts.get('count')} texts with the sha256 {texts.get('sha256')}"
    parent = optional_field(parity, PARITY, "parent", str)
    measured_on = f", measured on the bundle with the digest {parent}" if parent else ""
    for criterion in optional_field(parity, PARITY, "criteria", list) or ():
        if not isinstance(criterion, dict):
            raise malformed(f"{PARITY}: expected an object for every criterion, found {shown(criterion)}")
        yield {
            "type": field(criterion, PARITY, "name", str),
            "value": str(criterion.get("value")),
            "slice": f"{criterion.get('n')} cases, {of}{measured_on}",
        }
    drift = optional_field(parity, PARITY, "drift", dict) or {}
    for which in ("mean", "max"):
        if which in drift:
            yield {"type": f"{drift.get('what')}, {which}", "value": str(drift[which]), "slice": of + measured_on}


def _tools(parity: Mapping[str, Any]) -> Iterator[Part]:
    for name, version in sorted((optional_field(parity, PARITY, "versions", dict) or {}).items()):
        yield {"type": "application", "name": name, "version": str(version)}


def _derivers(steps: Sequence[Part]) -> Iterator[Part]:
    for step in steps:
        if version := optional_field(step, DERIVED, "linnet", str):
            yield {"type": "application", "name": f"linnet {step['command']}", "version": version}
