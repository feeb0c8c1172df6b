"""The repository that the tests of the hub serve, and how its files are compared."""

import random
from pathlib import Path

from huggingface_hub import scan_cache_dir
from linnet_export.source.hub import Snapshot

ID = "cardiffnlp/twitter-roberta-base-sentiment"
WEIGHTS = "pytorch_model.bin"
NEEDED = {
    *{"README.md", "LICENSE", "config.json", "vocab.json", "merges.txt", "special_tokens_map.json"},
    WEIGHTS,
}
OTHER = {".gitattributes", "tf_model.h5", "flax_model.msgpack", "training_args.bin", "onnx/model.onnx"}
MIB = 1 << 20


def make_folder(folder: Path, *, weights: int = 3000, seed: int = 0) -> Path:
    for path in NEEDED | OTHER:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"{path} {seed}\n")
    (folder / WEIGHTS).write_bytes(random.Random(seed).randbytes(weights))
    return folder


def fetch_all(snapshot: Snapshot) -> Path:
    return snapshot.fetch(snapshot.conversion_files())


def size_of(file: Path) -> int:
    return file.stat().st_size


def assert_same(found: Path, folder: Path) -> None:
    """All that is needed, and nothing else, byte by byte."""
    paths = {file.relative_to(found).as_posix() for file in found.rglob("*") if file.is_file()}
    assert paths == NEEDED
    assert all((found / path).read_bytes() == (folder / path).read_bytes() for path in NEEDED)


def assert_cache_in_order(cache: Path) -> None:
    report = scan_cache_dir(cache)
    assert not report.warnings
    assert report.repos
