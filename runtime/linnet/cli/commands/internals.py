"""The command ``linnet internals``."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

import numpy as np

from ... import load
from ...analysis.internals import internals_page
from ...bundle.opening import open_bundle
from ...errors import InputError
from ...notes import counted, tell
from ...postprocessing.internals import Internals
from ...system.files import bytes_written_whole, written_whole
from ..command import DONE
from ..outputs.internals import render, render_json
from ..places import check_places
from ..text_arguments import check_texts_given, open_texts, take_bundle


def run_internals(args: argparse.Namespace) -> int:
    """Looks inside the model for each text, one by one as they arrive; returns the exit status."""
    take_bundle(args)
    check_texts_given(args)
    if sys.stdout is None:
        raise InputError("standard output is closed: open it, for example with > /dev/null")
    _check_arrays(args)
    check_places(args, "the input", [args.input])
    _ = open_bundle(args.bundle).internals_model  # a bundle without it is refused before a model is loaded
    model = load(args.bundle, threads=args.threads)
    kept: list[Internals] = []
    truncated = 0
    with ExitStack() as stack:
        _, parts = open_texts(args, stack)
        texts = (row.text for part in parts for row in part)
        written = stack.enter_context(written_whole(args.html)) if args.html else None
        arrays = stack.enter_context(bytes_written_whole(args.output)) if args.output else None
        for text in _one(texts) if arrays else texts:
            found = model.internals(text, preprocess=not args.no_preprocess)
            truncated += found.truncated
            print(render_json(found) if args.json else render(found), flush=True)
            if written:
                kept.append(found)
            if arrays:
                _write_arrays(arrays, found)
        if written:
            written.write(internals_page(kept, model.bundle.path.resolve().name))
    if truncated:
        tell(f"note: {counted(truncated, 'text')} had to be truncated: only the tokens that the model reads are shown")
    for what, file in (("page", args.html), ("arrays", args.output)):
        if file:
            tell(f"{what} → {file}")
    return DONE


def _check_arrays(args: argparse.Namespace) -> None:
    if args.output and args.output.suffix.lower() != ".npz":
        raise InputError(
            f"--output {args.output}: expected a name that ends in .npz, found {args.output.suffix or 'no suffix'}"
        )


def _one(texts: Iterator[str]) -> Iterator[str]:
    """Yields the only text.

    Raises:
        InputError: there are several, or none.
    """
    some = list(texts)
    if len(some) != 1:
        raise InputError(f"--output: a .npz file has the arrays of one text, found {len(some)} texts: give one")
    yield from some


def _write_arrays(stream: BinaryIO, found: Internals) -> None:
    np.savez(
        stream,
        text=np.array(found.text),
        tokens=np.array(found.tokens, dtype=str),
        offsets=np.array(found.offsets, dtype=np.int64).reshape(-1, 2),
        hidden_states=found.hidden_states,
        attentions=found.attentions,
    )
