"""The command ``linnet calibrate``."""

import argparse
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import numpy as np

from ...analysis.calibration.calibrating import Calibrated, calibrate, changes_of, rows_of
from ...analysis.calibration.pages import calibration_page
from ...analysis.evaluation.answers import check_exclusive
from ...bundle.deriving import derive, target_of
from ...bundle.opening import Bundle
from ...errors import InputError
from ...models.classifier import Classifier
from ...notes import tell
from ...postprocessing.calibration import Calibration, Thresholds, thresholds_of
from ...system.files import written_whole
from ..bundle_arguments import folder_of
from ..command import DONE
from ..formats.aligned import aligned
from ..judging import name_of, open_classifier
from ..labelled_arguments import check_outputs, data_name, examples_for, tell_left_out
from ..min_scores import min_score_of
from ..progress import Progress


def run_calibrate(args: argparse.Namespace) -> int:
    """Writes a bundle with calibrated scores, and prints how good they are; returns the exit status."""
    bundle = open_classifier(folder_of(args))
    target = target_of(bundle, args.output, overwrite=args.overwrite)
    thresholds = _thresholds(args, bundle)
    with ExitStack() as stack:
        found = None
        calibration = bundle.settings.calibration or Calibration()
        if args.data:
            written = stack.enter_context(written_whole(args.html)) if args.html else None
            found = _found(args, bundle)
            calibration = found.calibration
            if written:
                written.write(calibration_page(found, model=name_of(bundle.path), data=data_name(args)))
        changes = changes_of(bundle, Calibration(calibration.temperature, calibration.bias, thresholds), found)
        digest = derive(bundle, target, changes, overwrite=args.overwrite)
    if args.json:
        report = {"bundle": str(args.output), "digest": digest, "parent": bundle.digest, **changes.figures}
        print(json.dumps(report, ensure_ascii=False))
        return DONE
    if found:
        _print(found)
        if found.after.log_loss >= found.before.log_loss:
            tell(
                f"note: the calibrated scores are no better than those before, by negative log likelihood: keep {bundle.path}"
            )
    tell(f"bundle → {args.output}")
    if args.html:
        tell(f"page → {args.html}")
    return DONE


def _thresholds(args: argparse.Namespace, bundle: Bundle) -> Thresholds:
    """Returns the thresholds that the arguments name, checked before work that takes time."""
    min_score = min_score_of(args.min_score)
    if not args.data:
        if min_score is None:
            raise InputError("expected texts with labels, or thresholds, found neither: give --data or --min-score")
        if args.html or args.bias or args.skip_unknown or args.map:
            raise InputError("--html, --bias, --map and --skip-unknown are about --data, which is missing: add --data")
    else:
        check_outputs(args)
    if min_score is None:
        return {}
    thresholds_of(bundle.labels, min_score)
    return min_score if isinstance(min_score, Mapping) else dict.fromkeys(bundle.labels, min_score)


def _found(args: argparse.Namespace, bundle: Bundle) -> Calibrated:
    """Returns the calibration that fits the data."""
    examples = examples_for(args, bundle)
    known = list(examples)
    model = Classifier(bundle, threads=args.threads)
    check_exclusive(model)
    with Progress(bundle.path.name, len(known)) as progress:

        def texts() -> Iterator[str]:
            for each in known:
                yield each.text
                progress.advance(1)

        logits = model.logits(texts(), preprocess=not args.no_preprocess)
    tell_left_out(examples.skipped, 0)
    truths = np.array([each.truth for each in known], dtype=np.int64)
    return calibrate(model.head, logits, truths, [each.text for each in known], bias=args.bias)


def _print(found: Calibrated) -> None:
    calibration = found.calibration
    print(f"Temperature {calibration.temperature:.4f}, fitted on {found.texts:,} texts")
    for label, bias in calibration.bias.items():
        print(f"  bias {bias:+.4f}  {label}")
    print("After: by cross-validation, each text with a calibration that was fitted without it")
    print(*(f"  {line}" for line in aligned(("measure", "before", "after"), rows_of(found))), sep="\n")
