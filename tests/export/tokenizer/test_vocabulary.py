"""A smaller vocabulary: the same bits for what it holds, and word of what it does not."""

import base64
import shutil
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from checkpoints import Converted, sentences
from linnet.preprocessing import PreparedText
from linnet.tokenization.encoding import Encoding
from linnet.tokenization.tokenizer import Tokenizer
from linnet_export.builtin_texts import builtin_texts
from linnet_export.cli.main import main
from linnet_export.convert import check_parity, convert
from linnet_export.errors import CheckpointError
from linnet_export.tokenizer.unigram.charsmap import make_charsmap
from linnet_export.tokenizer.vocabulary import Selection, select, single_characters
from tracing import needs_strace, traced
from transformers import AutoTokenizer

CHARSMAP = base64.b64encode(make_charsmap({"ﬁ": "fi"})).decode()
PIECES = [
    "<s>",
    "</s>",
    "<unk>",
    "▁",
    "▁the",
    "дом",
    "▁дом",
    "ж",
    "▁ж",
    "été",
    "12",
    "▁42!",
    "🎉🎉",
    "aд",
    "中",
    "中文",
    "e\u0301e",
]


def state(pieces: list[str]) -> dict[str, Any]:
    return {
        "model": {"type": "Unigram", "unk_id": 2, "vocab": [[piece, -float(row)] for row, piece in enumerate(pieces)]},
        "added_tokens": [
            {"id": index, "content": token, "lstrip": False, "rstrip": False, "single_word": False, "normalized": False}
            for index, token in enumerate(("<s>", "</s>"))
        ],
        "normalizer": {"type": "Precompiled", "precompiled_charsmap": CHARSMAP},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [],
            "special_tokens": {"<s>": {"ids": [0]}, "</s>": {"ids": [1]}},
        },
    }


def kept(**arguments: object) -> list[str]:
    selection = select(state(PIECES), size=len(PIECES), **arguments)  # type: ignore[arg-type]
    assert selection
    return [PIECES[index] for index in selection.kept]


def test_pieces_stay_by_their_script_and_characters_always() -> None:
    always = {"<s>", "</s>", "<unk>", "▁", "ж", "▁ж", "中", "e\u0301e"}  # the last has the least score
    without_script = {"12", "▁42!", "🎉🎉"}
    assert set(kept(scripts=["latin"])) == always | without_script | {"▁the", "été"}
    assert set(kept(scripts=["Cyrillic", "latin"])) == set(PIECES) - {"中文"}
    assert set(kept(used=[5])) == always | {"дом"}
    assert set(kept(scripts=["han"], used=[4])) == always | without_script | {"▁the", "中文"}


def test_what_else_is_to_stay_does() -> None:
    assert kept(used=[5], always=[4, 9]) == kept(used=[4, 5, 9])
    assert kept(scripts=["latin", "Latin"]) == kept(scripts=["latin"])
    assert single_characters(state(PIECES)) == ["ﬁ", "xﬁ"]


def test_ids_are_renumbered_everywhere() -> None:
    selection = Selection(np.array([0, 2, 5]), 7, "some")
    assert selection.renumbered([5, 2, 1]) == [2, 1, -1]
    assert selection.has([0, 5]) and not selection.has([0, 1])
    assert selection.config({"vocab_size": 7, "pad_token_id": 5, "hidden_size": 4}) == {
        "vocab_size": 3,
        "pad_token_id": 2,
        "hidden_size": 4,
    }


def test_what_cannot_be_selected_is_named(all_converted: dict[str, Converted], tmp_path: Path) -> None:
    for name in ("klingon", "latin;arabic", "^latin", "latin}\\p{Script=han", ""):
        with pytest.raises(CheckpointError, match="Unicode's script names"):
            select(state(PIECES), size=len(PIECES), scripts=[name])
    with pytest.raises(CheckpointError, match="found none"):
        convert(all_converted["xlm-roberta"].checkpoint, tmp_path / "bundle", vocabulary_from=[" ", ""])
    with pytest.raises(CheckpointError, match="expected a Unigram tokenizer"):
        convert(all_converted["bert"].checkpoint, tmp_path / "bundle", scripts=["latin"])
    with pytest.raises(CheckpointError, match="a smaller vocabulary needs"):
        convert(
            all_converted["xlm-roberta"].checkpoint, tmp_path / "bundle", scripts=["latin"], quantization="per-tensor"
        )


@pytest.fixture(scope="module", params=[8, 4])
def smaller(
    request: pytest.FixtureRequest, all_converted: dict[str, Converted], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, Path]:
    """A checkpoint, its bundle with a few texts' pieces, and that with all."""
    known = all_converted["xlm-roberta"]
    folder = tmp_path_factory.mktemp(f"smaller-{request.param}")
    texts = [text for text, _ in sentences(20)]
    convert(known.checkpoint, folder / "smaller", vocabulary_from=texts, embedding_bits=request.param)
    if request.param == 8:
        return known.checkpoint, folder / "smaller", known.bundle
    convert(known.checkpoint, folder / "whole", embedding_bits=4)
    return known.checkpoint, folder / "smaller", folder / "whole"


