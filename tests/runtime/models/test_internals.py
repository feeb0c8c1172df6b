"""Hidden states and attentions, with the small embedding bundle. tests/export/test_internals.py compares with torch."""

import os
import pickle
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from linnet.bundle.deriving import Changes, derive
from linnet.errors import BundleFormatError, BundleIntegrityError, InputError, TextTypeError, TextValueError
from linnet.names import GRAPH, INTERNALS
from linnet.packing import fitting
from linnet.packing.packing import prepare

TEXTS = [
    "Good news! The bridge opens on Friday 🎉",
    "",
    "  two  spaces,\ta tab ",
    "@someone http://t.co/abc",
    "word " * 100,
]


@pytest.fixture(scope="module")
def own(tiny: Path) -> linnet.Embedder:
    return linnet.load_embedder(tiny)


@pytest.mark.parametrize("text", TEXTS)
def test_arrays_belong_to_the_encoding(own: linnet.Embedder, text: str) -> None:
    found, [encoding] = own.internals(text), own.encode(text)
    count = len(encoding.ids)
    assert (found.text, found.tokens, found.offsets) == (text, encoding.tokens, encoding.offsets)
    assert found.truncated == encoding.truncated == (text == TEXTS[-1])
    assert found.hidden_states.shape == (3, count, 32) and found.attentions.shape == (2, 4, count, count)
    assert found.hidden_states.dtype == found.attentions.dtype == np.float32
    assert found.attentions.sum(axis=-1) == pytest.approx(1, abs=1e-5)
    assert found.attention.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", TEXTS)
def test_the_last_hidden_states_are_the_vectors_of_the_tokens(own: linnet.Embedder, text: str) -> None:
    kept = [not special for special in own.encode(text)[0].special_tokens_mask]
    assert own.internals(text).hidden_states[-1][kept] == pytest.approx(own.tokens(text).vectors, abs=1e-5)


def test_prepared_texts_are_not_prepared_again(own: linnet.Embedder) -> None:
    assert own.internals("@user", preprocess=False).tokens == own.internals("@someone").tokens
    assert own.internals("@someone", preprocess=False).tokens != own.internals("@someone").tokens


def test_the_graph_is_read_at_the_first_call_only(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    with_weights = fitting._with_weights

    def recorded(bundle: Any, model: bytes, name: str) -> Any:
        read.append(name)
        return with_weights(bundle, model, name)

    monkeypatch.setattr(fitting, "_with_weights", recorded)
    model = linnet.load_embedder(tiny, threads=2)
    model(TEXTS)
    assert read == [GRAPH]
    found: list[linnet.Internals] = []
    threads = [threading.Thread(target=lambda: found.append(model.internals(TEXTS[0]))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [GRAPH, INTERNALS] and len(found) == 4
    assert all(np.array_equal(each.attentions, found[0].attentions) for each in found)


def test_packed_weights_change_nothing(tiny_copy: Path) -> None:
    before = linnet.load_embedder(tiny_copy).internals(TEXTS[0])
    prepare(linnet.load_embedder(tiny_copy).bundle)
    after = linnet.load_embedder(tiny_copy).internals(TEXTS[0])
    assert np.array_equal(before.hidden_states, after.hidden_states)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("first", [True, False])
def test_a_forked_process_has_them_too(tiny: Path, first: bool) -> None:
    model = linnet.load_embedder(tiny, threads=2)
    expected = linnet.load_embedder(tiny, threads=2).internals(TEXTS[0]).attentions
    if first:
        model.internals(TEXTS[0])
    child = os.fork()
    if not child:
        os._exit(7 if np.array_equal(model.internals(TEXTS[0]).attentions, expected) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_pickled_model_has_them_too(own: linnet.Embedder) -> None:
    again = pickle.loads(pickle.dumps(own))
    assert np.array_equal(again.internals(TEXTS[0]).attentions, own.internals(TEXTS[0]).attentions)


def test_a_derived_bundle_has_them_too(tiny: Path, own: linnet.Embedder, tmp_path: Path) -> None:
    parent = own.bundle
    derive(parent, tmp_path / "bundle", Changes("adapt", parent.settings, {}, "Adapted", "So it is."))
    found = linnet.load_embedder(tmp_path / "bundle").internals(TEXTS[0])
    assert np.array_equal(found.attentions, own.internals(TEXTS[0]).attentions)


def test_what_is_no_text_is_refused(own: linnet.Embedder) -> None:
    texts: Any = ["a", "b"]
    with pytest.raises(TextTypeError, match="expected one text, a str, found list; give the texts one by one"):
        own.internals(texts)
    with pytest.raises(TextValueError, match="lone surrogate"):
        own.internals("a \ud800")


def test_a_bundle_without_them_says_how_to_get_them(without_internals: Path) -> None:
    model = linnet.load_embedder(without_internals)
    with pytest.raises(InputError, match=r"convert the checkpoint again: linnet-export convert .* --internals"):
        model.internals("Good news!")


def test_an_altered_graph_is_refused_at_load_and_later(
    tiny_copy: Path, replace: Callable[[Path, bytes], None], rewrite: Callable[[Path, str, bytes], None]
) -> None:
    content = (tiny_copy / INTERNALS).read_bytes()
    model = linnet.load_embedder(tiny_copy)
    replace(tiny_copy / INTERNALS, content[::-1])
    with pytest.raises(BundleIntegrityError, match=r"model_internals\.pb was altered"):
        linnet.load(tiny_copy)
    with pytest.raises(BundleIntegrityError, match=r"model_internals\.pb was altered"):
        model.internals("a")
    graph = (tiny_copy / GRAPH).read_bytes()
    strange = content.replace(b"onnx_data", b"onnx_date")
    for damaged in (b"no graph", content[: len(content) // 2], content.replace(b"Softmax", b"Softmin"), graph, strange):
        rewrite(tiny_copy, INTERNALS, damaged)
        with pytest.raises(BundleFormatError, match="convert the checkpoint again"):
            linnet.load_embedder(tiny_copy).internals("a")


def test_what_happens_to_the_folder_changes_nothing(tiny_copy: Path, own: linnet.Embedder) -> None:
    model = linnet.load_embedder(tiny_copy)
    tiny_copy.rename(tiny_copy.with_name("elsewhere"))
    assert np.array_equal(model.internals("a").attentions, own.internals("a").attentions)
    shutil.rmtree(tiny_copy.with_name("elsewhere"))
    assert np.array_equal(model.internals("a").attentions, own.internals("a").attentions)
