"""Embedding tables in 4 bits: near to the original, half as large, and proven like everything else."""

import shutil
from pathlib import Path

import bits
import linnet
import numpy as np
import pytest
from checkpoints import Converted
from linnet_export.cli.main import main
from linnet_export.convert import check_parity, convert
from linnet_export.errors import CheckpointError
from linnet_export.int8.tables import BLOCK, held_twice, in_4_bits, rest_of_4_bits
from linnet_export.onnx_graph.external import Int4
from spoilt import failed, scaled


def unpacked(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, scales = in_4_bits(table)
    step = np.repeat(scales.astype(np.float32), BLOCK, axis=1)
    return values[:] * step, np.abs(step)


def table(rows: int = 300, width: int = 64) -> np.ndarray:
    chance = np.random.default_rng(0)
    return (chance.standard_normal((rows, width)) * chance.lognormal(size=(rows, 1))).astype(np.float32)


def test_every_value_is_within_a_step() -> None:
    found, step = unpacked(table())
    off = np.abs(found - table())
    assert (off <= step * 1.001).all()
    assert np.linalg.norm(off) < 0.1 * np.linalg.norm(table())


@pytest.mark.parametrize("scale", [0, 1e-30, 1e4])
def test_values_of_any_size_are_held(scale: float) -> None:
    expected = table() * np.float32(scale)
    found, step = unpacked(expected)
    assert np.isfinite(found).all() and (np.abs(found - expected) <= step * 1.001).all()


def test_the_first_rows_are_held_twice() -> None:
    once = unpacked(table())[0]
    rest = rest_of_4_bits(table())
    twice = once[: len(rest) - 1] + unpacked(rest)[0][:-1]
    assert len(rest) == 151 and not rest[-1].any()
    assert np.linalg.norm(twice - table()[:150]) < 0.012 * np.linalg.norm(table()[:150])


@pytest.mark.parametrize(("rows", "twice"), [(300, 150), (30_522, 12_288), (250_002, 25_001)])
def test_a_tenth_is_held_twice_of_a_large_vocabulary_and_more_of_a_small_one(rows: int, twice: int) -> None:
    assert held_twice(rows) == twice


def test_int4_unpacks_what_was_packed() -> None:
    values = np.arange(-8, 8, dtype=np.int8).reshape(2, 8)
    packed = Int4.of(values)
    assert packed.shape == (2, 8) and np.array_equal(packed[:], values) and np.array_equal(packed[1:2], values[1:])


@pytest.mark.parametrize("architecture", ["bert", "xlm-roberta"])
def test_a_bundle_of_4_bits_is_proven(
    all_converted: dict[str, Converted], architecture: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = all_converted[architecture]
    bundle = tmp_path / "bundle"
    assert main(["convert", str(known.checkpoint), "--output", str(bundle), "--embedding-bits", "4"]) == 0
    assert linnet.load(bundle).bundle.size < linnet.load(known.bundle).bundle.size
    one, two = (linnet.load(bundle, threads=threads) for threads in (1, 2))
    bits.assert_same_bits(bits.logits, one, two, bits.of_every_length(9))
    assert main(["parity", str(bundle), "--checkpoint", str(known.checkpoint)]) == 0
    assert "label agreement" in capsys.readouterr().out


def test_other_embeddings_are_noticed(roberta: Converted, tmp_path: Path) -> None:
    convert(roberta.checkpoint, tmp_path / "bundle", embedding_bits=4)
    name = "roberta.embeddings.word_embeddings.weight"
    parity = check_parity(tmp_path / "bundle", scaled(roberta.checkpoint, tmp_path / "spoilt", name, 1.5))
    assert "weights within a quantization step" in failed(parity)


def test_what_is_not_recognised_has_4_bits_too(roberta: Converted, tmp_path: Path) -> None:
    checkpoint = shutil.copytree(roberta.checkpoint, tmp_path / "checkpoint")
    config = checkpoint / "config.json"
    config.write_text(config.read_text().replace('"hidden_act": "gelu"', '"hidden_act": "gelu_new"'))
    parity = convert(checkpoint, tmp_path / "bundle", embedding_bits=4)
    assert not parity.failures
    assert linnet.load(tmp_path / "bundle").bundle.settings.equalization is None


def test_4_bits_are_of_one_scheme(roberta: Converted, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="4 bits need --quantization per-token"):
        convert(roberta.checkpoint, tmp_path / "bundle", embedding_bits=4, quantization="per-tensor")
    with pytest.raises(CheckpointError, match="8 or 4, found 5"):
        convert(roberta.checkpoint, tmp_path / "bundle", embedding_bits=5)
