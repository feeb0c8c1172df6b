"""What a run found, as the JSON that is written, and that the tables and the chart are made of."""

import statistics
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from training.semeval import macro_recall

from benchmark.batches import Floats
from benchmark.judge import closeness, cosine, moved
from benchmark.measure import Contender, Measured, ratio
from benchmark.peers import EMBEDDING, LINNET

Results = dict[str, Any]


def row_results(
    contender: Contender,
    found: Measured,
    original: Floats | None,
    *,
    task: str,
    labels: npt.NDArray[np.int64] | None = None,
) -> Results:
    """One row: medians over the rounds, every round's values, and how close to the original in fp32."""
    lists = {name: getattr(found, name) for name in ("speed", "p50", "p99", "first", "rss", "anonymous")}
    rounds = {name: values for name, values in lists.items() if values}
    results: Results = {name: statistics.median(values) for name, values in rounds.items()}
    results |= {"title": contender.row.title, "mode": found.mode, "single_mode": found.single_mode}
    results |= {"peak": found.peak, "size": _megabytes(contender.folder), "rounds": rounds}
    if original is not None and found.judged is not None:
        if task == EMBEDDING:
            results["cosine"] = asdict(cosine(found.judged, original))
        else:
            results["closeness"] = asdict(closeness(found.judged, original))
    if labels is not None and found.judged is not None:
        results["macro_recall"] = macro_recall(labels, found.judged.argmax(axis=-1))
    if found.together is not None and found.alone is not None:
        texts, most = moved(found.together, found.alone)
        results["moved"] = {"texts": texts, "of": len(found.alone), "most": most}
    return results


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def add_ratios(rows: Mapping[str, Results]) -> None:
    """Linnet's to each row's in the same round, in the median; Linnet's own are 1."""
    if LINNET.name not in rows:
        return
    ours = rows[LINNET.name]["rounds"]
    for row in rows.values():
        row["ratios"] = {name: ratio(ours[name], theirs) for name, theirs in row["rounds"].items()}
    optimum = rows.get("optimum", {}).get("closeness")
    for row in rows.values():
        if optimum and "closeness" in row:
            row["closeness"]["of_optimum"] = row["closeness"]["mean_difference"] / optimum["mean_difference"]
