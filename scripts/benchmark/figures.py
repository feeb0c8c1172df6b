"""The files of all classes → Markdown: a table a shape, a row a measurement, a column a class of processors."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmark.peers import LINNET, Row
from benchmark.records import SHAPES, TUNING, read
from benchmark.shapes import SHAPES as ALL
from benchmark.table import settings_in_words, table

Entry = Mapping[str, Any]
Measurement = tuple[str, Callable[[Entry], str]]
"""A row's label, and its cell in one class's entry; KeyError or TypeError: not measured."""

_COSTS = (
    ("one text, median", "p50", "{:.1f} ms"),
    ("first answer", "first", "{:.2f} s"),
    ("RSS after it", "rss", "{:.0f} MB"),
    ("anonymous part of the RSS", "anonymous", "{:.0f} MB"),
    ("on disk", "size", "{:.0f} MB"),
)
_CLOSENESS = (
    ("labels as in fp32", "closeness", "agreement", "{:.2f} %"),
    ("labels as in fp32 where its margin > 0.1", "closeness", "sure_agreement", "{:.2f} %"),
    ("mean Δscore", "closeness", "mean_difference", "{:.4f}"),
    ("mean cosine with torch fp32", "cosine", "mean", "{:.4f}"),
    ("least cosine with torch fp32", "cosine", "least", "{:.4f}"),
)
_LINNET_ALONE = ("anonymous", "size", "sure_agreement")
"""What the tables do not show of the peers; the files have it."""


def figures(folder: Path) -> str:
    """The Markdown of all that the folder of results has."""
    records = read(folder)
    if not records:
        return f"Nothing is measured yet: {folder} has no results. scripts/bench measures."
    parts = []
    for shape in ALL:
        entries = _entries(records, SHAPES, shape.name)
        if entries:
            parts += [f"### {shape.title}", _table(entries, _measurements(shape.rows, entries)), _sources(entries)]
        tuned = _entries(records, TUNING, shape.name)
        if tuned:
            parts += [
                f"### {shape.title}: tweets/s at each token budget",
                _table(tuned, _tuning(tuned)),
                _sources(tuned),
            ]
    return "\n\n".join(parts)


def _entries(records: Mapping[str, Any], part: str, name: str) -> dict[str, Entry]:
    """The entries of a shape, by class; every class has a column, measured or not."""
    entries = {processor: record.get(part, {}).get(name) for processor, record in records.items()}
    return {processor: entry or {} for processor, entry in entries.items()} if any(entries.values()) else {}


def _table(entries: Mapping[str, Entry], measurements: Iterator[Measurement]) -> str:
    rows = [(label, *(_cell(entry, show) for entry in entries.values())) for label, show in measurements]
    return table(("", *entries), [row for row in rows if any(row[1:])])


def _cell(entry: Entry, show: Callable[[Entry], str]) -> str:
    try:
        return show(entry)
    except (KeyError, TypeError):
        return ""


def _measurements(rows: list[Row], entries: Mapping[str, Entry]) -> Iterator[Measurement]:
    """All rows that a shape's table can have, in order."""
    lengths = sorted({tokens for entry in entries.values() for tokens in entry.get("lengths", {})}, key=int)
    peers = [row for row in rows if row != LINNET]
    yield "Linnet, tweets/s", lambda entry: _speed(entry["rows"][LINNET.name]["speed"])
    for row in peers:
        yield f"Linnet / {row.title}", _at("{:.2f} ×", "rows", row.name, "ratios", "speed")
    for label, name, form in _COSTS:
        for row in [LINNET] if name in _LINNET_ALONE else rows:
            yield f"{row.title}: {label}", _at(form, "rows", row.name, name)
    for tokens in lengths:
        text = f"a text of {tokens} tokens"
        yield f"{text}, Linnet", _at("{:.2f} ms", "lengths", tokens, "p50", LINNET.name)
        for row in peers:
            yield f"{text}, Linnet's time / {row.title}", _at("{:.2f}", "lengths", tokens, "ratio", row.name)
    graph = _at("{:.2f}", "one_thread", "ratio", "graph")
    yield "a text of 32 tokens on one thread, time of Linnet's graph / optimum's", graph
    for label, kind, name, form in _CLOSENESS:
        for row in [LINNET] if name in _LINNET_ALONE else rows:
            yield f"{row.title}: {label}", _at(form, "rows", row.name, kind, name)


def _tuning(entries: Mapping[str, Entry]) -> Iterator[Measurement]:
    modes = {mode: None for entry in entries.values() for mode in entry.get("speed", {})}
    for mode in modes:
        layout, _, budget = mode.partition(":")
        label = f"{budget} tokens, {layout}" if mode else "Linnet's own choice"
        yield label, _at("{:.1f}", "speed", mode)


def _at(form: str, *path: str) -> Callable[[Entry], str]:
    """Shows the number at a path of keys."""

    def show(entry: Entry) -> str:
        found: Any = entry
        for key in path:
            found = found[key]
        return form.format(found)

    return show


def _speed(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _sources(entries: Mapping[str, Entry]) -> str:
    """What each column was measured on."""
    return "\n".join(_source(processor, entry) for processor, entry in entries.items() if entry)


def _source(processor: str, entry: Entry) -> str:
    versions = entry["versions"]["slim"]
    settings = settings_in_words(entry["settings"])
    packages = ", ".join(f"{name} {versions[name]}" for name in ("linnet", "onnxruntime") if name in versions)
    failed = f"; failed: {', '.join(entry['failed'])}" if entry.get("failed") else ""
    return (
        f"- {processor}: {entry['machine']}; {settings}; {packages}; commit {entry['commit']}, {entry['date']}{failed}"
    )
