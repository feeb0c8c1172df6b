"""The bills of materials that are written are valid by the published schema."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import wheel_sbom
from bills import schema_error
from checkpoints import Converted
from linnet.bundle.deriving import Changes, derive
from linnet.bundle.materials import SOURCES, bill_of_materials
from linnet.bundle.opening import default_bundle, open_bundle
from linnet.names import SBOM
from linnet.tasks import CLASSIFICATION

RUNTIME = Path(__file__).parents[3] / "runtime"


def test_a_converted_bundle_has_a_valid_bill_of_its_own_files(converted: Converted) -> None:
    content = (converted.bundle / SBOM).read_bytes()
    assert schema_error(content) is None
    manifest = open_bundle(converted.bundle).manifest
    files = {name: (converted.bundle / name).read_bytes() for name in SOURCES if (converted.bundle / name).is_file()}
    assert content == bill_of_materials(manifest, files)
    subject = json.loads(content)["metadata"]["component"]
    assert (subject["type"], subject["modelCard"]["modelParameters"]["task"]) == (
        "machine-learning-model",
        CLASSIFICATION,
    )
    assert subject["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]


def test_the_schema_would_find_a_mistake(roberta: Converted) -> None:
    content = json.loads((roberta.bundle / SBOM).read_bytes())
    content["metadata"]["component"]["modelCard"]["colour"] = "blue"
    assert "colour" in str(schema_error(json.dumps(content).encode()))


@pytest.mark.parametrize("epoch", [None, "1700000000"])
def test_a_derived_bundle_of_an_older_version_gets_a_valid_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, epoch: str | None
) -> None:
    if epoch:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    parent = open_bundle(default_bundle())
    derive(parent, tmp_path / "new", Changes("calibrate", parent.settings, {}, "Calibrated", "Nothing changed."))
    assert schema_error((tmp_path / "new" / SBOM).read_bytes()) is None


def test_the_bill_of_the_wheel_is_current_and_valid() -> None:
    content = wheel_sbom.SBOM.read_bytes()
    assert content == wheel_sbom.bill(), "run scripts/wheel_sbom.py"
    assert schema_error(content) is None


def test_the_wheel_has_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(RUNTIME)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if "/sboms/" in name]
        assert archive.read(name) == wheel_sbom.SBOM.read_bytes()
    assert name.endswith(".dist-info/sboms/linnet.cdx.json")
