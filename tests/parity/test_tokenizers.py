"""The real vocabularies of RoBERTa and XLM-R on every tweet at hand: ids identical to the original's, all of them."""

import shutil
from pathlib import Path

import pytest
from linnet.layout import TOKENIZER
from linnet.preprocessing import PreparedText
from linnet.tokenizer import Tokenizer
from linnet_export.checkpoint import Checkpoint
from linnet_export.writer import write_tokenizer
from transformers import AutoTokenizer, PretrainedConfig, RobertaConfig, XLMRobertaConfig


@pytest.mark.parametrize(
    ("vocabulary", "config"),
    [
        ("roberta", RobertaConfig(pad_token_id=1, max_position_embeddings=514)),
        ("xlm-roberta", XLMRobertaConfig(pad_token_id=1, max_position_embeddings=514)),
    ],
    ids=["roberta", "xlm-roberta"],
)
def test_ids_are_identical_on_every_tweet(
    vocabulary: str, config: PretrainedConfig, data: Path, tweets: list[str], tmp_path: Path
) -> None:
    checkpoint, bundle = tmp_path / "checkpoint", tmp_path / "bundle"
    shutil.copytree(data / "tokenizers" / vocabulary, checkpoint)
    config.save_pretrained(checkpoint)
    bundle.mkdir()
    write_tokenizer(Checkpoint(checkpoint, config), bundle, tmp_path / "scratch")
    mine = Tokenizer((bundle / TOKENIZER).read_bytes(), max_length=512, truncation_side="right")
    original = AutoTokenizer.from_pretrained(checkpoint)
    assert len(tweets) > 65_000
    expected = original(tweets, truncation=True, max_length=512, return_offsets_mapping=True)
    differ = [text for text, a, b in zip(tweets, mine.ids(tweets), expected["input_ids"], strict=True) if a != b]
    assert differ == []
    found = mine.encode([PreparedText(text) for text in tweets])
    spans = ([tuple(span) for span in row] for row in expected["offset_mapping"])
    differ = [text for text, a, b in zip(tweets, found, spans, strict=True) if a.offsets != b]
    assert differ == []
