"""What the authors' own code makes of texts: the reference of the presets ``bertweet`` and ``pysentimiento``.

    scripts/preprocessing_reference.py PRESET < texts.jsonl > prepared.jsonl   # a JSON string a line
    scripts/preprocessing_reference.py PRESET --write    # into tests/runtime/preprocessing_reference.jsonl
    scripts/preprocessing_reference.py PRESET --check    # that file is what would be written

``bertweet`` wants transformers and emoji==0.6.0, ``pysentimiento`` the package of that name and emoji 2: ``scripts/test``
makes both environments. Each writes its own part of the file and leaves the other's.
"""

import argparse
import json
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from preprocessing_tables import PYTHON_UNICODE, expect, pysentimiento_preprocessing
from preprocessing_texts import builtin_texts, difficult_texts

REFERENCE = Path(__file__).resolve().parent.parent / "tests" / "runtime" / "preprocessing_reference.jsonl"

Prepare = Callable[[str], str]


def main() -> int:
    """Prepares texts, writes the committed outputs, or checks them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=tuple(REFERENCES))
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true")
    action.add_argument("--check", action="store_true")
    args = parser.parse_args()
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
            f"{REFERENCE} is not what {args.preset} gives here: run {sys.argv[0]} {args.preset} --write",
            file=sys.stderr,
        )
        return 1
    return 0


def committed_texts() -> list[str]:
    """The texts of the committed outputs."""
    return [*builtin_texts(), *difficult_texts(1750, seed=0)]


def bertweet_reference() -> Prepare:
    """`normalizeTweet` of transformers' own tokenizer; its vocabulary plays no part."""
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
    """`preprocess_tweet` as pysentimiento's analyzer calls it for its English sentiment model."""
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
    """The committed file with one preset's outputs as they now are."""
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
