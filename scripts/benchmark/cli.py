"""The command: what to measure, and where to write it."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.chart import bars
from benchmark.environment import ROOT, is_ready, versions
from benchmark.machine import describe
from benchmark.measure import Contender, measure
from benchmark.peers import FULL, LINNET, ROWS, SLIM, Row
from benchmark.peers.reference import FILE
from benchmark.processes import WorkerError, run
from benchmark.results import Results, add_ratios, row_results
from benchmark.shapes import SHAPES, Shape, Tweets, read_tweets
from benchmark.store import Store, say
from benchmark.table import report
from benchmark.targets import judged

_TOKENS, _TIMES = 32, 300
_BESIDES = {
    "bits": "the same bits however it is called?",
    "one_thread": f"its graph and optimum's, a text of {_TOKENS} tokens on one thread",
}
_USUAL = ("roberta-base", "xlm-r-base", "default", "outliers")


class UnableError(Exception):
    """A shape cannot be measured; the message says why, and what would help."""


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments; exits with 2 if they cannot be used."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description=(
            "Measures Linnet beside what people use today: the same checkpoint, the same tweets, in one run, every peer "
            "in its own process and taking turns, so that whatever the machine does meets all alike. Figures are medians "
            "over the rounds, and ratios the medians of each round's ratio. transformers in fp32 is timed on half of the tweets. "
            "Give the machine nothing else to do."
        ),
        epilog=(
            "scripts/bench --peers installs the peers in .venv-bench; without it, only Linnet on the embedded "
            "default can be measured (--only linnet --shapes default)."
        ),
    )
    add = parser.add_argument
    data = os.environ.get("LINNET_DATA")
    add("--peers", action="store_true", help="first install the peers; with nothing else, only that")
    add(
        "--data",
        type=Path,
        default=data and Path(data),
        metavar="DIR",
        help="a folder with tweeteval_sentiment/, umsab/ and tokenizers/ (default: what LINNET_DATA names)",
    )
    add("--shapes", nargs="+", choices=[shape.name for shape in SHAPES], default=list(_USUAL), metavar="NAME",
        help=f"what to measure with: {', '.join(shape.name for shape in SHAPES)} (default: {' '.join(_USUAL)})")  # fmt: skip
    add("--checkpoint", type=Path, metavar="DIR", help="the fp32 checkpoint of the embedded default, for default and outliers")  # fmt: skip
    add("--only", nargs="+", choices=[row.name for row in ROWS], metavar="NAME",
        help=f"measure these alone: {', '.join(row.name for row in ROWS)}")  # fmt: skip
    add("--rounds", type=_positive, default=5, metavar="N", help="how often everybody has a turn (default: 5)")
    add("--tweets", type=_positive, default=1000, metavar="N", help="tweets in bulk (default: 1000)")
    add("--single", type=_positive, default=200, metavar="N", help="of these, how many also one at a time (default: 200)")  # fmt: skip
    add("--threads", type=_positive, default=len(os.sched_getaffinity(0)), metavar="N",
        help="threads of each peer (default: one a processor)")  # fmt: skip
    add("--work", type=Path, default=ROOT / "build" / "bench", metavar="DIR",
        help="where checkpoints and converted models are kept for the next run (default: build/bench)")  # fmt: skip
    add("--json", type=Path, metavar="FILE", help="write everything that was measured")
    add("--svg", type=Path, metavar="FILE", help="draw the tweets a second of the first shape")
    args = parser.parse_args(argv)
    if not args.data:
        parser.error("expected a folder of tweets and vocabularies: give --data DIR, or set LINNET_DATA")
    return args


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, found {text}")
    return value


def main(argv: Sequence[str] | None = None) -> int:
    """Measures, prints, writes; gives the exit status: 0 done, 1 something failed, 130 interrupted."""
    args = parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        results = bench(args)
    except KeyboardInterrupt:
        say("interrupted: every process is ended")
        return 130
    print(report(results))
    return int(not results["shapes"] or any(shape["failed"] for shape in results["shapes"].values()))


def bench(args: argparse.Namespace) -> Results:
    """What was measured of every shape, and the targets; written after each, so that what comes later loses nothing."""
    rows = [row for row in ROWS if not args.only or row.name in args.only]
    settings = (
        f"{args.rounds} rounds, {args.tweets} tweets in bulk, {args.single} one at a time, {args.threads} threads"
    )
    shapes: dict[str, Results] = {}
    results: Results = {
        "machine": describe(),
        "settings": settings,
        "versions": {environment: versions(environment) for environment in (SLIM, FULL)},
        "shapes": shapes,
        "targets": judged(shapes),
    }
    for shape in (shape for shape in SHAPES if shape.name in args.shapes):
        try:
            shapes[shape.name] = bench_shape(shape, _able(shape, rows, args), args)
        except (UnableError, WorkerError) as reason:
            say(f"{shape.name}: skipped: {reason}")
            continue
        results["targets"] = judged(shapes)
        _write(results, args)
    return results


def _write(results: Results, args: argparse.Namespace) -> None:
    if args.json:
        args.json.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if args.svg:
        first = next(iter(results["shapes"].values()))
        title = f"Tweets a second, {first['title']}, {args.threads} threads"
        args.svg.write_text(bars(list(first["rows"].values()), title=title, ours=LINNET.title), encoding="utf-8")


def bench_shape(shape: Shape, rows: Sequence[Row], args: argparse.Namespace) -> Results:
    """What was measured of one shape."""
    tweets = read_tweets(shape, args.data, bulk=args.tweets, single=args.single)
    store = Store(args.work.resolve(), shape, data=args.data.resolve(), given=args.checkpoint, threads=args.threads)
    contenders, failed = [], {}
    for row in rows:
        try:
            contenders.append(Contender(row, _folder(store, shape, row, tweets), store.log(row.name), args.threads))
        except WorkerError as error:
            say(f"{shape.name}: {row.name} cannot be prepared: {error}")
            failed[row.name] = str(error)
    original = _original(store, tweets) if args.checkpoint or shape.known else None
    say(f"{shape.name}: {len(contenders)} peers, {args.rounds} rounds")
    measured, broken = measure(contenders, tweets, args.rounds)
    by_name = {each.row.name: each for each in contenders}
    found = {name: row_results(by_name[name], each, original, tweets.labels) for name, each in measured.items()}
    add_ratios(found)
    failed |= broken
    besides = _besides(store, by_name, tweets, failed) if LINNET.name in found else {}
    return {"title": shape.title, "rows": found, "failed": failed, **besides}


def _able(shape: Shape, rows: Sequence[Row], args: argparse.Namespace) -> Sequence[Row]:
    """The rows that can be measured of a shape: without its checkpoint, Linnet alone on the embedded default.

    Raises:
        UnableError: none can.
    """
    if shape.trained and not args.checkpoint:
        if shape.outliers or LINNET not in rows:
            raise UnableError("it wants the fp32 checkpoint of the embedded default: --checkpoint DIR, see --help")
        say(f"{shape.name}: without --checkpoint, Linnet alone can be measured, on the embedded bundle")
        return [LINNET]
    if not is_ready(FULL):
        raise UnableError("the peers are not installed: scripts/bench --peers")
    return rows


def _folder(store: Store, shape: Shape, row: Row, tweets: Tweets) -> Path:
    """What a row runs, made if need be."""
    if not shape.known and not store.given:
        return ROOT / "artifacts" / "linnet_default"
    if row.artifact is None:
        return store.checkpoint()
    settings: dict[str, Any] = {}
    if row.artifact == LINNET.artifact:
        settings["convert"] = shape.convert
    if row.artifact == "openvino_int8":
        settings["calibration"] = tweets.calibration
    return store.artifact(row.artifact, **settings)


def _original(store: Store, tweets: Tweets) -> np.ndarray:
    scores: np.ndarray = np.load(store.artifact("reference", texts=tweets.judged) / FILE)
    return scores


def _besides(store: Store, contenders: dict[str, Contender], tweets: Tweets, failed: dict[str, str]) -> Results:
    """What is measured of Linnet besides: its bits, and its graph beside optimum's on one thread."""
    bundle = contenders[LINNET.name].folder
    texts = store.folder / "bits.json"
    texts.write_text(json.dumps(tweets.single))
    measures: dict[str, tuple[object, ...]] = {"bits": (bundle, texts)}
    optimum = next((each.folder for each in contenders.values() if each.row.artifact == "optimum_int8"), None)
    if optimum:
        measures["one_thread"] = (bundle, optimum, _TOKENS, _TIMES)
    found = {}
    for name, arguments in measures.items():
        say(f"  linnet: {_BESIDES[name]}")
        try:
            found[name] = json.loads(run(SLIM, name, *arguments, log=store.log(name)))
        except WorkerError as error:
            failed[name] = str(error)
            say(f"  {name}: failed: {error}")
    return found
