"""Writes the fp32 checkpoint of a shape, in a process of its own with torch.

    python -m benchmark.build random KNOWN FULL_SIZE VOCABULARIES FOLDER
    python -m benchmark.build copy CHECKPOINT FOLDER
    python -m benchmark.build outliers CHECKPOINT FOLDER
    python -m benchmark.build package PACKAGE FOLDER

It has what its readers load fastest: safetensors and ``tokenizer.json``. PYTHONPATH has to name ``tests/support``, as
`benchmark.environment.variables` does.
"""

import json
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path


def random_checkpoint(known: str, full_size: bool, vocabularies: Path, folder: Path) -> None:
    """A checkpoint of a known one's shape with its vocabulary and random weights."""
    from five import FIVE, make_known

    (found,) = (each for each in FIVE if each.name == known)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = make_known(Path(scratch) / "made", found, vocabularies=vocabularies, full_size=full_size)
        save(made, folder)


def save(checkpoint: Path, folder: Path) -> None:
    """Saves it again as safetensors, with a ``tokenizer.json`` that says how long a text may be."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(checkpoint)
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    longest = model.config.max_position_embeddings
    if model.config.model_type in ("roberta", "xlm-roberta"):
        longest -= model.config.pad_token_id + 1
    tokenizer.model_max_length = min(tokenizer.model_max_length, longest)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def inject_outliers(checkpoint: Path, folder: Path) -> None:
    """A copy whose values are up to 100 times larger, and the columns that read them as much smaller."""
    import torch
    from safetensors.torch import load_file, save_file

    save(checkpoint, folder)
    weights = load_file(folder / "model.safetensors")
    chance = torch.Generator().manual_seed(0)
    for name in [name for name in weights if name.endswith("attention.self.value.weight")]:
        layer = name.removesuffix("self.value.weight")
        scale = torch.ones(len(weights[name]))
        chosen = torch.randperm(len(scale), generator=chance)[: max(4, len(scale) // 64)]
        scale[chosen] = torch.logspace(1, 2, len(chosen))
        weights[name] *= scale[:, None]
        weights[f"{layer}self.value.bias"] *= scale
        weights[f"{layer}output.dense.weight"] /= scale[None, :]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def from_package(package: str, folder: Path) -> None:
    """A copy of the sentence-transformers checkpoint that a package carries; its tokenizer says how long a text may be."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(
            f"expected the package {package}, which carries the checkpoint, found none: scripts/bench --peers"
        )
    shutil.copytree(Path(spec.origin).parent / "model", folder)
    limits = json.loads((folder / "sentence_bert_config.json").read_bytes())
    file = folder / "tokenizer_config.json"
    config = json.loads(file.read_bytes()) | {"model_max_length": limits["max_seq_length"]}
    file.write_text(json.dumps(config, indent=1), encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Writes the checkpoint that the arguments name."""
    folder = Path(arguments[-1])
    if arguments[0] == "outliers":
        inject_outliers(Path(arguments[1]), folder)
    elif arguments[0] == "package":
        from_package(arguments[1], folder)
    elif arguments[0] == "copy":
        save(Path(arguments[1]), folder)
    else:
        _, known, size, vocabularies, _ = arguments
        random_checkpoint(known, json.loads(size), Path(vocabularies), folder)


if __name__ == "__main__":
    main(sys.argv[1:])
