"""The same text gets the same bits, with a scale a token: the embedder. `tests/export` has the classifiers."""

from pathlib import Path

import bits
import linnet
import pytest

TEXTS = bits.of_every_length(40)


@pytest.mark.parametrize("ask", [bits.vectors, bits.streamed_vectors, bits.tokens, bits.words])
def test_a_text_gets_the_same_bits_whatever_it_is_asked_with(tiny: Path, ask: bits.Ask) -> None:
    bits.assert_same_bits(ask, linnet.load(tiny, threads=1), linnet.load(tiny, threads=2), TEXTS)


@pytest.mark.parametrize("pooling", ["cls", "max"])
def test_so_does_every_pooling_normalized(tiny_copy: Path, rewrite_json: object, pooling: str) -> None:
    assert callable(rewrite_json)
    rewrite_json(tiny_copy, "linnet.json", pooling=pooling, normalize=True)
    bits.assert_same_bits(bits.vectors, linnet.load(tiny_copy, threads=1), linnet.load(tiny_copy, threads=2), TEXTS)
