"""Makes the embedding bundle for the runtime's tests, and the reference vectors of its fp32 original."""

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from linnet.bundle.integrity import record
from linnet.bundle.settings import EmbeddingSettings, Settings
from linnet.names import CONFIG, FORMAT_VERSION, MANIFEST, SETTINGS, TOKENIZER
from linnet.preprocessing import tweeteval
from linnet.tasks import EMBEDDING
from linnet_export.builtin_texts import builtin_texts
from linnet_export.bundle.writer import write_json
from linnet_export.int8.arithmetic import PerToken
from linnet_export.int8.lean_model import lean_model
from linnet_export.int8.quantization import quantize_internals, quantize_lean
from linnet_export.onnx_graph.exporting import export_graph
from linnet_export.schemes import PER_TOKEN
from linnet_export.tokenizer.json_file import save_exactly
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaModel,
    XLMRobertaTokenizerFast,
)

_MAX_LENGTH = 64
_TEXTS = (
    "Good news! The bridge opens on Friday 🎉",
    "",
    "  two  spaces,\ta tab and\na line ",
    "@someone see http://t.co/abc today",
    "天気 がいい 。",
    "a really unpronounceable Donaudampfschifffahrt",
    "word " * 100,
)


def write(output: Path) -> None:
    """Writes the bundle and the reference into the folder ``output``."""
    with tempfile.TemporaryDirectory() as scratch:
        tokenizer = _tokenizer(Path(scratch))
        model = _model(len(tokenizer))
        shutil.rmtree(output / "tiny_embedder", ignore_errors=True)
        write_bundle(model, tokenizer, output / "tiny_embedder", Path(scratch))
    rows = [_reference(model, tokenizer, text) for text in _TEXTS]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (output / "tiny_embedder_reference.jsonl").write_text(lines, encoding="utf-8")


def _tokenizer(scratch: Path) -> XLMRobertaTokenizerFast:
    texts = [text for text in builtin_texts() if text.isascii() and text.isprintable()][:60]
    corpus = [*texts, *(text for text in _TEXTS if text.isprintable()), "Überraschung ♥"]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus),
        model_prefix=str(scratch / "trained"),
        vocab_size=400,
        character_coverage=1.0,
        hard_vocab_limit=False,
        normalization_rule_name="identity",  # the default rule's table takes 230 kB
        num_threads=1,
        minloglevel=2,
    )
    return XLMRobertaTokenizerFast(vocab_file=str(scratch / "trained.model"), model_max_length=_MAX_LENGTH)


def _model(vocab_size: int) -> XLMRobertaModel:
    """Returns a random model whose weights are so large that every layer affects the output."""
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=vocab_size,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=_MAX_LENGTH + 2,
        pad_token_id=1,
        type_vocab_size=1,
        initializer_range=0.3,
    )
    return XLMRobertaModel(config, add_pooling_layer=False).eval()  # type: ignore[no-any-return]


def write_bundle(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, bundle: Path, scratch: Path) -> None:
    """Writes the INT8 embedding bundle of a model, without parity, card and licences, which the tests do not need."""
    exported = export_graph(model, EMBEDDING, scratch / "fp32")
    ids = tokenizer(list(builtin_texts()), truncation=True, max_length=_MAX_LENGTH)["input_ids"]
    lean = lean_model(exported, exported.parent, ids, heads=model.config.num_attention_heads, padding_id=1)
    equalization = lean.best_equalization()
    quantize_lean(lean, equalization, bundle, PerToken, None)
    quantize_internals(lean, equalization, bundle, PerToken, None)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    save_exactly(tokenizer.backend_tokenizer, bundle / TOKENIZER)
    tokens = json.loads((bundle / TOKENIZER).read_bytes())
    (bundle / TOKENIZER).write_text(json.dumps(tokens, ensure_ascii=False), encoding="utf-8")
    config = model.config.to_diff_dict()
    kept = ("hidden_size", "max_position_embeddings", "model_type", "pad_token_id", "vocab_size")
    write_json(bundle / CONFIG, {key: getattr(model.config, key) for key in sorted({*kept, *config})})
    settings = Settings(
        task=EMBEDDING,
        preprocessing="tweeteval",
        max_length=tokenizer.model_max_length,
        truncation_side="right",
        quantization=PER_TOKEN,
        equalization=equalization,
        embedding=EmbeddingSettings("mean"),
    )
    write_json(bundle / SETTINGS, settings.as_json())
    for file in (bundle / "onnx").iterdir():
        file.chmod(0o644)
    files = sorted(file.relative_to(bundle).as_posix() for file in bundle.rglob("*") if file.is_file())
    write_json(
        bundle / MANIFEST,
        {
            "format_version": FORMAT_VERSION,
            "source": {"id": "tiny-embedder", "revision": None, "files": []},
            "licence": "apache-2.0",
            "files": [asdict(record(bundle, name)) for name in files],
        },
    )


@torch.inference_mode()
def _reference(model: XLMRobertaModel, tokenizer: XLMRobertaTokenizerFast, text: str) -> dict[str, Any]:
    """Returns the original's vectors of one text, run alone: every pooling, every token, every word."""
    prepared = tweeteval(text).text
    inputs = tokenizer(prepared, truncation=True, max_length=_MAX_LENGTH, return_tensors="pt")
    (vectors,) = model(**inputs).last_hidden_state
    return {
        "text": text,
        "input_ids": inputs["input_ids"][0].tolist(),
        "mean": _rounded(vectors.mean(dim=0)),
        "cls": _rounded(vectors[0]),
        "max": _rounded(vectors.max(dim=0).values),
        "tokens": _rounded(vectors[1:-1]),
        "words": _words(tokenizer, prepared, inputs["input_ids"], vectors),
    }


def _words(
    tokenizer: XLMRobertaTokenizerFast, prepared: str, input_ids: torch.Tensor, vectors: torch.Tensor
) -> list[list[float]] | None:
    """Returns the mean of each word's vectors, found by encoding the text as a list of words.

    None if this gives other ids than the whole text.
    """
    split = tokenizer(prepared.split(), is_split_into_words=True, truncation=True, max_length=_MAX_LENGTH)
    if split["input_ids"] != input_ids[0].tolist():
        return None
    pieces: dict[int, list[int]] = {}
    for at, word in enumerate(split.word_ids()):
        if word is not None and split.tokens()[at] != "▁":
            pieces.setdefault(word, []).append(at)
    return [_rounded(vectors[at].mean(dim=0)) for at in pieces.values()]


def _rounded(vectors: torch.Tensor) -> Any:
    return vectors.double().mul(1e3).round().div(1e3).tolist()
