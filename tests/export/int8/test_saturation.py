"""INT8 matrices whose sums are exact on processors that add two products in 16 bits, and the gate that holds them to it."""

import shutil
from pathlib import Path

import linnet
import linnet_export.int8.arithmetic
import numpy as np
import onnx
import pytest
from checkpoints import Converted
from hypothesis import given
from hypothesis import strategies as st
from linnet.arrays import Floats
from linnet.names import GRAPH
from linnet_export.convert import check_parity, convert
from linnet_export.errors import ParityError
from linnet_export.int8.matrices import PAIR, exact_everywhere, exact_matrices, saturates
from onnx import numpy_helper

GATE = "INT8 matrices whose sums are exact on every processor"


def weights(seed: int, depth: int = 96, columns: int = 24) -> Floats:
    chance = np.random.default_rng(seed)
    return (chance.standard_t(4, (depth, columns)) * chance.lognormal(size=columns)).astype(np.float32)


def by_the_greatest(matrix: Floats) -> tuple[np.ndarray, Floats]:
    """How INT8 weights are usually scaled."""
    scale = np.maximum(np.abs(matrix).max(axis=0) / np.float32(127), np.float32(1e-12))
    return np.rint(matrix / scale).astype(np.int8), scale


def in_16_bits(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The product as AVX2 computes it: two neighbouring products are added with saturation to 16 bits."""
    products = rows.astype(np.int32)[:, :, np.newaxis] * columns.astype(np.int32)
    pairs = products[:, ::2] + products[:, 1::2]
    return np.clip(pairs, -32768, 32767).sum(axis=1)  # type: ignore[no-any-return]


@pytest.mark.parametrize("seed", range(5))
def test_no_activations_make_them_saturate(seed: int) -> None:
    values, _ = exact_everywhere(weights(seed))
    chance = np.random.default_rng(seed)
    rows = np.concatenate(
        [chance.integers(0, 256, (50, 96)), chance.choice([0, 255], (50, 96)), np.full((1, 96), 255)]
    ).astype(np.uint8)
    assert np.array_equal(in_16_bits(rows, values), rows.astype(np.int32) @ values.astype(np.int32))


def test_the_usual_scales_do_saturate() -> None:
    values, _ = by_the_greatest(weights(0))
    assert saturates(values).any()
    rows = np.full((1, 96), 255, dtype=np.uint8)
    assert not np.array_equal(in_16_bits(rows, values), rows.astype(np.int32) @ values.astype(np.int32))


@pytest.mark.parametrize("seed", range(5))
def test_every_weight_is_within_half_a_step(seed: int) -> None:
    values, scale = exact_everywhere(weights(seed))
    assert (np.abs(values * scale - weights(seed)) <= 0.5001 * scale).all()


@pytest.mark.parametrize("seed", range(5))
def test_no_scale_is_coarser_than_it_must_be(seed: int) -> None:
    matrix = weights(seed)
    _, scale = exact_everywhere(matrix)
    finer = matrix / (scale * np.float32(0.99))
    fits = (np.abs(finer[::2] + finer[1::2]) <= PAIR).all(axis=0) & (np.abs(finer) <= 127).all(axis=0)
    assert not fits.any()


@given(
    st.lists(
        st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 0.5, 0.496, 0.504, 1.0]), min_size=3, max_size=3), min_size=1
    )
)
def test_ties_and_odd_depths_are_held_too(rows: list[list[float]]) -> None:
    matrix = np.array(rows, dtype=np.float32)
    values, scale = exact_everywhere(matrix)
    assert not saturates(values).any() and values.shape == matrix.shape
    assert (np.abs(values * scale - matrix) <= 0.5001 * scale).all()


@pytest.mark.parametrize("scheme", ["per-token", "per-tensor"])
def test_every_matrix_of_a_bundle_is_exact(converted: Converted, tmp_path: Path, scheme: str) -> None:
    bundle = converted.bundle
    if scheme == "per-tensor":
        bundle = tmp_path / "bundle"
        convert(converted.checkpoint, bundle, quantization=scheme)
    exact = exact_matrices(bundle / GRAPH)
    assert len(exact) >= 12 and all(exact)


def test_a_conversion_with_weights_that_saturate_is_refused(
    roberta: Converted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linnet_export.int8.arithmetic, "exact_everywhere", by_the_greatest)
    with pytest.raises(ParityError, match=GATE):
        convert(roberta.checkpoint, tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_the_gate_counts_single_pairs(roberta: Converted, tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(roberta.bundle, tmp_path / "bundle"))
    model = onnx.load(bundle / GRAPH)
    tensor = next(each for each in model.graph.initializer if each.name.endswith("query_quantized"))
    values = numpy_helper.to_array(tensor).copy()
    values[:2, 0] = (65, 64)
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    onnx.save_model(model, tmp_path / "altered.onnx")
    exact = exact_matrices(tmp_path / "altered.onnx")
    assert exact.count(False) == 1


def test_parity_reports_it(roberta: Converted) -> None:
    found = check_parity(roberta.bundle, roberta.checkpoint)
    (criterion,) = [each for each in found.criteria if each.name == GATE]
    assert criterion.passed and criterion.n == len(exact_matrices(roberta.bundle / GRAPH)) > 10


def test_onnxruntimes_slow_exact_way_gives_the_same_bits(converted: Converted, monkeypatch: pytest.MonkeyPatch) -> None:
    """True on any processor; where VNNI is lacking, weights that saturate would differ."""
    import onnxruntime
    from linnet.inference import session

    texts = ["Good news!", "I hate this broken bridge 😡", "never again, " * 9]
    plain = linnet.load(converted.bundle, threads=1)
    expected = plain.logits(texts)  # type: ignore[union-attr]
    options = session._options

    def precise(threads: int) -> onnxruntime.SessionOptions:
        made = options(threads)
        made.add_session_config_entry("session.x64quantprecision", "1")
        return made

    monkeypatch.setattr(session, "_options", precise)
    exact = linnet.load(converted.bundle, threads=1)
    assert np.array_equal(exact.logits(texts), expected)  # type: ignore[union-attr]
