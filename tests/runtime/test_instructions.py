"""Whether 8-bit products saturate, with processors made up in NumPy; `tests/parity/test_isa.py` has emulated ones."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
from linnet import session
from linnet.instructions import PROBE, saturates

Rows = npt.NDArray[np.uint8]
Sums = npt.NDArray[np.int32]


def columns(graph: bytes) -> npt.NDArray[np.int32]:
    assert graph.count(b"\x7f" * 64 * 32) == 1
    return np.full((64, 32), 127, dtype=np.int32)


def in_32_bits(graph: bytes, rows: Rows) -> Sums:
    assert rows.dtype == np.uint8
    return rows.astype(np.int32) @ columns(graph)


def in_16_bits(graph: bytes, rows: Rows) -> Sums:
    """As x86's ``pmaddubsw``: neighbours are added, and what is beyond an int16 is cut off."""
    products = rows.astype(np.int32)[:, :, None] * columns(graph)[None]
    pairs = products.reshape(len(rows), 32, 2, 32).sum(axis=2)
    return np.clip(pairs, -(2**15), 2**15 - 1).sum(axis=1, dtype=np.int32)


def one_column_in_16_bits(graph: bytes, rows: Rows) -> Sums:
    """A kernel whose last column goes another way than the rest."""
    sums = in_32_bits(graph, rows)
    sums[:, -1] = in_16_bits(graph, rows)[:, -1]
    return sums


def test_sums_in_32_bits_do_not_saturate() -> None:
    assert not saturates(in_32_bits)


def test_sums_in_16_bits_do() -> None:
    assert saturates(in_16_bits)


def test_one_that_does_is_enough() -> None:
    assert saturates(one_column_in_16_bits)


def test_the_probe_is_small() -> None:
    assert len(PROBE) < 2500


@pytest.mark.parametrize("saturating", [True, False])
def test_a_session_goes_the_slower_way_only_where_it_has_to(
    monkeypatch: pytest.MonkeyPatch, tiny: Path, saturating: bool
) -> None:
    precise = []

    def made(graph: str, options: onnxruntime.SessionOptions, **more: Any) -> onnxruntime.InferenceSession:
        try:
            precise.append(options.get_session_config_entry("session.x64quantprecision") == "1")
        except RuntimeError:  # it is not set
            precise.append(False)
        return original(graph, options, **more)

    original = onnxruntime.InferenceSession
    monkeypatch.setattr(onnxruntime, "InferenceSession", made)
    monkeypatch.setattr(session, "saturates", lambda: saturating)
    session.Session(tiny / "onnx" / "model_quantized.onnx", threads=1)
    assert precise == [saturating]


def test_the_kernel_here_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(session, "_product", lambda graph, rows: asked.append(graph) or in_16_bits(graph, rows))
    session.saturates.cache_clear()
    assert [session.saturates(), session.saturates()] == [True, True]
    session.saturates.cache_clear()
    assert asked == [PROBE]


def test_the_kernel_here_gives_what_one_of_the_two_ways_gives() -> None:
    rows = np.full((3, 64), 255, dtype=np.uint8)
    found = session._product(PROBE, rows)
    assert found.dtype == np.int32
    assert any((found == way(PROBE, rows)).all() for way in (in_32_bits, in_16_bits))
