"""One text of so many tokens on one thread: Linnet's graph and the INT8 graph as optimum writes it, taking turns.

    python -m benchmark.one_thread LINNET OPTIMUM TOKENS TIMES

Prints JSON: medians in milliseconds of the whole call, and of what of it was spent in onnxruntime.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import onnxruntime

from benchmark.fixed_texts import text_of
from benchmark.peers.plain_onnxruntime import Peer

_inside = 0.0


class TimedSession(onnxruntime.InferenceSession):  # type: ignore[misc]
    """Counts the time in its runs, whoever calls them and however: what Linnet does inside is its own matter."""

    def run(self, *arguments: Any, **options: Any) -> Any:
        """As the original."""
        return _timed(super().run, *arguments, **options)

    def run_with_iobinding(self, *arguments: Any, **options: Any) -> Any:
        """As the original."""
        return _timed(super().run_with_iobinding, *arguments, **options)

    def run_with_ort_values(self, *arguments: Any, **options: Any) -> Any:
        """As the original."""
        return _timed(super().run_with_ort_values, *arguments, **options)


def _timed(run: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    global _inside
    began = time.perf_counter()
    try:
        return run(*arguments, **options)
    finally:
        _inside += time.perf_counter() - began


def measure(calls: dict[str, Callable[[], object]], times: int) -> dict[str, dict[str, float]]:
    """Medians in milliseconds, each called in turn."""
    global _inside
    whole: dict[str, list[float]] = {name: [] for name in calls}
    inside: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(times + 20):
        for name, call in calls.items():
            _inside, began = 0.0, time.perf_counter()
            call()
            seconds = time.perf_counter() - began
            if turn >= 20:  # until then it warms up
                whole[name].append(1e3 * seconds)
                inside[name].append(1e3 * _inside)
    return {name: {"call": statistics.median(whole[name]), "graph": statistics.median(inside[name])} for name in calls}


def main(bundle: str, optimum: str, tokens: str, times: str) -> None:
    """Prints the medians, and the ratios of Linnet's to optimum's."""
    onnxruntime.InferenceSession = TimedSession
    import linnet  # after that, so that it finds the session that is timed

    model = linnet.load(bundle, threads=1)
    assert isinstance(model, linnet.Classifier)
    peer = Peer(optimum, 1)
    text = text_of(model, int(tokens))
    found: dict[str, Any] = measure({"linnet": lambda: model(text), "optimum": lambda: peer.one(text, "")}, int(times))
    if not found["linnet"]["graph"]:
        raise SystemExit("no run of Linnet's session was seen: which method of InferenceSession does it call now?")
    found["ratio"] = {part: found["linnet"][part] / found["optimum"][part] for part in ("call", "graph")}
    print(json.dumps(found | {"tokens": int(tokens)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
