#!/usr/bin/env python3
"""Prepares texts with the authors' own code: the reference of the presets ``bertweet`` and ``pysentimiento``.

    .venv/bin/python scripts/preprocessing_reference.py PRESET < texts.jsonl > prepared.jsonl   # one JSON string per line
    .venv/bin/python scripts/preprocessing_reference.py PRESET --write    # writes tests/runtime/preprocessing_reference.jsonl
    .venv/bin/python scripts/preprocessing_reference.py PRESET --check    # checks that this file is up to date

``bertweet`` needs transformers and emoji==0.6.0; ``pysentimiento`` needs pysentimiento and emoji 2. ``scripts/test``
sets up both environments. Each preset updates only its own outputs in the file.
"""

import argparse
import json
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from needed import packages
from preprocessing_tables import PYTHON_UNICODE, expect, pysentimiento_preprocessing
from preprocessing_texts import builtin_texts, difficult_texts

REFERENCE = Path(__file__).resolve().parent.parent / "tests" / "runtime" / "preprocessing_reference.jsonl"

Prepare = Callable[[str], str]


def main() -> int:
    """Prepares texts, or writes or checks the committed outputs; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=tuple(REFERENCES), help="the preset")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true", help="write the preset's outputs to the committed file")
    action.add_argument("--check", action="store_true", help="write nothing; fail if the committed outputs differ")
    args = parser.parse_args()
    with packages("scripts/test sets up .venv for bertweet, and .venv-pysentimiento for pysentimiento"):
        prepare = REFERENCES[args.preset]()
    if not args.write and not args.check:
        for line in sys.stdin:
            print(json.dumps(prepare(json.loads(line))))
        return 0
    if unicodedata.unidata_version != PYTHON_UNICODE:
        print(f"expected a Python with Unicode {PYTHON_UNICODE}, found {unicodedata.unidata_version}", file=sys.stderr)
        return 2
    content = _with_outputs(args.preset, prepare)
    if args.write:
        REFERENCE.write_text(content, encoding="utf-8")
    elif REFERENCE.read_text(encoding="utf-8") != content:
        print(
            f"{REFERENCE} differs from the outputs of {args.preset} here: run {sys.argv[0]} {args.preset} --write",
            file=sys.stderr,
        )
        return 1
    return 0


def committed_texts() -> list[str]:
    """Returns the texts of the committed outputs."""
    return [*builtin_texts(), *difficult_texts(1750, seed=0)]


def bertweet_reference() -> Prepare:
    """Returns `normalizeTweet` of transformers' tokenizer; it does not use the vocabulary."""
    from transformers import BertweetTokenizer

    expect("emoji", "0.6.0")
    with tempfile.TemporaryDirectory() as folder:
        vocabulary, merges = Path(folder) / "vocab.txt", Path(folder) / "bpe.codes"
        vocabulary.write_text("a 1\n")
        merges.write_text("a b 1\n")
        tokenizer = BertweetTokenizer(str(vocabulary), str(merges), normalization=True)
    normalize: Prepare = tokenizer.normalizeTweet
    return normalize


def pysentimiento_reference() -> Prepare:
    """Returns `preprocess_tweet` as pysentimiento's analyzer calls it for its English sentiment model."""
    expect("pysentimiento", "0.7.3")
    if version("emoji").startswith("0."):
        sys.exit(f"expected emoji 2, found {version('emoji')}: pip install --upgrade emoji")
    prepare = pysentimiento_preprocessing().preprocess_tweet
    return lambda text: prepare(text, lang="en", user_token="@USER", url_token="HTTPURL")


REFERENCES: dict[str, Callable[[], Prepare]] = {
    "bertweet": bertweet_reference,
    "pysentimiento": pysentimiento_reference,
}


def _with_outputs(preset: str, prepare: Prepare) -> str:
    """Returns the content of the committed file, with the outputs of one preset updated."""
    lines = REFERENCE.read_text(encoding="utf-8").rstrip("\n").split("\n") if REFERENCE.exists() else []
    known = {row["text"]: row for row in map(json.loads, lines)}
    rows = []
    for text in committed_texts():
        row = known.get(text, {})
        outputs = {name: row[name] for name in REFERENCES if name in row} | {preset: prepare(text)}
        rows.append({"text": text, **{name: outputs[name] for name in REFERENCES if name in outputs}})
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
