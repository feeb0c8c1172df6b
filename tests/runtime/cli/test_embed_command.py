import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from commands import TIMEOUT, Run, ended, linnet_process, names
from linnet.cli.formats.rows import Row
from linnet.cli.outputs import parquet
from linnet.cli.outputs.kinds import OF_VECTORS
from linnet.cli.outputs.vectors import NpySink
from linnet.postprocessing.words import TokenEmbeddings
from linnet.system.files import bytes_written_whole
from rendered import rendered_vector

TEXTS = ["Good news!", "", "  @someone see\thttp://t.co/abc 🎉", "two words"]
WRITERS = [".npy", ".jsonl", ".parquet"]


@pytest.fixture
def embed(run: Run, tiny: Path) -> Run:
    """Runs ``linnet embed`` on the embedding bundle."""
    return lambda *argv, **options: run("embed", "--bundle", tiny, *argv, **options)


def rows_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n")[:-1]]


def needs_pyarrow(suffix: str) -> None:
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")


def test_without_output_there_is_an_object_a_line(embed: Run, embedder: linnet.Embedder) -> None:
    for argv in (TEXTS, ["--json", *TEXTS]):
        result = embed(*argv)
        assert (result.status, result.err) == (0, "")
        assert [list(row) for row in result.rows] == [["text", "embedding"]] * len(TEXTS)
        assert [row["text"] for row in result.rows] == TEXTS
        np.testing.assert_array_equal(
            np.array([row["embedding"] for row in result.rows], dtype=np.float32), embedder(TEXTS)
        )


@pytest.mark.parametrize("per", ["token", "word"])
def test_tokens_and_words_have_a_vector_each(embed: Run, embedder: linnet.Embedder, per: str) -> None:
    result = embed("--per", per, *TEXTS)
    assert result.status == 0
    expected = embedder.tokens(TEXTS) if per == "token" else embedder.words(TEXTS)
    for row, text, found in zip(result.rows, TEXTS, expected, strict=True):
        assert list(row) == ["text", "tokens", "offsets", "embeddings"]
        assert (row["text"], row["tokens"]) == (text, found.tokens)
        assert [tuple(span) for span in row["offsets"]] == found.offsets
        np.testing.assert_array_equal(np.float32(row["embeddings"]).reshape(-1, 32), found.vectors)


def test_standard_input_is_a_text_a_line(embed: Run) -> None:
    result = embed(stdin="one\n\ntwo\r\n🙂".encode())
    assert [row["text"] for row in result.rows] == ["one", "", "two", "🙂"]


def test_an_array_is_what_numpy_reads(embed: Run, embedder: linnet.Embedder, tmp_path: Path) -> None:
    result = embed(*TEXTS, "--output", tmp_path / "a.npy")
    assert (result.status, result.out, result.err) == (0, "", f"4 texts → {tmp_path / 'a.npy'}\n")
    whole, mapped = np.load(tmp_path / "a.npy"), np.load(tmp_path / "a.npy", mmap_mode="r")
    assert (whole.dtype, whole.shape, whole.flags.c_contiguous) == (np.float32, (4, 32), True)
    np.testing.assert_array_equal(whole, embedder(TEXTS))
    np.testing.assert_array_equal(mapped, whole)
    assert isinstance(mapped, np.memmap)
    assert names(tmp_path) == ["a.npy"]


def test_an_array_of_no_texts_has_no_rows(embed: Run, tmp_path: Path) -> None:
    assert embed("--output", tmp_path / "a.npy").status == 0
    assert np.load(tmp_path / "a.npy").shape == (0, 32)


def test_an_array_grows_as_texts_come_in(embed: Run, embedder: linnet.Embedder, tmp_path: Path) -> None:
    texts = [f"text {number}" for number in range(1100)]
    assert embed("--output", tmp_path / "a.npy", stdin="\n".join(texts).encode()).status == 0
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), embedder(texts))


@pytest.mark.parametrize("count", [0, 1, 9, 10, 12345])
def test_the_header_of_an_array_is_numpys_own(tmp_path: Path, count: int) -> None:
    with bytes_written_whole(tmp_path / "a.npy") as stream:
        sink = NpySink(stream, 3)
        for number in range(count):
            sink.write(Row(number, ""), np.array([number, 0.5, -1], dtype=np.float32))
        sink.end()
    found = np.load(tmp_path / "a.npy")
    assert found.shape == (count, 3)
    assert found[:, 0].tolist() == list(range(count))
    assert (tmp_path / "a.npy").stat().st_size == 128 + 12 * count


def test_json_lines_are_written_too(embed: Run, embedder: linnet.Embedder, tmp_path: Path) -> None:
    assert embed(*TEXTS, "--output", tmp_path / "a.jsonl", "--json").status == 0
    rows = rows_of(tmp_path / "a.jsonl")
    assert [row["text"] for row in rows] == TEXTS
    np.testing.assert_array_equal(np.array([row["embedding"] for row in rows], dtype=np.float32), embedder(TEXTS))


