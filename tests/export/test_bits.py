"""The same text gets the same bits, with a scale a token: classifiers of every architecture."""

import bits
import linnet
import pytest
from checkpoints import Converted

TEXTS = bits.of_every_length(24, each=2)


def test_a_text_gets_the_same_logits_whatever_it_is_asked_with(converted: Converted) -> None:
    one, two = (linnet.load(converted.bundle, threads=threads) for threads in (1, 2))
    bits.assert_same_bits(bits.logits, one, two, TEXTS)


@pytest.mark.parametrize("ask", [bits.predictions, bits.streamed_predictions])
def test_so_do_its_scores_and_those_of_a_stream(roberta: Converted, ask: bits.Ask) -> None:
    one, two = (linnet.load(roberta.bundle, threads=threads) for threads in (1, 2))
    bits.assert_same_bits(ask, one, two, TEXTS)
