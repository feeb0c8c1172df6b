"""Of the files that repositories of each kind have, those that a conversion reads, and no others."""

import pytest
from linnet_export.source.files import conversion_files, is_licence, lacking, statement_files, transformer_folder

# By kind of repository: what a conversion reads, and what else such a repository has.
REPOSITORIES = {
    "roberta, vocabulary and merges only": (
        {"README.md", "config.json", "merges.txt", "pytorch_model.bin", "special_tokens_map.json", "vocab.json"},
        {".gitattributes", "flax_model.msgpack", "tf_model.h5"},
    ),
    "xlm-roberta, sentencepiece only": (
        {"README.md", "config.json", "pytorch_model.bin", "sentencepiece.bpe.model", "special_tokens_map.json"},
        {".gitattributes", "tf_model.h5"},
    ),
    "xlm-roberta, multilingual": (
        {
            *{"README.md", "config.json", "pytorch_model.bin", "sentencepiece.bpe.model"},
            *{"special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"},
        },
        {".gitattributes", "best_run_hyperparameters.json", "eval.json", "training_args.bin", "metric.json"},
    ),
    "bertweet": (
        {
            *{"README.md", "added_tokens.json", "bpe.codes", "config.json", "pytorch_model.bin"},
            *{"special_tokens_map.json", "tokenizer_config.json", "vocab.txt"},
        },
        {".gitattributes", "tf_model.h5", "training_args.bin", "optimizer.pt", "scheduler.pt"},
    ),
    "all-MiniLM-L6-v2": (
        {
            *{"1_Pooling/config.json", "2_Normalize/config.json", "README.md", "config.json", "model.safetensors"},
            *{"config_sentence_transformers.json", "modules.json", "sentence_bert_config.json"},
            *{"special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"},
        },
        {
            *{
                ".gitattributes",
                "data_config.json",
                "onnx/model.onnx",
                "onnx/config.json",
                "openvino/openvino_model.bin",
            },
            *{"pytorch_model.bin", "rust_model.ot", "tf_model.h5", "train_script.py"},
        },
    ),
    "sentence-transformers, as old versions wrote it": (
        {
            *{"0_Transformer/config.json", "0_Transformer/pytorch_model.bin", "0_Transformer/vocab.txt", "README.md"},
            *{"0_Transformer/sentence_bert_config.json", "0_Transformer/tokenizer_config.json", "modules.json"},
            *{"1_Pooling/config.json", "LICENSE"},
        },
        {".gitattributes", "config.json", "0_Transformer/rust_model.ot", "similarity_results.csv"},
    ),
    "shards": (
        {
            *{"config.json", "model.safetensors.index.json", "tokenizer.json"},
            *{"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"},
        },
        {
            *{"pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin", "model.fp16.safetensors"},
            *{"checkpoint-500/model.safetensors", "other-00001-of-00002.safetensors"},
        },
    ),
    "pickled shards": (
        {
            *{"config.json", "pytorch_model.bin.index.json", "vocab.txt"},
            *{"pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"},
        },
        {"optimizer.bin", "random_states_0.pkl"},
    ),
    "one file and shards": (
        {"config.json", "model.safetensors", "tokenizer.json"},
        {"model.safetensors.index.json", "model-00001-of-00001.safetensors"},
    ),
}


@pytest.mark.parametrize("name", REPOSITORIES)
def test_what_is_needed_and_nothing_else(name: str) -> None:
    needed, other = REPOSITORIES[name]
    assert conversion_files(needed | other) == sorted(needed)
    assert lacking(needed | other) == []


@pytest.mark.parametrize(
    "path",
    [
        "LICENSE",
        "LICENSE.txt",
        "licence.md",
        "LICENSE-MODEL",
        "NOTICE",
        "COPYING.LESSER",
        "LICENSES.md",
        "LICENSE_CODE",
    ],
)
def test_licence_texts(path: str) -> None:
    assert is_licence(path)
    assert conversion_files([path, "README.md"]) == statement_files([path, "README.md"]) == sorted([path, "README.md"])


@pytest.mark.parametrize("path", ["licensed_words.txt", "noticeboard.csv", "vendor/LICENSE", "my-license"])
def test_what_is_no_licence_text(path: str) -> None:
    assert not is_licence(path)
    assert conversion_files([path]) == []


def test_a_root_with_weights_is_the_transformer() -> None:
    both = ["config.json", "model.safetensors", "0_Transformer/config.json", "0_Transformer/model.safetensors"]
    assert transformer_folder(both) == ""
    assert conversion_files(both) == ["config.json", "model.safetensors"]


@pytest.mark.parametrize(
    ("removed", "said"),
    [
        ({"config.json"}, ["config.json"]),
        ({"pytorch_model.bin"}, ["weights (model.safetensors or pytorch_model.bin)"]),
        ({"vocab.json"}, ["a tokenizer"]),
        ({"merges.txt"}, ["a tokenizer"]),
        ({"config.json", "pytorch_model.bin", "vocab.json"}, ["config.json", "weights", "a tokenizer"]),
    ],
)
def test_what_is_lacking_is_named(removed: set[str], said: list[str]) -> None:
    needed, other = REPOSITORIES["roberta, vocabulary and merges only"]
    found = lacking((needed | other) - removed)
    assert len(found) == len(said)
    assert all(what.startswith(begin) for what, begin in zip(found, said, strict=True))


def test_missing_shards_are_named() -> None:
    needed, other = REPOSITORIES["shards"]
    assert lacking((needed | other) - {"model-00001-of-00002.safetensors"}) == ["model-00001-of-00002.safetensors"]
    without = {path for path in needed if "-of-" not in path}
    assert lacking(without) == ["the shards that model.safetensors.index.json lists"]
