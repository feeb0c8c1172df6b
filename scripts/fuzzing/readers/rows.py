"""The readers of the files that users name: texts, tables, labels, and the journal of an interrupted run."""

import csv
import json
import random
import tempfile
import zlib
from functools import cache, partial
from io import BytesIO, StringIO
from pathlib import Path

from linnet.cli.formats.labelled import LabelledFile
from linnet.cli.formats.reading import Source, reading_for
from linnet.cli.formats.remarks import Remarks
from linnet.cli.outputs.partial import resumable

from fuzzing.readers.mutations import mutate_bytes, mutate_json
from fuzzing.readers.reader import Reader

_TEXTS = ["Good news!", "", 'a "quoted", text', "two\nlines", "é 😀", "a;b|c\td", "\0", " spaces "]
_ERRORS = ("strict", "replace", "reject")


@cache
def _scratch() -> Path:
    return Path(tempfile.mkdtemp(prefix="linnet-fuzz-"))


def _read_rows(kind: str, content: bytes) -> None:
    """Reads all rows, in one of the ways to treat damaged lines, and their values as the outputs do."""
    errors = _ERRORS[zlib.crc32(content) % len(_ERRORS)]
    reading = reading_for("input", kind, None if kind == "txt" else "text", errors=errors)
    source = Source(
        BytesIO(content),
        reading,
        Remarks("input"),
        reject=lambda found: None if errors == "reject" else source._raise(found),
    )
    for part in source.parts():
        for row in part:
            assert isinstance(row.text, str), row
            list(row.values)


def _read_labels(content: bytes) -> None:
    """Reads a table of texts and labels, and the same file as labels of another file of texts."""
    file, texts = _scratch() / "table.csv", _scratch() / "texts.txt"
    file.write_bytes(content)
    texts.write_bytes(b"a\n" * content.count(b"\n"))
    (_scratch() / "mapping.txt").write_bytes(content)
    for found in (
        LabelledFile(file, reading_for("table", "csv", "text"), file, "label", by="group"),
        LabelledFile(texts, reading_for("texts", "txt"), file, "label"),
    ):
        for row in found.rows(tell=False):
            assert isinstance(row.label, str), row


def _read_journal(content: bytes) -> None:
    """Goes on with an output whose journal has this content."""
    target = _scratch() / "output.csv"
    for end, put in (("partial", b"label,text\n"), ("partial.journal", content)):
        target.with_name(f"{target.name}.{end}").write_bytes(put)
    with resumable(target, {"format": "csv"}, resume=True):
        pass


def _lines() -> list[bytes]:
    text = "\n".join(_TEXTS)
    return [text.encode(), text.encode("utf-16"), text.encode("utf-8-sig"), text.encode("utf-32")]


def _table(delimiter: str) -> list[bytes]:
    stream = StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerow(["text", "label", "group"])
    writer.writerows([text.replace("\0", ""), "yes", "a"] for text in _TEXTS)
    return [stream.getvalue().encode(), stream.getvalue().encode("utf-16")]


def _json_lines() -> list[bytes]:
    return ["".join(json.dumps({"text": text, "n": [1, {}]}) + "\n" for text in _TEXTS).encode()]


def _mutate_lines(content: bytes, chance: random.Random) -> bytes:
    """Changes one line of JSON, or bytes."""
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    lines[at] = mutate_json(lines[at], chance)
    return b"\n".join(lines)


def _parquet() -> list[bytes]:
    import pyarrow
    from pyarrow import parquet

    table = pyarrow.table({"text": _TEXTS, "number": list(range(len(_TEXTS))), "list": [[text] for text in _TEXTS]})
    found = []
    for options in ({}, {"compression": "none", "use_dictionary": False}):
        stream = BytesIO()
        parquet.write_table(table, stream, **options)
        found.append(stream.getvalue())
    return found


def _journal() -> list[bytes]:
    done = {"rows": 3, "size": 11, "digest": "a", "tally": {"texts": 3}}
    return [json.dumps({"format": 1, "run": {"format": "csv"}, "done": done}).encode()]


READERS = (
    Reader("txt", partial(_read_rows, "txt"), _lines, mutate_bytes),
    Reader("csv", partial(_read_rows, "csv"), partial(_table, ","), mutate_bytes),
    Reader("tsv", partial(_read_rows, "tsv"), partial(_table, "\t"), mutate_bytes),
    Reader("jsonl", partial(_read_rows, "jsonl"), _json_lines, _mutate_lines),
    Reader("parquet", partial(_read_rows, "parquet"), _parquet, mutate_bytes, needs="pyarrow"),
    Reader("labels", _read_labels, partial(_table, ","), mutate_bytes),
    Reader("journal", _read_journal, _journal, mutate_json),
)
