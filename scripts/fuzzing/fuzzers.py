"""The fuzzers: which bundle each begins with, and how it spoils a copy."""

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from linnet.bundle.opening import default_bundle
from linnet.names import COMPACT_TOKENIZER, CONFIG, MANIFEST, SETTINGS, SIGNATURE, TOKENIZER
from small_unigram import put_together, taken_apart, write_small_unigram

from fuzzing import signatures
from fuzzing.steps import spoil_steps
from fuzzing.target import KEY_FILE
from fuzzing.values import changed_bytes, changed_json, spoil_json

_TINY = Path(__file__).parents[2] / "tests" / "runtime" / "tiny_embedder"


@dataclass(frozen=True)
class Fuzzer:
    """A fuzzer: ``prepare`` writes a bundle into a folder, ``spoil`` changes a copy of it at random."""

    name: str
    prepare: Callable[[Path], None]
    spoil: Callable[[Path, random.Random], None]


def listed_again(bundle: Path, name: str) -> None:
    """Changes the manifest to have a file as it is now, so that only its meaning is wrong."""
    content = (bundle / name).read_bytes()
    manifest = json.loads((bundle / MANIFEST).read_bytes())
    record = {"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest["files"] = [*(file for file in manifest["files"] if file["path"] != name), record]
    (bundle / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def _default(folder: Path) -> None:
    shutil.copytree(default_bundle(), folder, ignore=shutil.ignore_patterns("__pycache__"))


def _tiny(folder: Path) -> None:
    shutil.copytree(_TINY, folder)


def _compact(folder: Path) -> None:
    _tiny(folder)
    made = folder.with_name("made")
    made.mkdir()
    shutil.copyfile(write_small_unigram(made), folder / COMPACT_TOKENIZER)
    listed_again(folder, COMPACT_TOKENIZER)


def _spoil_json(bundle: Path, chance: random.Random) -> None:
    name = chance.choice([MANIFEST, CONFIG, SETTINGS])
    spoil_json(bundle / name, chance)
    if name != MANIFEST:
        listed_again(bundle, name)


def _spoil_tokenizer(bundle: Path, chance: random.Random) -> None:
    (spoil_json if chance.random() < 0.3 else spoil_steps)(bundle / TOKENIZER, chance)
    listed_again(bundle, TOKENIZER)


def _spoil_unigram(bundle: Path, chance: random.Random) -> None:
    """Changes the file's bytes, or its settings and arrays with the right checksum."""
    file = bundle / COMPACT_TOKENIZER
    content = file.read_bytes()
    if chance.random() < 0.2:
        file.write_bytes(changed_bytes(content, chance))
    else:
        values, arrays = taken_apart(content)
        for _ in range(chance.choice([1, 1, 2, 5])):
            if chance.random() < 0.3:
                key = chance.choice(sorted(values))
                # The file is UTF-8, which has no lone surrogates.
                values[key] = json.loads(json.dumps(changed_json(values[key], chance)).replace("\\ud800", "?"))
            else:
                name = chance.choice(sorted(arrays))
                raw = changed_bytes(arrays[name].tobytes(), chance)
                size = arrays[name].itemsize
                arrays[name] = np.frombuffer(raw[: len(raw) // size * size], arrays[name].dtype)
        file.write_bytes(put_together(values, arrays))
    listed_again(bundle, COMPACT_TOKENIZER)


def _signed(folder: Path) -> None:
    _tiny(folder)
    # The fuzzers' weights are links.
    statement = signatures.statement_of(folder)
    statement["predicate"]["serialization"]["allow_symlinks"] = True
    signatures.write_signature(folder, signatures.KEY, statement)
    folder.with_name(KEY_FILE).write_bytes(signatures.PUBLIC.pem)


def _spoil_signature(bundle: Path, chance: random.Random) -> None:
    """Changes the signature, or what is signed; or a signed file, or puts another one beside it."""
    file = bundle / SIGNATURE
    if chance.random() < 0.1:
        file = bundle / chance.choice([CONFIG, MANIFEST, "another"])
        file.write_bytes(changed_bytes(file.read_bytes() if file.exists() else b"", chance))
    else:
        file.write_bytes(signatures.mutate(file.read_bytes(), chance))


FUZZERS = (
    Fuzzer("json", _default, _spoil_json),
    Fuzzer("tokenizer", _tiny, _spoil_tokenizer),
    Fuzzer("unigram", _compact, _spoil_unigram),
    Fuzzer("signature", _signed, _spoil_signature),
)
