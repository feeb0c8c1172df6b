"""The command ``linnet explain``."""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import partial

from ...analysis.explanations import explanation_page
from ...bundle.opening import Bundle, open_bundle
from ...errors import InputError
from ...explaining.explanation import PERMUTATIONS, Explanation
from ...models.classifier import Classifier
from ...notes import tell
from ...system.files import written_whole
from ...tasks import CLASSIFICATION
from ...tokenization.encoding import Tally
from ..answering import answer_all
from ..command import DONE
from ..formats.arguments import decoded
from ..outputs.explanations import explanation_answers, render
from ..outputs.forms import Form
from ..outputs.kinds import OF_EXPLANATIONS
from ..outputs.opening import Job
from ..progress import Progress
from ..text_arguments import check_text_arguments, open_texts, take_bundle


def run_explain(args: argparse.Namespace) -> int:
    """Explains the texts that the arguments name, one by one as they arrive; returns the exit status."""
    take_bundle(args)
    check_text_arguments(args, OF_EXPLANATIONS, default="txt")
    if args.html and args.resume:
        raise InputError("--html shows the texts of a whole run, and --resume goes on with a part: omit one")
    if args.label is not None:
        args.label = decoded(args.label, "--label")
    kept: list[Explanation] = []
    with ExitStack() as stack:
        source, parts = open_texts(args, stack)
        model = Classifier(_open(args), threads=args.threads)
        page = stack.enter_context(written_whole(args.html)) if args.html else None
        coloured = not args.output and _is_coloured()
        plain = Form("", lambda row, found: render(found, coloured=coloured))
        job = Job(args, source, explanation_answers(), model.bundle, plain)
        tell_answered = answer_all(job, parts, partial(_stream, args, model, kept), stack)
        if page:
            page.write(explanation_page(kept, model.bundle.path.resolve().name))
    tell_answered()
    if args.html:
        tell(f"page → {args.html}")
    return DONE


def _stream(
    args: argparse.Namespace,
    model: Classifier,
    kept: list[Explanation],
    texts: Iterable[str],
    *,
    preprocess: bool,
    tally: Tally,
) -> Iterator[Explanation]:
    """Yields the explanations of texts, and keeps those of a page."""
    for text in texts:
        found = _explained(model, text, args, preprocess=preprocess)
        tally.add_one(truncated=found.truncated)
        if args.html:
            kept.append(found)
        yield found


def _open(args: argparse.Namespace) -> Bundle:
    bundle = open_bundle(args.bundle)
    if bundle.settings.task != CLASSIFICATION:
        raise InputError(
            f"{bundle.path}: expected a bundle for {CLASSIFICATION}, found one for {bundle.settings.task}; "
            "only the labels of a classifier can be explained: name another bundle"
        )
    return bundle


def _explained(model: Classifier, text: str, args: argparse.Namespace, *, preprocess: bool) -> Explanation:
    """Explains one text, and shows progress on a terminal, unless that of a file is shown."""
    with ExitStack() as stack:
        shown: list[Progress] = []

        def advance(count: int) -> None:
            if not shown:
                shown.append(stack.enter_context(Progress("explaining", count, shown=not args.input)))
            shown[0].advance(1)

        return model.explain(
            text,
            label=args.label,
            method=args.method,
            permutations=args.permutations or PERMUTATIONS,
            preprocess=preprocess,
            progress=advance,
        )


def _is_coloured() -> bool:
    """Returns whether the output may have colours: on a terminal, unless NO_COLOR is set (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
