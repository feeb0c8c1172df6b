"""What ``evaluate`` and ``compare`` share: answering with progress, and printing tables."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from ..analysis.evaluation.answers import Answers, answers, check_exclusive
from ..analysis.evaluation.examples import Examples
from ..analysis.evaluation.tables import Table
from ..bundle.opening import Bundle, open_bundle
from ..errors import InputError
from ..models.classifier import Classifier
from ..tasks import CLASSIFICATION
from .formats.aligned import aligned
from .formats.labelled import LabelledFiles
from .progress import Progress


def open_classifier(folder: Path | None) -> Bundle:
    """Opens a bundle for classification, or the embedded default.

    Raises:
        InputError: the bundle is for another task.
        BundleError: the bundle cannot be opened.
    """
    bundle = open_bundle(folder)
    if bundle.settings.task != CLASSIFICATION:
        raise InputError(
            f"{bundle.path}: expected a bundle for {CLASSIFICATION}, found one for {bundle.settings.task}; "
            "only classifiers can be judged by labels: name another bundle"
        )
    return bundle


def answered(args: argparse.Namespace, bundle: Bundle, examples: Examples, *, keep: int) -> Answers:
    """Classifies the examples with a bundle; shows progress on a terminal."""
    model = Classifier(bundle, threads=args.threads)
    check_exclusive(model)
    rows = cast(LabelledFiles, examples.rows)
    with Progress(bundle.path.name, rows.size) as progress:
        rows.advance = progress.advance
        found = answers(model, examples, naming=examples.naming, preprocess=not args.no_preprocess, keep=keep)
        rows.advance = None
    return found


def print_tables(tables: Sequence[Table], method: str) -> None:
    """Prints tables, each under its title, aligned for a terminal."""
    for table in tables:
        print(table.title)
        for line in aligned(table.columns, table.rows):
            print(f"  {line}")
        if table.note:
            print(f"  ({table.note})")
        print()
    print(method)


def name_of(bundle: Path) -> str:
    """Returns the name of a bundle's folder, also of ``.``."""
    return bundle.resolve().name
