"""The command ``linnet classify``."""

import argparse
import sys
from contextlib import ExitStack
from functools import partial

from ...models.classifier import Classifier
from ...postprocessing.windows import WINDOWS
from ...tasks import CLASSIFICATION
from ..answering import answer_all
from ..command import DONE
from ..long_texts import check_long, long_of
from ..min_scores import min_score_of
from ..outputs import predictions as outputs
from ..outputs.forms import Form
from ..outputs.kinds import OF_PREDICTIONS
from ..outputs.opening import Job
from ..text_arguments import check_text_arguments, into_stream, open_bundle_for, open_texts


def run_classify(args: argparse.Namespace) -> int:
    """Classifies the texts that the arguments name, as they arrive; returns the exit status."""
    shown = not args.output and sys.stdout is not None and sys.stdout.isatty()
    check_text_arguments(args, OF_PREDICTIONS, default="table" if shown else "txt")
    check_long(args)
    min_score = min_score_of(args.min_score)
    with ExitStack() as stack:
        source, parts = open_texts(args, stack)
        model = Classifier(open_bundle_for(CLASSIFICATION, args.bundle), threads=args.threads)
        model.head.least(min_score)  # before texts are read: it may name an unknown label
        answers = outputs.prediction_answers(
            model.labels, truncated=not into_stream(args), windows=args.long == WINDOWS
        )
        job = Job(args, source, answers, model.bundle, _plain(args, model.labels))
        tell = answer_all(job, parts, partial(model.stream, long=long_of(args), min_score=min_score), stack)
    tell()
    return DONE


def _plain(args: argparse.Namespace, labels: tuple[str, ...]) -> Form | None:
    """Returns the form of the outputs that people read."""
    if args.kind == "table":
        render = outputs.render_table(labels)
        return Form(outputs.table_header(labels), lambda row, found: render(row.text, found))
    return Form("", lambda row, found: outputs.render_plain(row.text, found)) if args.kind == "txt" else None
