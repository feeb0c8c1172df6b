"""The command ``linnet compare``."""

import argparse
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TextIO

from ...analysis.evaluation.comparing import Comparison, Difference, comparison, differences, surest_differences
from ...analysis.evaluation.evaluating import WRONG
from ...analysis.evaluation.pages import comparison_page
from ...analysis.evaluation.tables import comparison_tables
from ...errors import InputError
from ...notes import counted, tell
from ...system.files import written_whole
from ..command import DONE
from ..judging import answered, name_of, open_classifier, print_tables
from ..labelled_arguments import check_outputs, data_name, examples_for, tell_left_out
from ..outputs.forms import csv_line

WRITABLE = (".jsonl", ".csv")


def run_compare(args: argparse.Namespace) -> int:
    """Classifies labelled texts with two bundles, and prints which is better; returns the exit status."""
    check_outputs(args)
    if args.rows and args.rows.suffix.lower() not in WRITABLE:
        found = args.rows.suffix or "no suffix"
        raise InputError(f"--rows {args.rows}: expected a name that ends in {', '.join(WRITABLE)}, found {found}")
    bundles = [open_classifier(folder) for folder in (args.first, args.second)]
    examples = examples_for(args, bundles[0])
    examples.naming.order(bundles[1].labels, str(bundles[1].path))
    names = _names(args.first, args.second)
    with ExitStack() as stack:
        page, rows = (stack.enter_context(written_whole(file)) if file else None for file in (args.html, args.rows))
        first, second = (answered(args, bundle, examples, keep=WRONG) for bundle in bundles)
        differing: Iterable[Difference] = differences(examples, first, second)
        if rows:
            differing = _written(rows, differing, as_csv=args.rows.suffix.lower() == ".csv")
        compared = comparison(first, second, surest_differences(differing, WRONG), skipped=examples.skipped)
        if page:
            page.write(comparison_page(compared, names=names, data=data_name(args)))
    _report(args, compared, names)
    return DONE


def as_json(found: Comparison, names: tuple[str, str]) -> dict[str, Any]:
    """Returns the object that ``--json`` prints; metrics are from 0 to 1."""
    return {"bundles": names, **asdict(found)}


def _report(args: argparse.Namespace, found: Comparison, names: tuple[str, str]) -> None:
    if args.json:
        print(json.dumps(as_json(found, names), ensure_ascii=False))
    else:
        print_tables(comparison_tables(found, names), found.method)
        tell_left_out(found.first.skipped, found.first.truncated)
    if args.rows:
        tell(f"{counted(found.differing, 'row')} → {args.rows}")
    if args.html:
        tell(f"page → {args.html}")


def _names(first: Path, second: Path) -> tuple[str, str]:
    """Returns the names of the bundles' folders, told apart if they are the same."""
    names = name_of(first), name_of(second)
    return names if names[0] != names[1] else (f"{names[0]} (A)", f"{names[1]} (B)")


def _written(stream: TextIO, rows: Iterable[Difference], *, as_csv: bool) -> Iterator[Difference]:
    """Yields the rows, each once it is written as CSV or as a line of JSON."""
    line = csv_line()
    if as_csv:
        stream.write(line(field.name for field in fields(Difference)))
    for row in rows:
        if as_csv:
            stream.write(line("" if value is None else str(value) for value in asdict(row).values()))
        else:
            stream.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
        yield row
