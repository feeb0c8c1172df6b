"""The reader of signatures reads or refuses whatever it is given; ``python -m fuzzing.signatures`` gives it more."""

import random
import shutil
from functools import partial
from pathlib import Path

import flips
import pytest
from fuzzing import signatures
from linnet.errors import BundleSignatureError
from linnet.trust.opening import open_trusted
from signing import key_of, public_pem, write_signature


def test_seeds_are_read() -> None:
    for content in signatures.seeds():
        assert signatures.read(content)


@pytest.mark.parametrize("file", sorted(signatures.CORPUS.iterdir()), ids=lambda file: file.name)
def test_the_corpus_is_read_or_refused(file: Path) -> None:
    try:
        signatures.read(file.read_bytes())
    except BundleSignatureError as error:
        assert str(error).startswith("bundle: ") and len(str(error)) < 2000


def test_random_signatures_are_read_or_refused() -> None:
    found = signatures.attempts(500, seed=1)
    assert found.faults == [] and found.read > 0 and found.refused > 100


def test_a_raw_error_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "read", lambda content: 1 // 0)
    assert len(signatures.attempts(3, seed=1).faults) == 3


def test_flipped_bytes_are_counted(tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(flips.TINY, tmp_path / "bundle"))
    write_signature(bundle, key_of())
    load = partial(open_trusted, key=public_pem(key_of()))
    found, missed = flips.flips(bundle, load, 100, random.Random(0))
    assert (sum(found.values()), missed) == (100, [])
    _, missed = flips.flips(bundle, lambda folder: folder, 3, random.Random(0))
    assert len(missed) == 3
