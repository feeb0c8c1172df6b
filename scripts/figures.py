#!/usr/bin/env python3
"""Measures what the README says of the embedded default, in the environment of ``scripts/demo``.

    .venv-demo/bin/python scripts/figures.py [--data DIR]

With --data, a folder with ``tweeteval_sentiment/``, also macro recall on TweetEval's validation set.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import linnet
import numpy as np
from training.semeval import macro_recall, read_tweeteval_validation

_RUNS = 7


def main() -> None:
    """Prints one figure a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="DIR", help="a folder with tweeteval_sentiment/")
    data = parser.parse_args().data
    print(f"machine: {platform.machine()}, {len(os.sched_getaffinity(0))} cores, {_processor()}")
    runs = [_first_answer() for _ in range(_RUNS)]
    seconds, megabytes = (statistics.median(column) for column in zip(*runs, strict=True))
    print(f"first answer from process start: {seconds:.2f} s (median of {_RUNS})")
    print(f"peak RSS of that process: {megabytes:.0f} MB")
    model = linnet.load()
    print(f"bundle: {model.bundle.size / 1e6:.1f} MB")
    if data:
        _judge(model, data)


def _first_answer() -> tuple[float, float]:
    """Seconds and peak RSS in MB of one ``linnet classify``."""
    command = [str(Path(sys.executable).with_name("linnet")), "classify", "Good news! The bridge opens on Friday 🎉"]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return time.perf_counter() - began, usage.ru_maxrss / 1e3


def _judge(model: linnet.Classifier, data: Path) -> None:
    tweets = read_tweeteval_validation(data)
    began = time.perf_counter()
    logits = model.logits([tweet.text for tweet in tweets])
    seconds = time.perf_counter() - began
    found = logits.argmax(axis=-1)
    labels = np.array([tweet.label for tweet in tweets])
    print(f"macro recall on TweetEval validation, INT8: {macro_recall(labels, found):.1f} %")
    print(f"tweets a second in bulk: {len(tweets) / seconds:.0f}")
    alone = np.concatenate([model.logits(tweet.text) for tweet in tweets])
    drift = np.abs(model.head.scores(alone) - model.head.scores(logits)).max(axis=-1)
    changed = int((alone.argmax(axis=-1) != found).sum())
    print(
        f"bulk against one at a time: {changed} labels of {len(tweets)} differ, "
        f"scores by {np.median(drift):.3f} in the median and {drift.max():.2f} at the most"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
    return f"{name}, {'AVX512-VNNI' if any('avx512_vnni' in line for line in lines) else 'no AVX512-VNNI'}"


if __name__ == "__main__":
    main()