def test_a_text_that_it_holds_gets_the_same_bits(smaller: tuple[Path, Path, Path]) -> None:
    _, bundle, everything = smaller
    small, whole = linnet.load(bundle), linnet.load(everything)
    assert isinstance(small, linnet.Classifier) and isinstance(whole, linnet.Classifier)
    assert small.bundle.config["vocab_size"] < whole.bundle.config["vocab_size"]
    assert small.bundle.size < whole.bundle.size
    texts = [text for text, _ in sentences(200)] + list(builtin_texts())
    encodings, originals = small.encode(texts), whole.encode(texts)
    held = [text for text, found in zip(texts, encodings, strict=True) if found.complete]
    assert 20 <= len(held) < len(texts)
    assert np.array_equal(small.logits(held), whole.logits(held))
    for found, original in zip(encodings, originals, strict=True):
        same = found.tokens == original.tokens
        assert same == found.complete and original.complete
        assert not same or found.offsets == original.offsets
    assert np.isfinite(small.logits(texts)).all()


def test_every_single_character_is_held(smaller: tuple[Path, Path, Path]) -> None:
    _, bundle, everything = smaller
    small, whole = linnet.load(bundle), linnet.load(everything)
    texts = [text for one in "™¼½ﬁ℡…³ﬃ" for text in (one, f"x{one}")]
    assert all(found.complete for found in small.encode(texts))
    assert [found.tokens for found in small.encode(texts)] == [found.tokens for found in whole.encode(texts)]


@pytest.mark.parametrize("output", [(), ("--output", "predictions.jsonl")])
def test_a_shell_is_told_of_texts_that_it_does_not_hold(
    smaller: tuple[Path, Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    output: tuple[str, ...],
) -> None:
    from linnet.cli.main import main as linnet_main

    monkeypatch.chdir(tmp_path)
    _, bundle, everything = smaller
    held, lacked = sentences(1)[0][0], "何か 日本語 выиграл"
    command = ["classify", "--bundle", str(bundle), *output]
    assert linnet_main([*command, held]) == 0
    assert "note" not in capsys.readouterr().err
    assert linnet_main([*command, held, lacked, lacked]) == 0
    assert "note: 2 of 3 texts have pieces that this bundle's vocabulary lacks" in capsys.readouterr().err
    assert linnet_main(["classify", "--bundle", str(everything), *output, lacked]) == 0
    assert "note" not in capsys.readouterr().err


def test_the_card_says_what_is_smaller(smaller: tuple[Path, Path, Path]) -> None:
    _, bundle, everything = smaller
    assert "only part of the vocabulary (pieces of chosen texts)" in (bundle / "README.md").read_text()
    assert "only part" not in (everything / "README.md").read_text()


def test_a_proof_on_few_texts_is_told_of(
    all_converted: dict[str, Converted], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "texts.txt").write_text("love\nlove\n")
    command = ["convert", str(all_converted["xlm-roberta"].checkpoint), "--output", str(tmp_path / "bundle")]
    assert main([*command, "--vocabulary-from", str(tmp_path / "texts.txt")]) == 0
    said = "texts have all their pieces in this bundle's vocabulary, so parity proves little"
    assert said in capsys.readouterr().out and said in (tmp_path / "bundle" / "README.md").read_text()


def test_other_readers_get_its_ids(smaller: tuple[Path, Path, Path]) -> None:
    _, bundle, _ = smaller
    small = linnet.load(bundle)
    texts = [*builtin_texts(), "<mask> a <s> b", "", "  "]
    slow = Tokenizer((bundle / "tokenizer.json").read_bytes(), max_length=128, truncation_side="right")
    theirs = AutoTokenizer.from_pretrained(bundle)(texts, truncation=True, max_length=128)["input_ids"]
    for text, found, auto in zip(texts, small.encode(texts), theirs, strict=True):
        (expected,) = slow.encode([PreparedText(text)])
        assert parts(found) == parts(expected) and found.ids[:128] == auto, text
        assert max(found.ids) < small.bundle.config["vocab_size"]


def parts(encoding: Encoding) -> tuple[object, ...]:
    return encoding.ids, encoding.tokens, encoding.offsets, encoding.special_tokens_mask


def test_it_is_proven_again(smaller: tuple[Path, Path, Path]) -> None:
    checkpoint, bundle, _ = smaller
    parity = check_parity(bundle, checkpoint, texts=[text for text, _ in sentences(30)])
    assert not parity.failures
    (share,) = [each for each in parity.criteria if each.name == "texts with no piece that is left out"]
    assert 0 < share.value < 1 and parity.texts < share.n


@pytest.mark.parametrize("position", [20, 5_000, -1])
def test_an_altered_compact_tokenizer_is_refused(
    all_converted: dict[str, Converted], tmp_path: Path, position: int
) -> None:
    bundle = Path(shutil.copytree(all_converted["xlm-roberta"].bundle, tmp_path / "bundle"))
    content = bytearray((bundle / "tokenizer.unigram").read_bytes())
    content[position] ^= 1
    (bundle / "tokenizer.unigram").write_bytes(content)
    with pytest.raises(linnet.BundleIntegrityError, match=r"tokenizer\.unigram was altered"):
        linnet.load(bundle)


@needs_strace
def test_a_compact_tokenizer_is_read_from_a_read_only_disk(all_converted: dict[str, Converted], tmp_path: Path) -> None:
    code = """
import sys, linnet
model = linnet.load(sys.argv[1])
assert model("Good news!") and len(list(model.stream(["@a http://b", ""]))) == 2 and model.encode("x y")
assert "tokenizers" not in sys.modules
"""
    bundle = Path(shutil.copytree(all_converted["xlm-roberta"].bundle, tmp_path / "bundle"))
    (tmp_path / "home").mkdir()
    folders = [tmp_path / "home", bundle, bundle / "onnx"]
    for folder in folders:
        folder.chmod(0o555)
    try:
        network, written = traced(tmp_path / "home", tmp_path / "trace", code, str(bundle))
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert network == [] and written == []
