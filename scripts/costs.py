#!/usr/bin/env python3
"""Measures what files, explanations and adapting cost beside the model itself.

    .venv/bin/python scripts/costs.py --data DIR

Each figure is the CPU time of a process of its own, which loads the embedded default or ``--bundle``. The processes take
turns, and the figures are medians of each round's ratio, so that other work on the machine matters little:

- ``classify`` and ``evaluate`` of a CSV file, beside ``model.stream`` of the same texts from a list (aim: at most 1.03);
- ``explain`` of a text of 20 words by leave-one-out, beside one prediction of such a text in bulk (at most 22);
- ``adapt`` to 8 labels, beside classifying the same 1,000 texts (at most 1.5);
- ``classify TEXT``, from the start of the process, in seconds.

``--rows N`` also measures the peak memory of ``classify`` of N rows beside that of 10,000 (at most 1.3); give a small
bundle, or expect a million rows to take half an hour.
"""

import argparse
import csv
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from needed import packages

_BEGIN = """
import contextlib, csv, os, random, resource, sys
import linnet
from linnet.cli.main import main
bundle, threads, file, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
def cpu():
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
def run(*argv):
    with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
        status = main([*argv, "--threads", str(threads)])
    assert not status, status
times = []
def timed(work):
    began = cpu()
    work()
    times.append(cpu() - began)
"""
_TEXTS = """
with open(file, encoding="utf-8", newline="") as stream:
    rows = list(csv.DictReader(stream))
texts = [row["text"] for row in rows]
chance = random.Random(0)
words = sorted({word for text in texts for word in text.split()})
def sentences(count):
    return [" ".join(chance.sample(words, 20)) for _ in range(count)]
"""
_WORK = {
    "stream": "timed(lambda: list(linnet.load(bundle, threads=threads).stream(texts)))",
    "classify": 'timed(lambda: run("classify", "--bundle", bundle, "--input", file, "--output", folder + "/out.csv"))',
    "evaluate": 'timed(lambda: run("evaluate", bundle, "--data", file))',
    "explain": """
model = linnet.load(bundle, threads=threads)
some = sentences(220)
list(model.stream(some[:20]))
timed(lambda: list(model.stream(some)))
for text in some[:10]:
    timed(lambda: model.explain(text))
times[:] = [statistics.median(times[1:]) / (times[0] / len(some))]
""",
    "adapt": """
texts[:] = texts[:1000]
with open(folder + "/topics.csv", "w", encoding="utf-8", newline="") as stream:
    csv.writer(stream).writerows([["text", "label"], *([text, len(text) % 8] for text in texts)])
timed(lambda: list(linnet.load(bundle, threads=threads).stream(texts)))
timed(lambda: run("adapt", bundle, "--data", folder + "/topics.csv", "--output", folder + "/adapted", "--overwrite"))
times[:] = [times[1] / times[0]]
""",
    "memory": """
run("classify", "--bundle", bundle, "--input", file, "--output", folder + "/out.csv")
times.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
""",
}


def measured(work: str, bundle: Path, threads: int, file: Path, folder: Path) -> float:
    """Returns the figure that some work prints."""
    texts = "" if work == "memory" else _TEXTS  # a million rows in memory are not what is measured
    code = f"{_BEGIN}\nimport statistics\n{texts}\n{_WORK[work]}\nprint(times[0])"
    argv = [sys.executable, "-c", code, str(bundle), str(threads), str(file), str(folder)]
    return float(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


def start_up(bundle: Path) -> float:
    """Returns the CPU time of a whole ``linnet classify TEXT``, in seconds."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
        "print(sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]))"
    )
    argv = [
        sys.executable,
        "-c",
        code,
        sys.executable,
        "-m",
        "linnet",
        "classify",
        "--bundle",
        str(bundle),
        "Good news!",
    ]
    return float(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


def examples(data: Path) -> Iterator[list[str]]:
    """Yields tweets with their labels, different ones first: those of TweetEval, then UMSAB's English ones."""
    names = ("negative", "neutral", "positive")
    for texts in (data / "tweeteval_sentiment" / "val_text.txt", data / "umsab" / "english" / "train_text.txt"):
        labels = texts.with_name(texts.name.replace("_text", "_labels")).read_text(encoding="utf-8").split("\n")
        for text, label in zip(texts.read_text(encoding="utf-8").split("\n"), labels, strict=True):
            if label:
                yield [text, names[int(label)]]


def written(file: Path, rows: list[list[str]], count: int) -> Path:
    """Writes a table of as many rows; texts that are repeated get a number, so that each is run."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["text", "label"])
        for number in range(count):
            text, label = rows[number % len(rows)]
            table.writerow([text if number < len(rows) else f"{number} {text}", label])
    return file


def main(argv: Sequence[str] | None = None) -> None:
    """Prints a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="a folder of tweets and vocabularies")
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="a classifier (default: the embedded one)")
    parser.add_argument("--texts", type=int, default=10_000, metavar="N", help="the texts of a file (default: 10000)")
    parser.add_argument("--rows", type=int, metavar="N", help="also measure the peak memory of this many rows")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds (default: 3)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], metavar="N", help="threads (default: 1 2)")
    args = parser.parse_args(argv)
    with packages():
        from linnet.bundle.opening import default_bundle
    bundle, rows = (args.bundle or default_bundle()).resolve(), list(examples(args.data))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        file = written(folder / "some.csv", rows, args.texts)
        for threads in args.threads:
            _print_ratios(bundle, threads, file, folder, args.rounds)
        print(f"classify TEXT, s: {statistics.median(start_up(bundle) for _ in range(2 * args.rounds + 1)):.3f}")
        if args.rows:
            sizes = (10_000, args.rows)
            few, many = (
                measured("memory", bundle, args.threads[0], written(folder / "rows.csv", rows, size), folder)
                for size in sizes
            )
            print(f"peak memory of {sizes[1]:,} rows / {sizes[0]:,}: {many / few:.2f} ({many:.0f} MB, {few:.0f} MB)")


def _print_ratios(bundle: Path, threads: int, file: Path, folder: Path, rounds: int) -> None:
    found: dict[str, list[float]] = {work: [] for work in _WORK if work != "memory"}
    for _ in range(rounds):
        for work, values in found.items():
            values.append(measured(work, bundle, threads, file, folder))
    for work in ("classify", "evaluate"):
        ratios = [one / other for one, other in zip(found[work], found["stream"], strict=True)]
        print(f"{threads} thread(s), {work} / stream: {statistics.median(ratios):.3f}", flush=True)
    print(f"{threads} thread(s), explain / one prediction: {statistics.median(found['explain']):.1f}", flush=True)
    print(f"{threads} thread(s), adapt / classify: {statistics.median(found['adapt']):.2f}", flush=True)


if __name__ == "__main__":
    main()
