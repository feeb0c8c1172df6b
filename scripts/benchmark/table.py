"""Results → Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

_SPEED = (
    "",
    "tweets/s",
    "Linnet / it",
    "one text, p50",
    "p99",
    "Linnet / it",
    "first answer",
    "RSS after it",
    "anonymous part",
    "peak RSS",
    "on disk",
)
_CLOSENESS = (
    "",
    "labels as fp32",
    "where its margin > 0.1",
    "mean Δscore",
    "of optimum's",
    "macro recall",
    "other bits alone than in bulk",
)
_COSINE = ("", "cosine with torch fp32, mean", "least", "other bits alone than in bulk")
_SETTINGS = {"rounds": "rounds", "tweets": "tweets in bulk", "single": "one at a time", "threads": "threads"}
_MISSING = "–"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; a bar in a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def speed_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """How fast, and how large."""
    return table(_SPEED, [_speed(row) for row in rows])


def closeness_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """How close to the original: labels and scores, or cosines of vectors."""
    if any("cosine" in row for row in rows):
        return table(_COSINE, [_cosine(row) for row in rows])
    return table(_CLOSENESS, [_closeness(row) for row in rows])


def lengths_table(lengths: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """One text of each number of tokens: milliseconds of each row, and Linnet's time as a share of it."""
    names = [name for name in titles if any(name in found["p50"] for found in lengths.values())]
    rows = [(f"{tokens} tokens", *(_length(found, name) for name in names)) for tokens, found in lengths.items()]
    return table(("one text of", *(titles[name] for name in names)), rows)


def _length(found: Mapping[str, Any], name: str) -> str:
    milliseconds, ratio = _shown(found["p50"].get(name), "{:.2f} ms"), found["ratio"].get(name)
    return milliseconds if ratio is None else f"{milliseconds} ({ratio:.2f})"


def targets_table(judged: Sequence[Mapping[str, Any]]) -> str:
    """The targets."""
    words = {True: "met", False: "**not met**", None: _MISSING}
    rows = [(each["title"], each["wanted"], each["written"], words[each["met"]]) for each in judged]
    return table(("", "target", "reached", ""), rows)


def report(results: Mapping[str, Any]) -> str:
    """Everything, shape by shape, and the targets."""
    parts = [f"{results['machine']}; {settings_in_words(results['settings'])}"]
    for shape in results["shapes"].values():
        rows = list(shape["rows"].values())
        parts += [f"### {shape['title']}", speed_table(rows), closeness_table(rows)]
        parts += [f"{name} failed: {reason}" for name, reason in shape["failed"].items()]
        if shape.get("lengths"):
            titles = {name: str(row["title"]) for name, row in shape["rows"].items()}
            parts += ["In brackets, Linnet's time as a share of it:", lengths_table(shape["lengths"], titles)]
        parts += [_one_thread(shape["one_thread"])] if shape.get("one_thread") else []
        parts += [_bits(shape["bits"])] if shape.get("bits") else []
    parts += [f"### Targets for {results['class']}", targets_table(results["targets"])]
    return "\n\n".join(parts)


def settings_in_words(settings: Mapping[str, int]) -> str:
    """The settings of a run: ``5 rounds, 1000 tweets in bulk, …``."""
    return ", ".join(f"{settings[name]} {words}" for name, words in _SETTINGS.items())


def _speed(row: Mapping[str, Any]) -> tuple[str, ...]:
    ratios = row.get("ratios", {})
    return (
        _title(row),
        f"{row['speed']:.0f}" if row["speed"] >= 100 else f"{row['speed']:.1f}",
        _times(ratios.get("speed")),
        _shown(row.get("p50"), "{:.1f} ms"),
        _shown(row.get("p99"), "{:.1f} ms"),
        _times(ratios.get("p50")),
        _shown(row.get("first"), "{:.2f} s"),
        _shown(row.get("rss"), "{:.0f} MB"),
        _shown(row.get("anonymous"), "{:.0f} MB"),
        f"{row['peak']:.0f} MB",
        f"{row['size']:.0f} MB",
    )


def _title(row: Mapping[str, Any]) -> str:
    """With the way that was the fastest, where there was a choice."""
    way, _, budget = (row.get("mode") or "").rpartition(":")
    named = [] if way == "sorted" else [way]
    return f"{row['title']} ({', '.join([*named, f'{budget} tokens'])})" if way else str(row["title"])


def _closeness(row: Mapping[str, Any]) -> tuple[str, ...]:
    found = row.get("closeness", {})
    return (
        str(row["title"]),
        _shown(found.get("agreement"), "{:.1f} %"),
        _shown(found.get("sure_agreement"), "{:.1f} %"),
        _shown(found.get("mean_difference"), "{:.4f}"),
        _shown(found.get("of_optimum"), "{:.2f}"),
        _shown(row.get("macro_recall"), "{:.1f} %"),
        _moved(row.get("moved")),
    )


def _cosine(row: Mapping[str, Any]) -> tuple[str, ...]:
    found = row.get("cosine", {})
    cosines = (_shown(found.get(name), "{:.4f}") for name in ("mean", "least"))
    return (str(row["title"]), *cosines, _moved(row.get("moved")))


def _moved(found: Mapping[str, Any] | None) -> str:
    return f"{found['texts']} of {found['of']} (≤ {found['most']:.1e})" if found else _MISSING


def _one_thread(found: Mapping[str, Any]) -> str:
    ours, theirs, ratios = found["linnet"], found["optimum"], found["ratio"]
    return (
        f"One text of {found['tokens']} tokens on one thread, taking turns: Linnet's graph {ours['graph']:.2f} ms, the "
        f"INT8 graph as optimum writes it {theirs['graph']:.2f} ms ({ratios['graph']:.2f} of its time); the whole call, "
        f"tokenization included, {ours['call']:.2f} and {theirs['call']:.2f} ms ({ratios['call']:.2f})."
    )


def _bits(found: Mapping[str, Any]) -> str:
    ways = ", ".join(f"{way} {count}" for way, count in found["differing"].items())
    return f"Linnet's answers to {found['texts']} texts, other bits than in one call for all: {ways}."


def _times(value: float | None) -> str:
    return _shown(value, "{:.2f} ×")


def _shown(value: float | None, form: str) -> str:
    return _MISSING if value is None else form.format(value)
