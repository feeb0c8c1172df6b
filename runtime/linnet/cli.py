"""The command ``linnet``: a thin skin over the library."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import tee
from pathlib import Path

import linnet
from linnet import bundle, inputs, outputs
from linnet.command import DONE, FAILED, Commands, add_command, run_command
from linnet.errors import InputError
from linnet.files import written_whole
from linnet.manifest import verify
from linnet.progress import Progress


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments of one command; exits with 2 if they cannot be used."""
    parser = argparse.ArgumentParser(prog="linnet", description="Runs INT8 bundles of Hugging Face encoders.")
    parser.add_argument("--version", action="version", version=f"linnet {linnet.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_classify(commands)
    _add_info(commands)
    _add_verify(commands)
    return parser.parse_args(argv)


def _add_classify(commands: Commands) -> None:
    add = add_command(
        commands,
        "classify",
        "classify texts",
        run_classify,
        'linnet classify "Good news!"',
        "linnet classify --input tweets.csv --column text --output predictions.csv",
        "cat tweets.txt | linnet classify --json",
    ).add_argument
    add(
        "texts",
        nargs="*",
        metavar="TEXT",
        help="a text; with none, and no --input, texts come from standard input, one a line",
    )
    add("--bundle", type=Path, metavar="DIR", help="the bundle (default: the embedded one)")
    add("--input", type=Path, metavar="FILE", help="a .txt file, a text a line, or a .csv, .tsv or .jsonl file")
    add("--column", metavar="NAME", help="the column of --input, or the key of its objects (default: text)")
    add("--output", type=Path, metavar="FILE", help="write to a .jsonl, .csv, .tsv or .txt file")
    add("--json", action="store_true", help="one JSON object a line")
    add("--no-preprocess", action="store_true", help="the texts are already prepared as the checkpoint expects")
    add("--threads", type=_positive, metavar="N", help="threads of one run (default: one a processor)")


def _add_info(commands: Commands) -> None:
    add = add_command(commands, "info", "say what a bundle is", run_info, "linnet info my-bundle").add_argument
    add("bundle", nargs="?", type=Path, metavar="DIR", help="the bundle (default: the embedded one)")
    add("--json", action="store_true", help="one JSON object")


def _add_verify(commands: Commands) -> None:
    add = add_command(
        commands, "verify", "hash every file of a bundle, weights too", run_verify, "linnet verify my-bundle"
    ).add_argument
    add("bundle", nargs="?", type=Path, metavar="DIR", help="the bundle (default: the embedded one)")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; gives its exit status: 0 done, 1 the work failed, 2 unusable arguments or input."""
    return run_command(parse_args(argv), "linnet")


def run_classify(args: argparse.Namespace) -> int:
    """Classifies the texts that the arguments name, as they come in."""
    _check_arguments(args)
    with ExitStack() as stack:
        texts = _texts(args, stack)
        model = linnet.load(args.bundle, threads=args.threads)
        header, render = _rendering(args, model.labels)
        stream = stack.enter_context(written_whole(args.output)) if args.output else sys.stdout
        stream.write(header)
        shown, classified = tee(texts)
        for prediction in _predictions(args, model, classified):
            stream.write(render(next(shown), prediction))
    return DONE


def run_info(args: argparse.Namespace) -> int:
    """Prints what a bundle is."""
    facts = describe(bundle.open_bundle(args.bundle))
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
        return DONE
    width = max(map(len, facts))
    for name, value in facts.items():
        shown = ", ".join(value) if isinstance(value, list) else "not stated" if value is None else value
        print(f"{name:<{width}}  {shown}")
    return DONE


def run_verify(args: argparse.Namespace) -> int:
    """Hashes every file of a bundle, and says which are not what the manifest says."""
    folder = args.bundle or bundle.default_bundle()
    checked = size = faults = 0
    for record, fault in verify(folder):
        checked, size = checked + 1, size + record.size
        if fault:
            faults += 1
            print(f"linnet: {fault}", file=sys.stderr)
    if faults:
        print(f"{folder}: {faults} of {checked} files are not as they were made", file=sys.stderr)
        return FAILED
    print(f"{folder}: {checked} files, {size / 1e6:.1f} MB, all as they were made")
    return DONE


def describe(opened: bundle.Bundle) -> dict[str, object]:
    """The facts that ``linnet info`` prints."""
    source = opened.manifest["source"]
    return {
        "bundle": str(opened.path),
        "task": opened.settings.task,
        "source": source.get("id"),
        "revision": source.get("revision"),
        "labels": list(opened.labels),
        "preprocessing": opened.settings.preprocessing,
        "max_length": opened.settings.max_length,
        "quantization": opened.settings.quantization,
        "licence": opened.manifest.get("licence"),
        "size": f"{opened.size / 1e6:.1f} MB",
        "format_version": opened.manifest["format_version"],
    }


def _predictions(
    args: argparse.Namespace, model: linnet.Classifier, texts: Iterator[str]
) -> Iterator[linnet.Prediction]:
    if _typed(args):  # somebody waits for each answer
        return (model(text, preprocess=not args.no_preprocess) for text in texts)
    return model.stream(texts, preprocess=not args.no_preprocess)


def _typed(args: argparse.Namespace) -> bool:
    """Whether the texts come from a person at a terminal."""
    return not args.texts and not args.input and sys.stdin is not None and sys.stdin.isatty()


def _check_arguments(args: argparse.Namespace) -> None:
    """What can be said before a model is loaded."""
    if args.texts and args.input:
        raise InputError("expected texts or --input, found both: leave one out")
    if args.column and not args.input:
        raise InputError("--column names a column of a file: give the file with --input")
    if not args.output and sys.stdout is None:
        raise InputError("standard output is closed: name a file with --output")
    both_exist = args.output and args.input and args.output.exists() and args.input.exists()
    if both_exist and args.output.samefile(args.input):
        raise InputError(f"--output {args.output} is the input, whose other columns would be lost: name another file")
    if args.output:
        expected = (".jsonl",) if args.json else outputs.WRITABLE
        if args.output.suffix.lower() not in expected:
            raise InputError(
                f"--output {args.output}: expected a name that ends in {', '.join(expected)}, "
                f"found {args.output.suffix or 'no suffix'}"
            )


def _texts(args: argparse.Namespace, stack: ExitStack) -> Iterator[str]:
    if args.texts:
        return iter(args.texts)
    if args.input:
        size = args.input.stat().st_size if args.input.is_file() else 0
        progress = stack.enter_context(Progress(args.input.name, size))
        return inputs.read_file(args.input, args.column, progress.advance)
    if sys.stdin is None:
        raise InputError("standard input is closed: give texts, or a file with --input")
    if _typed(args):
        print("linnet: reading texts from the terminal, one a line; Ctrl-D ends", file=sys.stderr)
    return inputs.read_lines(sys.stdin.buffer, "standard input")


def _rendering(args: argparse.Namespace, labels: tuple[str, ...]) -> tuple[str, outputs.Render]:
    """The header and the row of what is to be written."""
    suffix = args.output.suffix.lower() if args.output else ""
    if args.json or suffix == ".jsonl":
        return "", outputs.render_json
    if suffix in (".csv", ".tsv"):
        delimiter = "," if suffix == ".csv" else "\t"
        return outputs.delimited_header(labels, delimiter), outputs.render_delimited(delimiter)
    if not args.output and sys.stdout.isatty():
        return outputs.table_header(labels), outputs.render_table(labels)
    return "", outputs.render_plain


def _positive(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, found {value!r}")
    return int(value)
