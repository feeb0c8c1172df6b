"""The command ``linnet adapt``."""

import argparse
import json

from ...analysis.adaptation.adapting import Adaptation, adapt, changes_of
from ...analysis.evaluation.tables import interval, percent
from ...bundle.deriving import derive, target_of
from ...bundle.opening import open_bundle
from ...notes import tell
from ..bundle_arguments import folder_of
from ..command import DONE
from ..formats.aligned import aligned
from ..labelled_arguments import check_outputs, labelled_rows, tell_left_out
from ..progress import Progress


def run_adapt(args: argparse.Namespace) -> int:
    """Writes a bundle with a head for the labels of the data, and prints how good it is; returns the exit status."""
    bundle = open_bundle(folder_of(args))
    target = target_of(bundle, args.output, overwrite=args.overwrite)
    check_outputs(args)
    rows = labelled_rows(args)
    with Progress(bundle.path.name, len(rows)) as progress:
        found = adapt(
            bundle,
            [row.text for row in rows],
            [str(row.label) for row in rows],
            threads=args.threads,
            preprocess=not args.no_preprocess,
            progress=progress.advance,
        )
    changes = changes_of(bundle, found)
    digest = derive(bundle, target, changes, overwrite=args.overwrite)
    if args.json:
        report = {"bundle": str(args.output), "digest": digest, "parent": bundle.digest, **changes.figures}
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(found)
        tell_left_out(0, found.truncated)
        tell(f"bundle → {args.output}")
    return DONE


def _print(found: Adaptation) -> None:
    figures = found.figures
    print(f"Cross-validated on {figures.rows:,} texts")
    overall = [
        ["accuracy", percent(figures.accuracy.value), interval(figures.accuracy)],
        ["macro recall", percent(figures.macro_recall.value), interval(figures.macro_recall)],
        ["always the most frequent label", percent(found.most_frequent), ""],
    ]
    by_label = [
        [each.label, percent(each.recall.value), percent(each.precision.value), f"{each.support:,}"]
        for each in figures.labels
    ]
    for columns, rows in (
        (("metric", "value", "95 % interval"), overall),
        (("label", "recall", "precision", "texts"), by_label),
    ):
        print(*(f"  {line}" for line in aligned(columns, rows)), sep="\n", end="\n\n")
