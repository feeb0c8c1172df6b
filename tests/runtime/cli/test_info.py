"""``linnet info`` and ``linnet verify``: what they say of a bundle, for people and for programs."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import linnet
import pytest
from commands import Run
from linnet.bundle.opening import open_bundle
from linnet.packing.packing import prepare

NUMBERS = {"max_length", "embedding_bits", "vocab_size", "prepared_size", "size", "format_version"}
TEXTS = {"bundle", "digest", "task", "preprocessing", "quantization"}
STATED = {"parent", "source", "revision", "recipe", "vocabulary", "licence", "accepted_licence", "prepared_note"}
"""Texts, or None where nothing is stated."""


def facts_of(run: Run, *argv: str | Path) -> dict[str, object]:
    (facts,) = run("info", "--json", *argv).rows
    return dict(facts)


@pytest.mark.parametrize("which", ["default", "tiny"])
def test_json_has_numbers_and_booleans(run: Run, which: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(which)
    facts = facts_of(run, folder)
    for name, value in facts.items():
        if name in STATED:
            assert value is None or isinstance(value, str), name
        elif name in TEXTS | {"pooling"}:
            assert isinstance(value, str), name
        elif name in NUMBERS | {"dimension"}:
            assert type(value) is int, name
        elif name == "derived":
            assert value == []
        elif name == "labels":
            assert isinstance(value, list)
        elif name == "calibration":
            assert value is None
        else:
            assert name in ("prepared", "normalize", "internals", "signed") and isinstance(value, bool), name
    assert set(facts) >= NUMBERS | TEXTS | STATED | {"prepared", "internals"}
    assert facts["internals"] is True
    assert facts["size"] == sum(record.size for record in open_bundle(folder).manifest.files)
    assert (facts["prepared"], facts["prepared_note"], facts["prepared_size"]) == (False, None, 0)


def test_people_see_units(run: Run, default: Path) -> None:
    shown = dict(line.split(maxsplit=1) for line in run("info", default).out.splitlines())
    assert shown["size"] == "25.0 MB"
    assert (shown["prepared"], shown["prepared_size"]) == ("no", "–")
    assert (shown["vocab_size"], shown["vocabulary"]) == ("30522", "whole")


def test_a_prepared_bundle_says_so_in_booleans(
    run: Run, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINNET_CACHE", str(tmp_path))
    packed = prepare(open_bundle(tiny))
    facts = facts_of(run, tiny)
    assert (facts["prepared"], facts["prepared_note"]) == (True, None)
    assert facts["prepared_size"] == sum(file.stat().st_size for file in packed.iterdir())
    (packed / "prepared.json").unlink()
    facts = facts_of(run, tiny)
    assert facts["prepared"] is False
    assert str(facts["prepared_note"]).startswith("incomplete and not used")


def test_the_digest_is_the_sha256_of_the_manifest(run: Run, default: Path, model: linnet.Classifier) -> None:
    expected = hashlib.sha256((default / "manifest.json").read_bytes()).hexdigest()
    assert facts_of(run)["digest"] == model.bundle.digest == expected
    assert expected in run("info").out


def test_verify_holds_the_digest(run: Run, default: Path) -> None:
    digest = str(facts_of(run)["digest"])
    assert run("verify", "--sha256", digest).status == 0
    assert run("verify", default, "--sha256", digest.upper()).status == 0
    other = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    refused = run("verify", default, "--sha256", other)
    assert refused.status == 1
    assert refused.out == ""
    assert f"expected the digest {other}" in refused.err and f"found {digest}" in refused.err


def test_verify_with_a_digest_still_hashes_every_file(
    run: Run, bundle_copy: Path, replace: Callable[[Path, bytes], None]
) -> None:
    digest = str(facts_of(run, bundle_copy)["digest"])
    weights = bundle_copy / "onnx" / "model_quantized.onnx_data"
    replace(weights, weights.read_bytes()[:-1] + b"\0")
    refused = run("verify", bundle_copy, "--sha256", digest)
    assert refused.status == 1
    assert "1 of " in refused.err


def test_a_bundle_whose_manifest_fits_its_altered_files_has_another_digest(
    run: Run, bundle_copy: Path, rewrite_json: Callable[..., None]
) -> None:
    digest = str(facts_of(run, bundle_copy)["digest"])
    rewrite_json(bundle_copy, "linnet.json", max_length=100)
    assert run("verify", bundle_copy).status == 0
    assert run("verify", bundle_copy, "--sha256", digest).status == 1


@pytest.mark.parametrize("digest", ["", "3b6f", "g" * 64, "0" * 63, "0" * 65])
def test_what_is_no_digest_exits_with_2(run: Run, digest: str) -> None:
    refused = run("verify", "--sha256", digest)
    assert refused.status == 2
    assert "expected a sha256, 64 hexadecimal digits" in refused.err


def test_a_calibration_is_shown(run: Run, bundle_copy: Path, rewrite_json: Callable[..., None]) -> None:
    calibration = {"temperature": 1.5, "bias": {"neutral": 0.25}, "thresholds": {"positive": None}}
    rewrite_json(bundle_copy, "linnet.json", calibration=calibration)
    assert facts_of(run, bundle_copy)["calibration"] == calibration
    shown = "temperature 1.5, bias neutral 0.25, thresholds positive –"
    assert f"calibration       {shown}\n" in run("info", bundle_copy).out


def test_a_label_cannot_control_the_terminal(run: Run, bundle_copy: Path, rewrite_json: Callable[..., None]) -> None:
    labels = ["bad\x1b[2J", "two\nlines", "good"]
    rewrite_json(bundle_copy, "config.json", id2label=dict(zip("012", labels, strict=True)))
    assert r"bad\x1b[2J, two\nlines, good" in run("info", bundle_copy).out
    assert facts_of(run, bundle_copy)["labels"] == labels


def test_a_derived_bundle_says_of_which_and_by_what(run: Run, default: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert run("calibrate", default, "--min-score", "0.5", "--output", first).status == 0
    assert run("calibrate", first, "--min-score", "0.6", "--output", second).status == 0
    digests = [str(facts_of(run, folder)["digest"]) for folder in (default, first)]
    expected = [{"command": "calibrate", "parent": digest} for digest in digests]
    assert facts_of(run, second)["derived"] == expected and facts_of(run, second)["parent"] == digests[1]
    shown = dict(line.split(maxsplit=1) for line in run("info", second).out.splitlines())
    assert shown["derived"] == f"by calibrate from {digests[0]}; by calibrate from {digests[1]}"
    assert dict(line.split(maxsplit=1) for line in run("info", default).out.splitlines())["derived"] == "no"


def test_a_damaged_history_is_told(run: Run, default: Path, tmp_path: Path, rewrite_json: Callable[..., None]) -> None:
    derived = tmp_path / "derived"
    assert run("calibrate", default, "--min-score", "0.5", "--output", derived).status == 0
    for steps in (7, [7], [{"command": 7}]):
        rewrite_json(derived, "derived.json", steps=steps)
        told = run("info", derived)
        assert told.status == 1 and "derived.json: expected" in told.err


def test_a_signature_is_told_and_that_it_is_not_checked(run: Run, bundle_copy: Path) -> None:
    assert facts_of(run, bundle_copy)["signed"] is False
    (bundle_copy / "model.sig").write_text("{}")
    assert facts_of(run, bundle_copy)["signed"] is True
    shown = dict(line.split(maxsplit=1) for line in run("info", bundle_copy).out.splitlines())
    assert shown["signed"] == "yes, not checked here: linnet verify --key PUBLIC"
