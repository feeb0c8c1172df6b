"""A worker demands in every process what it was made with: a signature of a key, or a digest."""

import multiprocessing
import pickle
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from linnet.engines import Worker
from linnet.engines import worker as loading
from signing import key_of, public_pem, write_signature

KEY, OTHER = key_of(1), key_of(2)


@pytest.fixture
def signed(tiny_copy: Path) -> Path:
    write_signature(tiny_copy, KEY)
    return tiny_copy


def answers(worker: Worker, texts: list[Any]) -> list[Any]:
    return list(worker.rows(texts))


def test_the_key_and_the_digest_travel_along(signed: Path, embedder: linnet.Embedder) -> None:
    digest = embedder.bundle.digest
    worker = Worker(signed, key=public_pem(KEY), digest=digest, verify="once")
    assert worker.model.bundle.signed_by
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        [row] = pool.apply(answers, (worker, ["Good news!"]))
    np.testing.assert_array_equal(row["vector"], embedder("Good news!")[0])


def test_the_wrong_key_is_refused(signed: Path) -> None:
    with pytest.raises(linnet.BundleSignatureError):
        Worker(signed, key=public_pem(OTHER))
    with pytest.raises(linnet.BundleIntegrityError):
        Worker(signed, digest="0" * 64)


def test_a_signature_of_another_key_is_refused_in_the_process_that_loads(
    signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a worker without demands has loaded the bundle."""
    monkeypatch.setattr(loading, "_LOADED", type(loading._LOADED)())
    content = pickle.dumps(Worker(signed, key=public_pem(KEY)))
    write_signature(signed, OTHER)
    Worker(signed)(["loaded"])
    with pytest.raises(linnet.BundleSignatureError):
        pickle.loads(content)(["a"])