def test_numbers_have_no_more_digits_than_a_float32() -> None:
    vector = np.array([0.1, -1e-5, 1 / 3, 0, 3e20], dtype=np.float32)
    line = rendered_vector("a", vector)
    assert line == '{"text": "a", "embedding": [0.1, -1e-05, 0.33333334, 0.0, 3e+20]}\n'
    np.testing.assert_array_equal(np.float32(json.loads(line)["embedding"]), vector)
    nothing = TokenEmbeddings(np.empty((0, 5), dtype=np.float32), [], [])
    assert json.loads(rendered_vector("", nothing)) == {"text": "", "tokens": [], "offsets": [], "embeddings": []}


def test_parquet_has_a_row_a_text(embed: Run, embedder: linnet.Embedder, tmp_path: Path) -> None:
    pyarrow, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    assert embed(*TEXTS, "--output", tmp_path / "a.parquet").status == 0
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.schema.names == ["text", "embedding", "truncated"]
    assert table.schema.field("embedding").type == pyarrow.list_(pyarrow.float32(), 32)
    assert table["text"].to_pylist() == TEXTS
    np.testing.assert_array_equal(np.float32(table["embedding"].to_pylist()), embedder(TEXTS))


@pytest.mark.parametrize("per", ["token", "word"])
def test_parquet_has_lists_of_tokens_and_words(embed: Run, embedder: linnet.Embedder, tmp_path: Path, per: str) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    assert embed(*TEXTS, "--per", per, "--output", tmp_path / "a.parquet").status == 0
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.schema.names == ["text", "tokens", "offsets", "embeddings", "truncated"]
    expected = embedder.tokens(TEXTS) if per == "token" else embedder.words(TEXTS)
    for row, text, found in zip(table.to_pylist(), TEXTS, expected, strict=True):
        assert (row["text"], row["tokens"]) == (text, found.tokens)
        assert [tuple(span) for span in row["offsets"]] == found.offsets
        np.testing.assert_array_equal(np.float32(row["embeddings"]).reshape(-1, 32), found.vectors)


@pytest.mark.parametrize("per", ["text", "word"])
def test_parquet_is_written_a_row_group_at_a_time(
    embed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, per: str
) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    texts = [f"text {number}" for number in range(25)]
    monkeypatch.setattr(parquet, "_GROUP_ROWS", 10)
    assert embed(*texts, "--per", per, "--output", tmp_path / "a.parquet").status == 0
    file = pq.ParquetFile(tmp_path / "a.parquet")
    assert [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)] == [10, 10, 5]
    assert file.read()["text"].to_pylist() == texts
    monkeypatch.setattr(parquet, "_GROUP_NUMBERS", 64)  # two vectors of 32
    assert embed(*texts, "--per", per, "--output", tmp_path / "b.parquet").status == 0
    file = pq.ParquetFile(tmp_path / "b.parquet")
    assert file.num_row_groups == (13 if per == "text" else 25)
    assert file.read()["text"].to_pylist() == texts


