"""The command ``linnet evaluate``."""

import argparse
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from ...analysis.evaluation.evaluating import Evaluation, evaluation
from ...analysis.evaluation.pages import evaluation_page
from ...analysis.evaluation.published import beside
from ...analysis.evaluation.selective import Targets
from ...analysis.evaluation.tables import evaluation_tables
from ...bundle.manifest import Figure
from ...errors import InputError
from ...notes import tell
from ...system.files import written_whole
from ..command import DONE
from ..judging import answered, name_of, open_classifier, print_tables
from ..labelled_arguments import check_outputs, data_name, examples_for, tell_left_out


def run_evaluate(args: argparse.Namespace) -> int:
    """Classifies labelled texts, and prints how good the answers are; returns the exit status."""
    if args.directory and args.bundle:
        raise InputError(f"expected one bundle, found {args.directory} and --bundle {args.bundle}: omit one")
    check_outputs(args)
    targets = Targets(args.target_precision, args.target_coverage)
    bundle = open_classifier(args.directory or args.bundle)
    examples = examples_for(args, bundle)
    published = bundle.manifest.published
    with ExitStack() as stack:
        written = stack.enter_context(written_whole(args.html)) if args.html else None
        answers = answered(args, bundle, examples, keep=args.wrong)
        found = evaluation(answers, skipped=examples.skipped, targets=targets)
        if written:
            name = name_of(bundle.path)
            written.write(evaluation_page(found, model=name, data=data_name(args), published=published))
    if args.json:
        print(json.dumps(as_json(found, published, bundle=str(bundle.path)), ensure_ascii=False))
    else:
        print_tables(evaluation_tables(found, published), found.method)
        tell_left_out(found.skipped, found.truncated)
    if args.html:
        tell(f"page → {args.html}")
    return DONE


def as_json(found: Evaluation, published: Sequence[Figure], *, bundle: str) -> dict[str, Any]:
    """Returns the object that ``--json`` prints; metrics are from 0 to 1, published values as they were published."""
    figures = [
        {**asdict(each.figure), "measured": asdict(each.measured) if each.measured else None, "verdict": each.verdict}
        for each in beside(published, found)
    ]
    return {"bundle": bundle, **asdict(found), "published": figures}
