"""A repository may lack any file that a conversion can do without; what it cannot do without is named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from checkpoints import ARCHITECTURES
from hub_server import LoopbackHub
from linnet_export.checkpoint.reading import read_checkpoint
from linnet_export.convert import convert
from linnet_export.errors import CheckpointError
from linnet_export.options import Options
from linnet_export.plan import plan
from linnet_export.source.provenance import accepted, find
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

ID = "somebody/small"
STATEMENTS = ("README.md", "LICENSE")
REQUIRED = {"config.json", "model.safetensors"}
VOCABULARY = {
    "bert": set[str](),  # it has a tokenizer.json and a vocab.txt, and needs one of them
    "distilbert": set[str](),
    "roberta": {"vocab.json", "merges.txt"},
    "xlm-roberta": {"sentencepiece.bpe.model"},
    "bertweet": {"vocab.txt", "bpe.codes"},
}


def planned(checkpoint: str) -> None:
    """Does what a conversion does before and with the weights; makes no graph."""
    options: Options = {"accept_licence": True}
    origin = accepted(find(checkpoint, options), accept=True)
    found = plan(read_checkpoint(origin.source.fetch_outline(), recipe=origin.recipe), options)
    origin.source.fetch()
    found.reference()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_each_file_in_turn(
    hub: LoopbackHub, checkpoints: dict[str, Path], architecture: str, tmp_path: Path, cache: Path
) -> None:
    folder = shutil.copytree(checkpoints[architecture], tmp_path / "repository")
    for name in STATEMENTS:
        (folder / name).write_text("MIT License\n")
    for name in sorted(file.name for file in folder.iterdir()):
        part = shutil.copytree(folder, tmp_path / f"without-{name}", ignore=shutil.ignore_patterns(name))
        hub.add_repository(ID, part)
        shutil.rmtree(cache, ignore_errors=True)
        if name in REQUIRED | VOCABULARY[architecture]:
            with pytest.raises(CheckpointError, match=r"expected|it has no"):
                planned(ID)
        else:
            planned(ID)


def in_shards(checkpoint: Path, folder: Path, *, safe: bool) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint)
    model.save_pretrained(folder, max_shard_size="200kB", safe_serialization=safe)
    AutoTokenizer.from_pretrained(checkpoint).save_pretrained(folder)


def pickled(checkpoint: Path, folder: Path) -> None:
    shutil.copytree(checkpoint, folder)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


@pytest.mark.parametrize(
    "write",
    [
        lambda checkpoint, folder: in_shards(checkpoint, folder, safe=True),
        lambda checkpoint, folder: in_shards(checkpoint, folder, safe=False),
        pickled,
    ],
    ids=["shards", "pickled shards", "pickled"],
)
def test_weights_of_every_kind_without_card_and_licence(
    hub: LoopbackHub, checkpoints: dict[str, Path], write: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    write(checkpoints["roberta"], tmp_path / "repository")
    hub.add_repository(ID, tmp_path / "repository")
    planned(ID)


def test_a_repository_without_card_and_licence_is_converted_from_an_empty_cache(
    hub: LoopbackHub, checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    hub.add_repository(ID, checkpoints["roberta"])
    convert(ID, tmp_path / "bundle", accept_licence=True)
    manifest = json.loads((tmp_path / "bundle" / "manifest.json").read_bytes())
    assert (manifest["licence"], manifest["source"]["id"]) == (None, ID)
    assert (tmp_path / "bundle" / "README.md").read_text().startswith(f"# {ID}\n")