def test_parquet_of_no_texts_has_its_columns(embed: Run, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    assert embed("--output", tmp_path / "a.parquet").status == 0
    table = pq.read_table(tmp_path / "a.parquet")
    assert (table.schema.names, table.num_rows) == (["text", "embedding", "truncated"], 0)


def test_without_pyarrow_the_message_says_how_to_install_it(
    embed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    result = embed("a text", "--output", tmp_path / "a.parquet")
    assert result.status == 2
    assert "pip install 'pyarrow>=14'" in result.err
    assert names(tmp_path) == []


@pytest.mark.parametrize("suffix", WRITERS)
def test_input_of_every_kind_is_embedded(embed: Run, tmp_path: Path, suffix: str) -> None:
    needs_pyarrow(suffix)
    (tmp_path / "a.csv").write_text('id,tweet\n1,one\n2,""\n3,two\n')
    (tmp_path / "out").mkdir()
    output = tmp_path / "out" / f"a{suffix}"
    result = embed("--input", tmp_path / "a.csv", "--column", "tweet", "--output", output)
    assert (result.status, result.out) == (0, "")
    assert result.err == f"note: {tmp_path / 'a.csv'}: 1 text is empty, in line 3\n3 texts → {output}\n"
    assert names(tmp_path / "out") == [f"a{suffix}"]


def test_no_preprocess_takes_the_texts_as_they_are(embed: Run, embedder: linnet.Embedder) -> None:
    (row,) = embed("@someone", "--no-preprocess").rows
    np.testing.assert_array_equal(np.float32(row["embedding"]), embedder("@someone", preprocess=False)[0])
    assert not np.allclose(row["embedding"], embedder("@someone")[0])


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["a text", "--input", "a.csv"], "found both"),
        (["a text", "--output", "a.txt"], ".npy, .jsonl, .csv, .tsv, .parquet, found .txt"),
        (["a text", "--output", "a"], "no suffix"),
        (["a text", "--output", "a.npy", "--json"], "ends in .jsonl, found .npy"),
        (["a text", "--output", "a.npy", "--per", "word"], "one vector per text, and --per word gives several"),
        (["a text", "--output", "a.npy", "--per", "token"], "name a .jsonl or .parquet file"),
        (["a text", "--output", "nowhere/a.npy"], "nowhere/a.npy"),
        (["a text", "--per", "sentence"], "sentence"),
        (["a text", "--threads", "0"], "at least 1"),
        (["--input", "nowhere.csv"], "No such file"),
    ],
)
def test_unusable_arguments_exit_with_2(
    embed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = embed(*argv)
    assert result.status == 2
    assert told in result.err
    assert result.out == ""
    assert names(tmp_path) == []


def test_without_a_bundle_the_message_says_what_to_name(run: Run) -> None:
    result = run("embed", "a text")
    assert result.status == 2
    assert "--bundle" in result.err
    assert "embedded default is a classifier" in result.err


def test_a_bundle_of_the_other_task_names_the_command_for_it(run: Run, default: Path, tiny: Path) -> None:
    for command, bundle, right in (("embed", default, "classify"), ("classify", tiny, "embed")):
        result = run(command, "a text", "--bundle", bundle)
        assert result.status == 2
        assert f"linnet {right} --bundle {bundle}" in result.err
        assert result.out == ""


def test_info_says_what_an_embedding_bundle_gives(run: Run, tiny_copy: Path, rewrite_json: Callable[..., None]) -> None:
    for normalize, told in ((False, "no"), (True, "yes")):
        rewrite_json(tiny_copy, "linnet.json", normalize=normalize)
        (facts,) = run("info", "--json", tiny_copy).rows
        assert (facts["task"], facts["dimension"], facts["pooling"]) == ("feature-extraction", 32, "mean")
        assert facts["normalize"] is normalize
        assert "labels" not in facts
        shown = run("info", tiny_copy)
        assert shown.status == 0
        del facts["prepared_note"]  # shown in place of "no", if there is one
        assert [line.split()[0] for line in shown.out.splitlines()] == list(facts)
        assert re.search(rf"^normalize +{told}$", shown.out, re.MULTILINE)


def test_verify_hashes_an_embedding_bundle(run: Run, tiny: Path) -> None:
    result = run("verify", tiny)
    assert result.status == 0
    assert " 6 files" in result.out


@pytest.mark.parametrize("suffix", WRITERS)
def test_input_that_fails_half_way_leaves_the_old_output(embed: Run, tmp_path: Path, suffix: str) -> None:
    needs_pyarrow(suffix)
    output = tmp_path / f"a{suffix}"
    output.write_bytes(b"old")
    result = embed("--output", output, stdin=b"fine\n" * 600 + b"caf\xe9\n")
    assert result.status == 2
    assert "line 601" in result.err
    assert names(tmp_path) == [output.name]
    assert output.read_bytes() == b"old"


@pytest.mark.parametrize("suffix", WRITERS)
def test_an_interrupt_leaves_no_half_output(tiny: Path, tmp_path: Path, suffix: str) -> None:
    needs_pyarrow(suffix)
    process = linnet_process("embed", "--bundle", str(tiny), "--output", str(tmp_path / f"a{suffix}"))
    assert process.stdin
    process.stdin.write(b"a text\n")
    process.stdin.flush()
    deadline = TIMEOUT * 20
    while not names(tmp_path) and deadline:  # until it has begun to write
        deadline -= 1
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
    assert names(tmp_path) not in ([], [f"a{suffix}"])
    process.send_signal(signal.SIGINT)
    result = ended(process)
    assert result.status == 130
    assert result.err == "linnet: interrupted; no partly written file is left\n"
    assert names(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("suffix", WRITERS)
def test_a_disk_that_is_full_exits_with_1(
    embed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    needs_pyarrow(suffix)
    (tmp_path / "temporary").symlink_to("/dev/full")
    monkeypatch.setattr("linnet.system.files.new_name", lambda *_: tmp_path / "temporary")
    monkeypatch.setattr("linnet.system.files._FRESH", os.O_WRONLY)
    monkeypatch.setattr("linnet.cli.outputs.partial.can_be_resumed", lambda _: False)
    monkeypatch.setattr("linnet.cli.command._discard_output", lambda: None)
    result = embed("--output", tmp_path / f"a{suffix}", stdin=b"a text\n" * 2000)
    assert result.status == 1
    assert "cannot write" in result.err
    assert names(tmp_path) == []


def test_every_writer_is_named_in_the_help(run: Run) -> None:
    shown = run("embed", "--help").out
    assert all(f".{kind}" in shown for kind in OF_VECTORS)
