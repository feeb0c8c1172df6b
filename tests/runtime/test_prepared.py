"""Weights packed for this machine: the same answers from less memory, used only where they fit, and never half written."""

import json
import os
import sys
from pathlib import Path

import linnet
import numpy as np
import pytest
from commands import Run
from linnet import prepared, preparing, session
from linnet.bundle import Bundle, open_bundle
from linnet.layout import PREPARED
from linnet.prepared_files import Prepared, prepared_files, read_prepared, remove
from smaps import needs_smaps, shared

TEXTS = ["Good news! The bridge opens on Friday 🎉", "not bad at all", "", "two hours on hold"] * 20

CHILD = """
import sys, linnet
model = linnet.load(sys.argv[1], threads=1)
model("one text")
"""


@pytest.fixture
def bundle(bundle_copy: Path) -> Bundle:
    return open_bundle(bundle_copy)


def listed(bundle: Bundle) -> Prepared:
    found = read_prepared(bundle.path)
    assert found
    return found


def test_answers_are_the_same_bits(bundle: Bundle) -> None:
    plain = linnet.load(bundle.path)
    preparing.prepare(bundle)
    assert prepared.fits(bundle)
    for threads in (1, 2):
        packed = linnet.load(bundle.path, threads=threads)
        assert np.array_equal(plain.logits(TEXTS), packed.logits(TEXTS))  # type: ignore[union-attr]
        assert np.array_equal(plain.logits(TEXTS[:1]), packed.logits(TEXTS[:1]))  # type: ignore[union-attr]


@needs_smaps
def test_processes_share_the_weights(bundle: Bundle) -> None:
    plain = shared(CHILD, bundle.path, of=bundle.graph.with_suffix(".onnx_data"))
    preparing.prepare(bundle)
    packed = shared(CHILD, bundle.path, of=bundle.path / listed(bundle).weights.path)
    for memory in plain + packed:
        assert memory["Rss"] > 0 == memory["Anonymous"] and memory["Pss"] < 0.6 * memory["Rss"]
    assert packed[0]["Rss"] > 8_000  # kB: the packed weights themselves


@pytest.mark.parametrize("fact", ["layout", "onnxruntime", "processor", "saturates", "bundle"])
def test_what_fits_no_more_is_not_used(bundle: Bundle, fact: str) -> None:
    preparing.prepare(bundle)
    file = bundle.path / PREPARED
    values = json.loads(file.read_bytes())
    values["facts"][fact] = "another"
    file.write_text(json.dumps(values))
    (bundle.path / listed(bundle).graph.path).write_bytes(b"none that could be loaded")
    assert not prepared.fits(bundle)
    assert linnet.load(bundle.path)("Good news!").label == "positive"  # type: ignore[union-attr]


@pytest.mark.parametrize("which", ["graph", "weights"])
def test_what_is_cut_short_is_refused(bundle: Bundle, which: str, run: Run) -> None:
    preparing.prepare(bundle)
    file = bundle.path / getattr(listed(bundle), which).path
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content[:-1])
    with pytest.raises(linnet.BundleIntegrityError, match="linnet prepare"):
        linnet.load(bundle.path)
    assert run("verify", bundle.path).status == 1
    preparing.prepare(bundle)
    linnet.load(bundle.path)
    assert run("verify", bundle.path).status == 0


def test_altered_weights_are_found_by_verify(bundle: Bundle, run: Run) -> None:
    preparing.prepare(bundle)
    file = bundle.path / listed(bundle).weights.path
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink()
    file.write_bytes(content)
    found = run("verify", bundle.path)
    assert found.status == 1 and "make it again: linnet prepare" in found.err


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"facts": {}, "files": []}', b'{"facts": {}, "files": [1, 2]}']
)
def test_a_list_that_makes_no_sense_is_named(bundle: Bundle, content: bytes, run: Run) -> None:
    (bundle.path / PREPARED).write_bytes(content)
    with pytest.raises(linnet.BundleFormatError, match=r"prepared\.json: expected what linnet prepare writes"):
        linnet.load(bundle.path)
    assert run("prepare", bundle.path, "--remove").status == 0
    linnet.load(bundle.path)


def test_a_loaded_model_outlives_what_was_prepared(bundle: Bundle) -> None:
    preparing.prepare(bundle)
    model = linnet.load(bundle.path, threads=2)
    assert isinstance(model, linnet.Classifier)
    alone = model.logits(TEXTS[:1])
    remove(bundle.path)
    assert np.array_equal(model.logits(TEXTS)[:1], alone)  # for which the graph is loaded a second time


@pytest.mark.skipif(sys.platform == "win32", reason="files have no modes there")
def test_others_may_read_what_may_be_read_of_the_bundle(bundle: Bundle) -> None:
    before = os.umask(0o077)
    try:
        preparing.prepare(bundle)
    finally:
        os.umask(before)
    modes = {file.stat().st_mode for file in prepared_files(bundle.path)}
    assert modes == {bundle.graph.stat().st_mode}


def test_it_can_be_made_again_and_taken_away(bundle: Bundle, run: Run) -> None:
    before = sorted(bundle.path.rglob("*"))
    for _ in range(2):
        assert "is prepared" in run("prepare", bundle.path).out
    assert "yes" in run("info", bundle.path).out and run("verify", bundle.path).err == ""
    assert "is gone" in run("prepare", bundle.path, "--remove").out
    assert "nothing was prepared" in run("prepare", bundle.path, "--remove").out
    assert sorted(bundle.path.rglob("*")) == before


def test_an_interrupted_preparation_leaves_nothing(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(bundle.path.rglob("*"))

    def interrupted(graph: Path, file: Path, weights: str) -> None:
        file.write_bytes(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "write_optimized", interrupted)
    with pytest.raises(KeyboardInterrupt):
        preparing.prepare(bundle)
    assert sorted(bundle.path.rglob("*")) == before


def test_a_folder_that_cannot_be_written_to_is_named(bundle: Bundle, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    def read_only(**_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(preparing.tempfile, "TemporaryDirectory", read_only)
    found = run("prepare", bundle.path)
    assert found.status == 2 and "Read-only file system" in found.err and "copy the bundle" in found.err
