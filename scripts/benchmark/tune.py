"""How many texts Linnet gets done at each token budget and thread layout: ``scripts/bench --tune``."""

import statistics
from collections.abc import Mapping
from typing import Any

from benchmark.measure import Contender, ratio, turns
from benchmark.peers.linnet_bundle import ALONE, SHARED
from benchmark.store import say
from benchmark.table import table
from benchmark.tweets import Tweets

BUDGETS = (128, 256, 384, 512, 640, 768, 1024)
"""The most tokens in a batch."""

OWN = ""
"""The mode in which Linnet keeps its own budget and layout; the others are compared with it."""

LAYOUTS = {ALONE: "a batch a thread", SHARED: "all threads share a batch"}


def modes(threads: int) -> tuple[str, ...]:
    """Linnet's own choice, then every budget in every layout; one thread has only one layout."""
    layouts = LAYOUTS if threads > 1 else (ALONE,)
    return (OWN, *(f"{layout}:{budget}" for layout in layouts for budget in BUDGETS))


def tune(contender: Contender, tweets: Tweets, rounds: int) -> dict[str, Any]:
    """The tweets a second of each mode in one process, the modes taking turns.

    ``speed`` has the medians over the rounds, ``ratio`` the medians of each round's ratio to Linnet's own choice.

    Raises:
        WorkerError: Linnet failed.
    """
    names = modes(contender.threads)
    speeds: dict[str, list[float]] = {mode: [] for mode in names}
    with contender.worker(OWN) as worker:
        for number, mode in turns(names, rounds + 1):  # the first round warms up
            seconds = worker.ask("bulk", texts=tweets.bulk, mode=mode)["seconds"]
            if number:
                speeds[mode].append(len(tweets.bulk) / seconds)
            if mode == names[-1] and number:
                say(f"  round {number}/{rounds}")
    return {
        "speed": {mode: statistics.median(found) for mode, found in speeds.items()},
        "ratio": {mode: ratio(found, speeds[OWN]) for mode, found in speeds.items()},
        "rounds": speeds,
    }


def tuning_table(found: Mapping[str, Any]) -> str:
    """A row a budget, a column a layout: tweets/s, and how that compares with Linnet's own choice."""
    speed, ratios = found["speed"], found["ratio"]
    layouts = [layout for layout in LAYOUTS if f"{layout}:{BUDGETS[0]}" in speed]

    def cell(mode: str) -> str:
        return f"{speed[mode]:.1f} ({ratios[mode]:.3f} ×)"

    rows = [(str(budget), *(cell(f"{layout}:{budget}") for layout in layouts)) for budget in BUDGETS]
    header = ("tokens in a batch", *(f"{LAYOUTS[layout]}, tweets/s" for layout in layouts))
    return f"Linnet's own choice: {speed[OWN]:.1f} tweets/s.\n\n{table(header, rows)}"
