"""A saved tokenizer reads back as it was, the last bit of its scores included."""

import json
import math
import random
from pathlib import Path

import numpy as np
import pytest
from linnet_export.errors import CheckpointError
from linnet_export.tokenizer.json_file import exact_literal, save_exactly
from tokenizers import Regex, Tokenizer, models, normalizers


def read_back(scores: list[float], file: Path) -> list[float]:
    tokenizer = Tokenizer(models.Unigram([(f"piece{index}", score) for index, score in enumerate(scores)], 0))
    save_exactly(tokenizer, file)
    return [score for _, score in json.loads(Tokenizer.from_file(str(file)).to_str())["model"]["vocab"]]


def test_scores_of_a_sentencepiece_model_survive(tmp_path: Path) -> None:
    chance = random.Random(0)
    scores = [float(np.float32(-chance.uniform(0.01, 20))) for _ in range(5000)]
    found = read_back(scores, tmp_path / "tokenizer.json")
    changed = [(a, b) for a, b in zip(scores, found, strict=True) if a != b]
    assert len(changed) < 25  # written plainly, a thousand change; a few have no digits that would do
    assert all(abs(a - b) <= math.ulp(a) for a, b in changed)


def test_a_correct_parser_reads_nearly_the_same() -> None:
    chance = random.Random(1)
    for _ in range(500):
        score = float(np.float32(-chance.uniform(0.01, 20)))
        assert abs(float(exact_literal(score)) - score) <= 2 * math.ulp(score)


@pytest.mark.parametrize("score", [0.0, -0.5, -10.0, -1e-7, -3.2479145526885986])
def test_simple_scores_survive(score: float, tmp_path: Path) -> None:
    assert read_back([0.0, score], tmp_path / "tokenizer.json")[1] == score


def test_pieces_of_every_kind_survive(tmp_path: Path) -> None:
    pieces = [("<unk>", 0.0), ('"', -1.0), ("\\", -2.0), ("\n", -3.0), ("\u2028", -4.0), ("😍", -5.0), ("\0", -6.0)]
    tokenizer = Tokenizer(models.Unigram(pieces, 0))
    tokenizer.normalizer = normalizers.NFKC()
    save_exactly(tokenizer, tmp_path / "tokenizer.json")
    assert json.loads(Tokenizer.from_file(str(tmp_path / "tokenizer.json")).to_str()) == json.loads(tokenizer.to_str())


def test_a_tokenizer_that_does_not_survive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "linnet_export.tokenizer.json_file._exact_json", lambda state: Tokenizer(models.WordPiece()).to_str()
    )
    with pytest.raises(CheckpointError, match="changes when it is written"):
        read_back([-1.0, -2.0], tmp_path / "tokenizer.json")


def test_a_step_that_the_runtime_refuses_is_no_fault_of_the_copy(tmp_path: Path) -> None:
    tokenizer = Tokenizer(models.WordPiece())
    tokenizer.normalizer = normalizers.Replace(Regex("(a+)+b"), "")
    with pytest.raises(CheckpointError, match=r"choose a checkpoint with another tokenizer$") as caught:
        save_exactly(tokenizer, tmp_path / "tokenizer.json")
    assert "again" not in str(caught.value)
