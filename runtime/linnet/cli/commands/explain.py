"""The command ``linnet explain``."""

import argparse
import os
import sys
from contextlib import ExitStack

from ...analysis.explanations import explanation_page
from ...bundle.opening import Bundle, open_bundle
from ...errors import InputError
from ...explaining.explanation import PERMUTATIONS, Explanation
from ...models.classifier import Classifier
from ...notes import counted, tell
from ...system.files import written_whole
from ...tasks import CLASSIFICATION
from ..command import DONE
from ..formats.arguments import decoded
from ..formats.explanations import render, render_json
from ..progress import Progress
from ..text_arguments import one_by_one


def run_explain(args: argparse.Namespace) -> int:
    """Explains the texts that the arguments name, one by one as they arrive; returns the exit status."""
    texts = one_by_one(args)
    if args.label is not None:
        args.label = decoded(args.label, "--label")
    model = Classifier(_open(args), threads=args.threads)
    kept: list[Explanation] = []
    truncated = 0
    with ExitStack() as stack:
        written = stack.enter_context(written_whole(args.html)) if args.html else None
        for text in texts:
            found = _explained(model, text, args)
            truncated += found.truncated
            print(render_json(found) if args.json else render(found, coloured=_is_coloured()), flush=True)
            if written:
                kept.append(found)
        if written:
            written.write(explanation_page(kept, model.bundle.path.resolve().name))
    if truncated:
        tell(f"note: {counted(truncated, 'text')} had to be truncated: the words that the model reads are explained")
    if args.html:
        tell(f"page → {args.html}")
    return DONE


def _open(args: argparse.Namespace) -> Bundle:
    bundle = open_bundle(args.bundle)
    if bundle.settings.task != CLASSIFICATION:
        raise InputError(
            f"{bundle.path}: expected a bundle for {CLASSIFICATION}, found one for {bundle.settings.task}; "
            "only the labels of a classifier can be explained: name another bundle"
        )
    return bundle


def _explained(model: Classifier, text: str, args: argparse.Namespace) -> Explanation:
    """Explains one text, and shows progress on a terminal."""
    with ExitStack() as stack:
        shown: list[Progress] = []

        def advance(count: int) -> None:
            if not shown:
                shown.append(stack.enter_context(Progress("explaining", count)))
            shown[0].advance(1)

        return model.explain(
            text,
            label=args.label,
            method=args.method,
            permutations=args.permutations or PERMUTATIONS,
            preprocess=not args.no_preprocess,
            progress=advance,
        )


def _is_coloured() -> bool:
    """Returns whether the output may have colours: on a terminal, unless NO_COLOR is set (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
