"""``linnet classify``."""

import argparse
import sys
from contextlib import ExitStack
from functools import partial
from itertools import tee

from linnet import outputs
from linnet.bundle import CLASSIFICATION
from linnet.classifier import Classifier
from linnet.command import DONE
from linnet.completeness import Completeness
from linnet.files import written_whole
from linnet.text_arguments import check_text_arguments, open_bundle_for, open_texts, suffix_of


def run_classify(args: argparse.Namespace) -> int:
    """Classifies the texts that the arguments name, as they come in."""
    check_text_arguments(args, outputs.WRITABLE)
    with ExitStack() as stack:
        texts = open_texts(args, stack)
        model = Classifier(open_bundle_for(CLASSIFICATION, args.bundle), threads=args.threads)
        header, render = _rendering(args, model.labels)
        stream = stack.enter_context(written_whole(args.output)) if args.output else sys.stdout
        stream.write(header)
        completeness = stack.enter_context(
            Completeness(model.bundle, partial(model.encode, preprocess=not args.no_preprocess))
        )
        for part in texts:
            shown, classified = tee(part)
            for prediction in model.stream(classified, preprocess=not args.no_preprocess):
                text = next(shown)
                stream.write(render(text, prediction))
                completeness.count(text)
            stream.flush()
    return DONE


def _rendering(args: argparse.Namespace, labels: tuple[str, ...]) -> tuple[str, outputs.Render]:
    """The header and the row of what is to be written."""
    suffix = suffix_of(args.output)
    if args.json or suffix == ".jsonl":
        return "", outputs.render_json
    if suffix in (".csv", ".tsv"):
        delimiter = "," if suffix == ".csv" else "\t"
        return outputs.delimited_header(labels, delimiter), outputs.render_delimited(delimiter)
    if not args.output and sys.stdout.isatty():
        return outputs.table_header(labels), outputs.render_table(labels)
    return "", outputs.render_plain
