"""The command: measures, prints, and writes."""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.besides import besides
from benchmark.chart import bars
from benchmark.environment import ROOT, commit, is_ready, versions
from benchmark.machine import describe, this_class
from benchmark.measure import Contender, measure
from benchmark.peers import FULL, LINNET, SLIM, Row
from benchmark.peers.reference import FILE
from benchmark.processes import WorkerError
from benchmark.records import SHAPES as MEASURED
from benchmark.records import TUNING, keep
from benchmark.results import Results, add_ratios, row_results
from benchmark.shapes import SHAPES, Shape
from benchmark.store import Store, say
from benchmark.table import report
from benchmark.targets import judged
from benchmark.tune import tune, tuning_table
from benchmark.tweets import Tweets, read_tweets


class UnableError(Exception):
    """A shape cannot be measured; the message says why, and what would help."""


def run(args: argparse.Namespace) -> int:
    """Gives the exit status: 0 done, 1 something failed, 130 interrupted."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return _tune(args) if args.tune else _bench(args)
    except KeyboardInterrupt:
        say("interrupted: every process is ended")
        return 130


def _bench(args: argparse.Namespace) -> int:
    """Measures every shape, and writes after each, so that a failure later loses nothing."""
    shapes: dict[str, Results] = {}
    results: Results = {**_origin(args), "shapes": shapes, "targets": judged(shapes, this_class())}

    def one(shape: Shape) -> None:
        chosen = [row for row in shape.rows if not args.only or row.name in args.only]
        shapes[shape.name] = bench_shape(shape, _able(shape, chosen, args), args)
        results["targets"] = judged(shapes, this_class())
        _write(results, args)
        _keep(shape, shapes[shape.name], args, MEASURED)

    _each_shape(args, one)
    print(report(results))
    return int(not shapes or any(shape["failed"] for shape in shapes.values()))


def _tune(args: argparse.Namespace) -> int:
    """Measures Linnet's bundle of every shape at each token budget and thread layout."""
    done: dict[str, Results] = {}

    def one(shape: Shape) -> None:
        _able(shape, [LINNET], args)
        tweets, store = _tweets_and_store(shape, args)
        contender = Contender(LINNET, _folder(store, shape, LINNET, tweets), store.log("tune"), args.threads)
        say(f"{shape.name}: token budgets and thread layouts, {args.rounds} rounds")
        done[shape.name] = {"title": shape.title, **tune(contender, tweets, args.rounds)}
        print(f"### {shape.title}\n\n{tuning_table(done[shape.name])}\n", flush=True)
        _keep(shape, done[shape.name], args, TUNING)

    _each_shape(args, one)
    if args.json:
        _write_json({**_origin(args), "tuning": done}, args.json)
    return int(len(done) < len(set(args.shapes)))


def _each_shape(args: argparse.Namespace, one: Callable[[Shape], None]) -> None:
    for shape in (shape for shape in SHAPES if shape.name in args.shapes):
        try:
            one(shape)
        except (UnableError, WorkerError) as reason:
            say(f"{shape.name}: skipped: {reason}")


def _origin(args: argparse.Namespace) -> Results:
    """Where figures come from: the machine, its class, the settings, the versions, the commit and the date."""
    return {
        "machine": describe(),
        "class": this_class(),
        "settings": {name: getattr(args, name) for name in ("rounds", "tweets", "single", "threads")},
        "versions": {environment: versions(environment) for environment in (SLIM, FULL)},
        "commit": commit(),
        "date": datetime.now(timezone.utc).date().isoformat(),
    }


def _keep(shape: Shape, found: Results, args: argparse.Namespace, part: str) -> None:
    """Puts what was measured into the file of this class, or says why not."""
    if not shape.kept:
        say(f"{shape.name}: not kept in {args.results}: it only tries the benchmark out")
        return
    entry = {**found, **_origin(args)}
    if "failed" in found:
        entry["failed"] = sorted(found["failed"])  # the reasons have paths of this machine
    reason = keep(args.results, this_class(), shape.name, entry, part=part)
    say(f"{shape.name}: {f'not kept in {args.results}: {reason}' if reason else f'kept in {args.results}'}")


def _write(results: Results, args: argparse.Namespace) -> None:
    if args.json:
        _write_json(results, args.json)
    if args.svg:
        first = next(iter(results["shapes"].values()))
        title = f"Tweets a second, {first['title']}, {args.threads} threads"
        args.svg.write_text(bars(list(first["rows"].values()), title=title, ours=LINNET.title), encoding="utf-8")


def _write_json(results: Results, file: Path) -> None:
    file.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _tweets_and_store(shape: Shape, args: argparse.Namespace) -> tuple[Tweets, Store]:
    tweets = read_tweets(shape, args.data, bulk=args.tweets, single=args.single)
    store = Store(args.work.resolve(), shape, data=args.data.resolve(), given=args.checkpoint, threads=args.threads)
    return tweets, store


def bench_shape(shape: Shape, rows: Sequence[Row], args: argparse.Namespace) -> Results:
    """What was measured of one shape."""
    tweets, store = _tweets_and_store(shape, args)
    contenders, failed = [], {}
    for row in rows:
        try:
            contenders.append(Contender(row, _folder(store, shape, row, tweets), store.log(row.name), args.threads))
        except WorkerError as error:
            say(f"{shape.name}: {row.name} cannot be prepared: {error}")
            failed[row.name] = str(error)
    original = None if shape.given and not args.checkpoint else _original(store, tweets)
    say(f"{shape.name}: {len(contenders)} peers, {args.rounds} rounds")
    measured, broken = measure(contenders, tweets, args.rounds)
    by_name = {each.row.name: each for each in contenders if each.row.name in measured}
    found = {
        name: row_results(by_name[name], each, original, task=shape.task, labels=tweets.labels)
        for name, each in measured.items()
    }
    add_ratios(found)
    failed |= broken
    more = besides(store, by_name, tweets, rounds=args.rounds, failed=failed) if LINNET.name in found else {}
    return {"title": shape.title, "rows": found, "failed": failed, **more}


def _able(shape: Shape, rows: Sequence[Row], args: argparse.Namespace) -> Sequence[Row]:
    """The rows that can be measured of a shape: without its checkpoint, Linnet alone on the embedded default.

    Raises:
        UnableError: none can.
    """
    if not rows:
        raise UnableError(f"none of the rows of --only does {shape.task}")
    if shape.given and not args.checkpoint:
        if shape.outliers or LINNET not in rows:
            raise UnableError("it wants the fp32 checkpoint of the embedded default: --checkpoint DIR, see --help")
        say(f"{shape.name}: without --checkpoint, Linnet alone can be measured, on the embedded bundle")
        return [LINNET]
    if not is_ready(FULL):
        raise UnableError("the peers are not installed: scripts/bench --peers")
    return rows


def _folder(store: Store, shape: Shape, row: Row, tweets: Tweets) -> Path:
    """What a row runs, made if need be."""
    if shape.given and not store.given:
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
    answers: np.ndarray = np.load(store.artifact("reference", texts=tweets.judged) / FILE)
    return answers
