"""What a run found, as the JSON that is written, and that the tables and the chart are made of."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.batches import Floats
from benchmark.judge import closeness, moved
from benchmark.measure import Contender, Measured, ratio
from benchmark.peers import LINNET
from benchmark.store import size_of

Results = dict[str, Any]


def row_results(
    contender: Contender, found: Measured, original: Floats | None, labels: npt.NDArray[np.int64] | None
) -> Results:
    """One row: medians over the rounds, every round's values, and how close to the original in fp32."""
    rounds = {name: getattr(found, name) for name in ("speed", "p50", "p99", "first", "rss")}
    results: Results = {name: statistics.median(values) for name, values in rounds.items()}
    results |= {"title": contender.row.title, "mode": found.mode, "single_mode": found.single_mode}
    results |= {"peak": found.peak, "size": size_of(contender.folder), "rounds": rounds}
    if original is not None and found.judged is not None:
        results["closeness"] = asdict(closeness(found.judged, original, labels))
    if found.together is not None and found.alone is not None:
        texts, most = moved(found.together, found.alone)
        results["moved"] = {"texts": texts, "of": len(found.alone), "most": most}
    return results


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


def in_order(names: Sequence[str], rows: Mapping[str, Results]) -> list[Results]:
    """The rows that were measured, in the order of the table."""
    return [rows[name] for name in names if name in rows]
