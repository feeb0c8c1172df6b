"""The bill of materials follows from a bundle's other files, and says what they say."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from linnet.bundle.deriving import Changes, derive
from linnet.bundle.manifest import Figure, MadeFrom
from linnet.bundle.materials import SOURCES, bill_of_materials
from linnet.bundle.opening import Bundle, open_bundle
from linnet.errors import BundleFormatError, InputError
from linnet.installation import VERSION
from linnet.names import DERIVED, GRAPH, PARITY, SBOM, WEIGHTS
from linnet.postprocessing.calibration import Calibration


@pytest.fixture
def derived(default: Path, tmp_path: Path) -> Bundle:
    """The default with another graph, calibrated after that."""
    parent = open_bundle(default)
    settings = replace(parent.settings, calibration=Calibration(2.0))
    graph = parent.model + b"\x52\x00"
    config = json.loads((default / "config.json").read_bytes())
    derive(parent, tmp_path / "first", Changes("adapt", parent.settings, {}, "Adapted", "", config, graph))
    derive(
        open_bundle(tmp_path / "first"), tmp_path / "new", Changes("calibrate", settings, {"a": 1}, "Calibrated", "")
    )
    return open_bundle(tmp_path / "new")


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in SOURCES if (folder / name).is_file()}


def bill(bundle: Bundle) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bill_of_materials(bundle.manifest, contents(bundle.path)))
    return found


def digests(parts: list[dict[str, Any]]) -> dict[str, str]:
    return {part["name"]: part["hashes"][0]["content"] for part in parts}


def test_a_derived_bundle_has_the_bill_of_its_own_files(derived: Bundle) -> None:
    written = (derived.path / SBOM).read_bytes()
    assert written == bill_of_materials(derived.manifest, contents(derived.path))
    assert derived.manifest.find(SBOM)


def test_it_lists_every_file_with_its_hash(derived: Bundle) -> None:
    listed = {record.path: record.sha256 for record in derived.manifest.files}
    del listed[SBOM]
    assert digests(bill(derived)["components"]) == listed
    assert {GRAPH, WEIGHTS, DERIVED} <= listed.keys()


def test_it_names_the_checkpoint_and_each_bundle_before(derived: Bundle, default: Path, tmp_path: Path) -> None:
    checkpoint, first, second = bill(derived)["metadata"]["component"]["pedigree"]["ancestors"]
    source = derived.manifest.source
    assert checkpoint["name"] == source.id and "purl" not in checkpoint
    assert digests(checkpoint["components"]) == {record.path: record.sha256 for record in source.files}
    parents = [part["hashes"][0]["content"] for part in (first, second)]
    assert parents == [open_bundle(default).digest, open_bundle(tmp_path / "first").digest]


def test_a_checkpoint_from_the_hub_has_its_address(default: Path) -> None:
    opened = open_bundle(default)
    source = MadeFrom("owner/a name", "0123abc", "a-recipe", ())
    manifest = replace(opened.manifest, source=source, licence="mit and other", published=(Figure("F1", 0.7, "paper"),))
    subject = json.loads(bill_of_materials(manifest, contents(default)))["metadata"]["component"]
    (checkpoint,) = subject["pedigree"]["ancestors"]
    assert checkpoint["purl"] == "pkg:huggingface/owner/a%20name@0123abc"
    assert subject["version"] == checkpoint["version"] == "0123abc"
    assert subject["licenses"] == [{"license": {"id": "MIT"}}, {"license": {"name": "other"}}]
    (published,) = checkpoint["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]
    assert published == {"type": "F1", "value": "0.7", "slice": "published: paper"}


def test_the_card_has_the_measured_parity(derived: Bundle, default: Path) -> None:
    parity = json.loads((default / PARITY).read_bytes())
    card = bill(derived)["metadata"]["component"]["modelCard"]
    metrics = card["quantitativeAnalysis"]["performanceMetrics"]
    measured = {criterion["name"]: str(criterion["value"]) for criterion in parity["criteria"]}
    assert {metric["type"]: metric["value"] for metric in metrics}.items() >= measured.items()
    assert all(open_bundle(default).digest in metric["slice"] for metric in metrics)  # what parity was measured on
    assert card["modelParameters"]["task"] == "text-classification"


def test_it_names_the_tools(derived: Bundle, default: Path) -> None:
    tools = {part["name"]: part["version"] for part in bill(derived)["metadata"]["tools"]["components"]}
    versions = json.loads((default / PARITY).read_bytes())["versions"]
    assert tools == {**versions, "linnet adapt": VERSION, "linnet calibrate": VERSION}


def test_the_same_bundle_gets_the_same_bytes(derived: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first = bill(derived)
    assert first == bill(derived)
    assert "timestamp" not in first["metadata"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    timed = bill(derived)
    assert timed["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
    assert timed["serialNumber"] != first["serialNumber"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "today")
    with pytest.raises(InputError, match="SOURCE_DATE_EPOCH to be a number of seconds"):
        bill(derived)


@pytest.mark.parametrize(
    ("name", "content"),
    [(PARITY, {"criteria": [1]}), (PARITY, {"versions": []}), (DERIVED, {"steps": [1]}), (DERIVED, {"steps": [{}]})],
)
def test_what_cannot_be_read_is_refused_by_name(default: Path, name: str, content: dict[str, Any]) -> None:
    files = {**contents(default), name: json.dumps(content).encode()}
    with pytest.raises(BundleFormatError, match=name):
        bill_of_materials(open_bundle(default).manifest, files)
