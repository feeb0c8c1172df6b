"""The command ``linnet internals``."""

from pathlib import Path

import linnet
import numpy as np
import pytest
from commands import Run, names

TEXT = "Good news! The bridge opens"


def test_a_line_for_each_token(run: Run, tiny: Path, embedder: linnet.Embedder) -> None:
    found = run("internals", "--bundle", tiny, TEXT)
    assert (found.status, found.err) == (0, "")
    text, sizes, columns, *rows = found.out.rstrip("\n").split("\n")
    expected = embedder.internals(TEXT)
    assert text == TEXT and columns.split() == ["attention", "token"]
    assert sizes == f"2 layers, 4 heads, 32 dimensions, {len(expected.tokens)} tokens"
    assert [row.split()[1] for row in rows] == expected.tokens
    assert [float(row.split()[0]) for row in rows] == pytest.approx(expected.attention, abs=0.0006)


def test_json_has_the_arrays(run: Run, tiny: Path, embedder: linnet.Embedder) -> None:
    rows = run("internals", "--bundle", tiny, "--json", stdin=f"{TEXT}\n\n".encode()).rows
    assert [row["text"] for row in rows] == [TEXT, ""]
    for row in rows:
        expected = embedder.internals(row["text"])
        assert row["tokens"] == expected.tokens and [*map(tuple, row["offsets"])] == expected.offsets
        assert np.array_equal(np.array(row["hidden_states"], np.float32), expected.hidden_states)
        assert np.array_equal(np.array(row["attentions"], np.float32), expected.attentions)


def test_npz_has_the_arrays_of_one_text(run: Run, tiny: Path, embedder: linnet.Embedder, tmp_path: Path) -> None:
    file = tmp_path / "arrays.npz"
    found = run("internals", tiny, TEXT, "--output", file)
    assert found.status == 0 and f"arrays → {file}" in found.err
    expected = embedder.internals(TEXT)
    with np.load(file) as arrays:
        assert sorted(arrays) == ["attentions", "hidden_states", "offsets", "text", "tokens"]
        assert np.array_equal(arrays["hidden_states"], expected.hidden_states)
        assert np.array_equal(arrays["attentions"], expected.attentions)
        assert arrays["tokens"].tolist() == expected.tokens and str(arrays["text"]) == TEXT
        assert [*map(tuple, arrays["offsets"].tolist())] == expected.offsets


def test_a_page_is_written_too(run: Run, tiny: Path, tmp_path: Path) -> None:
    found = run("internals", tiny, TEXT, "word " * 100, "--html", tmp_path / "page.html")
    assert found.status == 0 and "page →" in found.err and "1 text had to be truncated" in found.err
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output", "arrays.npy", "a"], "expected a name that ends in .npz, found .npy"),
        (["--output", "arrays.npz", "a", "b"], "arrays of one text, found 2 texts"),
        (["a", "--bundle", "absent"], "expected a bundle's folder at absent"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    run: Run, tiny: Path, arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run("internals", *(arguments if "--bundle" in arguments else ["--bundle", str(tiny), *arguments]))
    assert found.status == 2 and message in found.err and not found.out
    assert names(tmp_path) == []


def test_a_bundle_without_them_is_refused(run: Run, without_internals: Path) -> None:
    found = run("internals", "--bundle", without_internals, TEXT)
    assert found.status == 2 and "linnet-export convert CHECKPOINT --output DIR --internals" in found.err


def test_a_file_of_texts_is_read(run: Run, tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,tweet\n1,one text\n2,another\n")
    rows = run("internals", tiny, "--input", tmp_path / "a.csv", "--column", "tweet", "--json").rows
    assert rows == run("internals", tiny, "one text", "another", "--json").rows
    refused = run("internals", tiny, "a text", "--input", tmp_path / "a.csv")
    assert refused.status == 2 and "expected texts or --input, found both" in refused.err
