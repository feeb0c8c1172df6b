"""One text of a fixed length, on all threads: Linnet, and the peers that run a graph in onnxruntime, taking turns."""

import statistics
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from benchmark.measure import Contender, ratio, turns
from benchmark.peers import LINNET

TOKENS = {8: 40, 128: 20, 512: 8}
"""The lengths in tokens, and how often a text of each is asked in a turn."""

PEERS = (LINNET.name, "onnxruntime", "onnxruntime-fp32", "fastembed", "sentence-transformers")
"""The rows that take part."""

_WARM_UP = 3


def lengths(contenders: Sequence[Contender], texts: Mapping[int, str], rounds: int) -> dict[str, dict[str, Any]]:
    """For each number of tokens, every row's median in milliseconds, and the ratio of Linnet's time to it.

    A median is over the rounds' medians, and a ratio is the median of the rounds' ratios.

    Args:
        contenders: Linnet and others.
        texts: a text for each number of tokens.
        rounds: how often each has a turn with each text.

    Raises:
        WorkerError: a peer failed.
    """
    names = [contender.row.name for contender in contenders]
    medians: dict[int, dict[str, list[float]]] = {tokens: {name: [] for name in names} for tokens in texts}
    with ExitStack() as stack:
        modes = {each.row.name: each.row.single[0] for each in contenders}
        workers = {each.row.name: stack.enter_context(each.worker(modes[each.row.name])) for each in contenders}
        for tokens, text in texts.items():
            times = next(times for most, times in TOKENS.items() if tokens <= most)
            for number, name in turns(names, rounds + 1):  # the first round warms up
                asked = [text] * (times if number else _WARM_UP)
                found = workers[name].ask("single", texts=asked, mode=modes[name])["milliseconds"]
                if number:
                    medians[tokens][name].append(statistics.median(found))
    return {str(tokens): _summary(found) for tokens, found in medians.items()}


def _summary(found: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    ours = found[LINNET.name]
    return {
        "p50": {name: statistics.median(values) for name, values in found.items()},
        "ratio": {name: ratio(ours, values) for name, values in found.items() if name != LINNET.name},
    }
