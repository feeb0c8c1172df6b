"""Opens the labelled texts that the arguments of ``evaluate`` and ``compare`` name."""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from ..analysis.evaluation.examples import Examples, Row
from ..analysis.evaluation.naming import Naming
from ..bundle.opening import Bundle
from ..errors import InputError
from ..notes import counted, tell
from .formats.arguments import decoded, reading_of
from .formats.labelled import FILE, FOLDER, LabelledFile, LabelledFiles, labels_beside
from .formats.rows import Malformed
from .places import check_places, is_same_file
from .rejects import Rejects
from .text_arguments import standard_input

STANDARD_INPUT = Path("-")


def examples_for(args: argparse.Namespace, bundle: Bundle) -> Examples:
    """Returns the examples that the arguments name, all read once to check them before a model is loaded.

    Raises:
        InputError: the arguments contradict each other, a file cannot be read, or a label is unknown.
    """
    renamed = {decoded(old, "--map"): decoded(new, "--map") for old, new in args.map}
    naming = Naming(bundle.labels, renamed)
    rows = labelled_files(args)
    with _rejects(args, rows) as rejects:
        examples = Examples(rows, naming, args.skip_unknown, rows.other_labels)
        rejects.tell(sum(1 for _ in examples) + examples.skipped)
    return examples


def labelled_rows(args: argparse.Namespace) -> list[Row]:
    """Returns the rows of the files that the arguments name, whatever their labels.

    Raises:
        InputError: the arguments contradict each other, a file cannot be read, or a row has no label.
    """
    files = labelled_files(args)
    with _rejects(args, files) as rejects:
        rows = list(files)
        rejects.tell(len(rows))
    if unlabelled := next((row for row in rows if not str(row.label).strip()), None):
        raise InputError(f"{unlabelled.place}: expected a label, found none; fill it in, or remove the row")
    return rows


def labelled_files(args: argparse.Namespace) -> LabelledFiles:
    """Returns the files that the arguments name.

    Raises:
        InputError: the arguments contradict each other.
    """
    if STANDARD_INPUT not in args.data:
        return LabelledFiles([_file(args, texts) for texts in args.data])
    if len(args.data) > 1:
        raise InputError("--data: expected files, or - for standard input, found both; omit one")
    held = standard_input().read()
    args.data = [Path("standard input")]
    return LabelledFiles([replace(_file(args, args.data[0], args.format or "txt"), held=held)])


@contextmanager
def _rejects(args: argparse.Namespace, files: LabelledFiles) -> Iterator[Rejects]:
    """Gives the malformed rows of files to what the arguments say."""
    rejects = Rejects(data_name(args), strict=args.strict, before=lambda: None)

    def reject(file: Path, found: Malformed) -> None:
        rejects.name = str(file)
        rejects(found)

    files.reject = reject
    with ExitStack() as stack:
        if args.rejects:
            rejects.open(args.rejects, stack)
        yield rejects


def data_name(args: argparse.Namespace) -> str:
    """Returns the name of the data, for titles."""
    return str(args.data[0]) if len(args.data) == 1 else f"{counted(len(args.data), 'file')} such as {args.data[0]}"


def check_outputs(args: argparse.Namespace) -> None:
    """Checks that no output overwrites the data, their labels or another output.

    Raises:
        InputError: it does.
    """
    check_places(args, "the data", args.data)
    check_places(args, "the labels", [args.labels, *map(labels_beside, args.data)])


def tell_left_out(skipped: int, truncated: int) -> None:
    """Notes rows that were left out and texts that were truncated."""
    if skipped:
        tell(f"note: {counted(skipped, 'row')} left out: the model does not have their label")
    if truncated:
        tell(f"note: {counted(truncated, 'text')} truncated to what the model reads, as the original truncates")


def _file(args: argparse.Namespace, texts: Path, kind: str | None = None) -> LabelledFile:
    reading = reading_of(args, str(texts), None if kind else texts)
    column = None if args.label_column is None else decoded(args.label_column, "--label-column")
    by = None if args.by is None else decoded(args.by, "--by")
    if reading.format != "txt" and not args.labels:
        if args.rejects and reading.errors == "strict":
            reading = replace(reading, errors="reject")
        return LabelledFile(texts, reading, texts, column or "label", by)
    if column is not None:
        raise InputError(f"{texts}: --label-column names a column, and the labels are lines of a file: omit one")
    if reading.format == "txt" and by not in (None, FILE, FOLDER):
        raise InputError(f"{texts}: text lines (txt) have no columns: expected --by file or --by folder, found {by!r}")
    return LabelledFile(texts, reading, _labels(args, texts), "", by)


def _labels(args: argparse.Namespace, texts: Path) -> Path:
    if args.labels and is_same_file(args.labels, texts):
        raise InputError(
            f"--labels {texts}: expected a file with one label per line, found the texts' own: "
            "omit --labels, and name the column of the labels with --label-column"
        )
    if args.labels and len(args.data) > 1:
        raise InputError("--labels is for one file of texts, and several are given: name the labels X_labels.txt")
    labels: Path | None = args.labels or labels_beside(texts)
    if labels is None:
        raise InputError(
            f"{texts}: text lines (txt) have no labels: give a file with one label per line with --labels, "
            "or a .csv, .tsv or .jsonl file"
        )
    return labels
