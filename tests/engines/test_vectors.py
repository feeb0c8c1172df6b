"""The measurement of `LinnetEmbeddings` on one executor runs, on a few sentences."""

from pathlib import Path

import engines
import pytest

pytest.importorskip("pyspark")


def test_it_prints_sentences_and_words_a_second(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engines, "STARTS", 1)
    engines.vectors(tiny, ["talks ended on Friday", "two banks", "no agreement"])
    texts, rates = capsys.readouterr().out.splitlines()
    assert texts.startswith("3 sentences, 8 words: ")
    assert rates.startswith("one executor, one core: ") and rates.endswith(" words")


def test_made_up_sentences_are_as_long_as_those_of_newspapers() -> None:
    texts = engines.made_up(3000)
    assert len(texts) == 3000
    assert 15.5 < sum(len(text.split()) for text in texts) / 3000 < 16.5
