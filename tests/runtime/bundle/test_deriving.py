"""A bundle that is derived from another: what it keeps, what it says, and that it is whole or not there."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import linnet
import pytest
from commands import Run, names
from linnet.bundle import deriving
from linnet.bundle.deriving import Changes, derive, target_of
from linnet.bundle.opening import open_bundle
from linnet.errors import BundleIntegrityError, InputError
from linnet.names import CARD, DERIVED, GRAPH, MANIFEST, PARITY, SBOM, SETTINGS, WEIGHTS
from linnet.postprocessing.calibration import Calibration


def changes(folder: Path, temperature: float = 2.0) -> Changes:
    settings = replace(open_bundle(folder).settings, calibration=Calibration(temperature))
    figures = {"temperature": temperature}
    return Changes("calibrate", settings, figures, "Calibrated", f"The temperature is {temperature}.")


def test_a_derived_bundle_is_a_bundle(default: Path, tmp_path: Path, run: Run, model: linnet.Classifier) -> None:
    target = tmp_path / "new" / "bundle"
    digest = derive(open_bundle(default), target, changes(default))
    assert run("verify", target).status == 0
    found = linnet.load_classifier(target)
    assert found.bundle.digest == digest == hashlib.sha256((target / MANIFEST).read_bytes()).hexdigest()
    assert found.bundle.settings.calibration == Calibration(2.0)
    assert found.logits("Good news!").tobytes() == model.logits("Good news!").tobytes()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["bundle"]


def test_it_keeps_the_checkpoint_and_names_its_parent(default: Path, tmp_path: Path) -> None:
    parent = open_bundle(default)
    derive(parent, tmp_path / "bundle", changes(default))
    found = open_bundle(tmp_path / "bundle")
    assert (found.manifest.source, found.manifest.licence) == (parent.manifest.source, parent.manifest.licence)
    assert (found.manifest.parent, parent.manifest.parent) == (parent.digest, None)
    assert {record.path for record in found.manifest.files} == {
        *(record.path for record in parent.manifest.files),
        DERIVED,
        SBOM,
    }
    same = {record for record in parent.manifest.files if record.path not in (CARD, PARITY, SBOM, SETTINGS)}
    assert same <= set(found.manifest.files)


def test_parity_and_card_say_what_they_are_about(default: Path, tmp_path: Path) -> None:
    parent = open_bundle(default)
    derive(parent, tmp_path / "bundle", changes(default))
    before, after = (json.loads((folder / PARITY).read_bytes()) for folder in (default, tmp_path / "bundle"))
    assert after == {"parent": parent.digest, **before}
    card = (tmp_path / "bundle" / CARD).read_text(encoding="utf-8")
    title, rest = (default / CARD).read_text(encoding="utf-8").rstrip("\n").split("# linnet-default\n\n", 1)
    note = "> Made from another bundle: this card is that one's, and the last sections say what has changed.\n\n"
    assert card.startswith(f"{title}# linnet-default\n\n{note}{rest}\n\n## Calibrated\n")
    assert parent.digest in card
    assert "The temperature is 2.0." in card


def test_a_second_step_keeps_the_first(default: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    digest = derive(open_bundle(default), first, changes(default))
    derive(open_bundle(first), second, changes(default, 3.0))
    steps = json.loads((second / DERIVED).read_bytes())["steps"]
    assert [(step["command"], step["figures"]["temperature"]) for step in steps] == [
        ("calibrate", 2.0),
        ("calibrate", 3.0),
    ]
    assert [step["parent"] for step in steps] == [open_bundle(default).digest, digest]
    assert json.loads((second / PARITY).read_bytes())["parent"] == open_bundle(default).digest
    assert (second / CARD).read_text(encoding="utf-8").count("Made from another bundle") == 1
    assert open_bundle(second).manifest.parent == digest


def test_a_bundle_without_a_card_and_parity_can_be_derived_from(tiny: Path, tmp_path: Path) -> None:
    settings = open_bundle(tiny).settings
    derive(open_bundle(tiny), tmp_path / "bundle", Changes("adapt", settings, {}, "Adapted", "So it is."))
    assert (tmp_path / "bundle" / CARD).read_text(encoding="utf-8").startswith("# ")
    assert not (tmp_path / "bundle" / PARITY).exists()


def test_the_same_changes_give_the_same_bytes(default: Path, tmp_path: Path) -> None:
    digests = {derive(open_bundle(default), tmp_path / name, changes(default)) for name in ("a", "b")}
    assert len(digests) == 1


def test_altered_weights_are_not_passed_on(
    bundle_copy: Path, tmp_path: Path, replace: Callable[[Path, bytes], None]
) -> None:
    weights = bytearray((bundle_copy / WEIGHTS).read_bytes())
    weights[1000] ^= 1
    replace(bundle_copy / WEIGHTS, bytes(weights))
    with pytest.raises(BundleIntegrityError, match="altered"):
        derive(open_bundle(bundle_copy), tmp_path / "new", changes(bundle_copy))
    assert not (tmp_path / "new").exists()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_what_would_not_open_is_not_put_in_place(default: Path, tmp_path: Path) -> None:
    wrong = replace(changes(default), config={"id2label": {"0": "a", "2": "b"}}, model=b"")
    with pytest.raises(linnet.errors.BundleFormatError):
        derive(open_bundle(default), tmp_path / "new", wrong)
    assert list(tmp_path.glob("*new*")) == []


def test_an_interrupt_leaves_nothing(default: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deriving, "publish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        derive(open_bundle(default), tmp_path / "new", changes(default))
    assert list(tmp_path.glob("*new*")) == []


def test_the_target_loses_no_data(bundle_copy: Path, tmp_path: Path) -> None:
    parent = open_bundle(bundle_copy)
    full = tmp_path / "full"
    full.mkdir()
    (full / "letter.txt").write_text("Dear Ada")
    for target, told in (
        (bundle_copy, "contains the current folder or the bundle"),
        (bundle_copy / "inside", "is in the folder of the bundle"),
        (full, "is not empty, and is not a bundle"),
    ):
        with pytest.raises(InputError, match=told):
            target_of(parent, target, overwrite=True)
    derive(parent, tmp_path / "new", changes(bundle_copy))
    with pytest.raises(InputError, match="replace it with --overwrite"):
        target_of(parent, tmp_path / "new", overwrite=False)
    derive(parent, target_of(parent, tmp_path / "new", overwrite=True), changes(bundle_copy, 5.0), overwrite=True)
    assert open_bundle(tmp_path / "new").settings.calibration == Calibration(5.0)


@pytest.mark.parametrize("overwrite", [False, True])
def test_files_that_come_meanwhile_are_not_lost(default: Path, tmp_path: Path, overwrite: bool) -> None:
    parent, target = open_bundle(default), target_of(open_bundle(default), tmp_path / "new", overwrite=overwrite)
    target.mkdir()
    (target / "letter.txt").write_text("Dear Ada")
    with pytest.raises(InputError, match="is not empty, and is not a bundle; choose another --output"):
        derive(parent, target, changes(default), overwrite=overwrite)
    assert (names(tmp_path), names(target)) == (["new"], ["letter.txt"])


def test_the_second_of_two_bundles_for_one_folder_is_refused(default: Path, tmp_path: Path) -> None:
    parent, target = open_bundle(default), target_of(open_bundle(default), tmp_path / "new", overwrite=False)
    derive(parent, target, changes(default, 2.0))
    with pytest.raises(InputError, match="contains a bundle: choose another --output"):
        derive(parent, target, changes(default, 5.0))
    assert open_bundle(target).settings.calibration == Calibration(2.0)


def test_a_file_added_to_a_bundle_meanwhile_is_not_lost(bundle_copy: Path, default: Path) -> None:
    target = target_of(open_bundle(default), bundle_copy, overwrite=True)
    (bundle_copy / "letter.txt").write_text("Dear Ada")
    with pytest.raises(InputError, match=r"besides the bundle: letter\.txt"):
        derive(open_bundle(default), target, changes(default), overwrite=True)
    assert (bundle_copy / "letter.txt").read_text() == "Dear Ada"


def test_a_new_graph_takes_the_place_of_the_old(default: Path, tmp_path: Path) -> None:
    graph = (default / GRAPH).read_bytes() + b"\x52\x00"  # ModelProto.functions is another field; this is ignored
    config = json.loads((default / "config.json").read_bytes())
    derive(open_bundle(default), tmp_path / "new", replace(changes(default), config=config, model=graph))
    assert (tmp_path / "new" / GRAPH).read_bytes() == graph
    assert open_bundle(tmp_path / "new").manifest.published == ()


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("---\n# not a title\n---\n# Title\nText\n", "---\n# not a title\n---\n# Title\n\nNOTE\n\nText\n"),
        ("---\nlicense: mit\n---\nText\n", "---\nlicense: mit\n---\n\nNOTE\n\nText\n"),
        ("Text", "\nNOTE\n\nText"),
    ],
)
def test_the_note_stands_below_the_title(card: str, expected: str) -> None:
    found = deriving._noted(card.encode()).decode()
    assert found == expected.replace("NOTE", deriving._NOTE.decode())
