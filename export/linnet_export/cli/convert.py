"""The commands ``linnet-export convert`` and ``linnet-export parity``."""

import argparse
import json
import shlex
from pathlib import Path

from linnet.bundle.opening import open_bundle
from linnet.cli.command import DONE, FAILED
from linnet.cli.formats.arguments import reading_of
from linnet.cli.formats.reading import read_file
from linnet.errors import InputError
from linnet.tasks import TASKS

from linnet_export.convert import check_parity, convert
from linnet_export.parity.report import parity_report


def run_convert(args: argparse.Namespace) -> int:
    """Converts a checkpoint, prints the measured parity, and returns the exit status."""
    parity = convert(
        args.checkpoint,
        args.output,
        recipe=args.recipe,
        revision=args.revision,
        task=args.task,
        preprocessing=args.preprocessing,
        pooling=args.pooling,
        normalize=args.normalize,
        quantization=args.quantization,
        embedding_bits=args.embedding_bits,
        scripts=args.scripts,
        vocabulary_from=_read(args.vocabulary_from, args) if args.vocabulary_from else None,
        internals=args.internals,
        offline=args.offline,
        accept_licence=args.accept_licence,
        texts=_texts(args),
        overwrite=args.overwrite,
        silent=args.quiet,
    )
    print(parity_report(parity))
    command = TASKS[open_bundle(args.output).settings.task].command
    print(f'{args.output} is ready: {command} --bundle {shlex.quote(str(args.output))} "Good news!"')
    return DONE


def run_parity(args: argparse.Namespace) -> int:
    """Measures parity, prints it as a table or JSON, and returns the exit status."""
    parity = check_parity(
        args.bundle,
        args.checkpoint,
        recipe=args.recipe,
        revision=args.revision,
        offline=args.offline,
        texts=_texts(args),
        silent=args.quiet,
    )
    print(json.dumps(parity.as_json(), ensure_ascii=False) if args.json else parity_report(parity))
    return FAILED if parity.failures else DONE


def _texts(args: argparse.Namespace) -> list[str]:
    files = [args.texts, getattr(args, "vocabulary_from", None)]
    if args.column and not any(_has_columns(file, args) for file in files if file):
        raise InputError("--column needs a .csv, .tsv or .jsonl file: give one with --texts or --vocabulary-from")
    return _read(args.texts, args) if args.texts else []


def _read(file: Path, args: argparse.Namespace) -> list[str]:
    if not _has_columns(file, args):
        for_tables = {"column": None, "delimiter": None, "no_quotes": False}  # they are about the other file
        args = argparse.Namespace(**{**vars(args), **for_tables})
    return list(read_file(file, reading_of(args, str(file), file), silent=args.quiet))


def _has_columns(file: Path, args: argparse.Namespace) -> bool:
    return bool(file.suffix.lower() != ".txt" if args.format is None else args.format != "txt")
