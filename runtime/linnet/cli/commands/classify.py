"""The command ``linnet classify``."""

import argparse
import sys
from contextlib import ExitStack

from ...models.classifier import Classifier
from ...postprocessing.scores import Prediction
from ...system.files import written_whole
from ...tasks import CLASSIFICATION
from ..answering import answer
from ..command import DONE
from ..formats import predictions as outputs
from ..text_arguments import check_text_arguments, open_bundle_for, open_texts, suffix_of, tell_written


def run_classify(args: argparse.Namespace) -> int:
    """Classifies the texts that the arguments name, as they arrive; returns the exit status."""
    check_text_arguments(args, outputs.WRITABLE)
    with ExitStack() as stack:
        texts = open_texts(args, stack)
        model = Classifier(open_bundle_for(CLASSIFICATION, args.bundle), threads=args.threads)
        header, render = _rendering(args, model.labels)
        stream = stack.enter_context(written_whole(args.output)) if args.output else sys.stdout
        stream.write(header)

        def write(text: str, prediction: Prediction) -> None:
            stream.write(render(text, prediction))

        count = answer(texts, model.stream, write, stream.flush, preprocess=not args.no_preprocess)
    tell_written(count, args.output)
    return DONE


def _rendering(args: argparse.Namespace, labels: tuple[str, ...]) -> tuple[str, outputs.Render]:
    """Returns the header of the output and the function that renders its rows."""
    suffix = suffix_of(args.output)
    if args.json or suffix == ".jsonl":
        return "", outputs.render_json
    if suffix == ".csv":
        return outputs.csv_header(labels), outputs.render_csv
    if suffix == ".tsv":
        return outputs.tsv_header(labels), outputs.render_tsv
    if not args.output and sys.stdout.isatty():
        return outputs.table_header(labels), outputs.render_table(labels)
    return "", outputs.render_plain
