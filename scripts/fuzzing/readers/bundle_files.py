"""The readers of a bundle's JSON files, the packed weights' list included."""

import json
import random
import tempfile
from functools import cache, partial
from pathlib import Path

import numpy as np
from linnet.bundle.calibration import check_labels
from linnet.bundle.config import check_fit, labels_of
from linnet.bundle.manifest import parse_manifest
from linnet.bundle.opening import default_bundle
from linnet.bundle.settings import Settings, read_settings
from linnet.fields import parse_object
from linnet.names import CONFIG, MANIFEST, SETTINGS
from linnet.packing.listing import LIST, read_prepared
from linnet.postprocessing.scores import Head
from linnet.preprocessing import preprocessor

from fuzzing.readers.mutations import light_json, mutate_bytes, mutate_json
from fuzzing.readers.reader import Reader

TINY = Path(__file__).parents[3] / "tests" / "runtime" / "tiny_embedder"
_TABLES = Path(__file__).parents[3] / "export" / "linnet_export" / "bundle" / "preprocessing_tables"
_TEXTS = ["", "Good news! 😀👍🏽 #GoodNews @someone https://t.co/a &amp; can't", "a" * 200, "Σ|_|é\u0301\u200d❤️ 1.1 ha"]
_CALIBRATION = {"temperature": 1.5, "bias": {"negative": 0.25}, "thresholds": {"neutral": 0.5, "positive": None}}
_KEPT = 40
"""The entries of each table that are kept, so that one input takes a millisecond."""


@cache
def _labels() -> tuple[str, ...]:
    return labels_of(json.loads((default_bundle() / CONFIG).read_bytes()))


@cache
def _settings() -> Settings:
    return read_settings((default_bundle() / SETTINGS).read_bytes())


@cache
def _scratch() -> Path:
    return Path(tempfile.mkdtemp(prefix="linnet-fuzz-"))


def _read_manifest(content: bytes) -> None:
    parse_manifest(content, any_format=True)
    parse_manifest(content)


def _read_config(content: bytes) -> None:
    config = parse_object(CONFIG, content)
    check_fit(config, _settings())
    Head(labels_of(config), config.get("problem_type"))


def _read_calibration(content: bytes) -> None:
    """Reads settings, and makes scores with their calibration."""
    settings = read_settings(content)
    check_labels(settings.calibration, _labels())
    Head(_labels(), calibration=settings.calibration).predictions(np.array([[-3.0, 0.0, 1e4]], np.float32))


def _read_tables(preset: str, content: bytes) -> None:
    prepare = preprocessor(preset, content)
    for text in _TEXTS:
        prepare(text)


def _read_list(content: bytes) -> None:
    (_scratch() / LIST).write_bytes(content)
    read_prepared(_scratch(), Path("bundle"))


def _files(name: str) -> list[bytes]:
    return [(folder / name).read_bytes() for folder in (default_bundle(), TINY)]


def _config() -> list[bytes]:
    return [(default_bundle() / CONFIG).read_bytes()]


def _calibrated() -> list[bytes]:
    values = json.loads((default_bundle() / SETTINGS).read_bytes())
    return [json.dumps({**values, "calibration": _CALIBRATION}).encode()]


def _mutate_calibration(content: bytes, chance: random.Random) -> bytes:
    try:
        values = json.loads(content)
        values["calibration"] = light_json(values["calibration"], chance)
    except (ValueError, KeyError, TypeError, RecursionError):
        return mutate_bytes(content, chance)
    return json.dumps(values).encode()


def _tables(preset: str) -> list[bytes]:
    values = json.loads((_TABLES / f"{preset}.json").read_bytes())
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = value[:_KEPT]
        elif isinstance(value, dict):
            values[name] = dict(list(value.items())[:_KEPT])
    if "components" in values:  # they are some of the emoji
        values["components"] = "".join(emoji for emoji in values["emoji"] if emoji in values["components"])
    return [json.dumps(values).encode()]


def _list() -> list[bytes]:
    name = f"prepared-{'0' * 12}.onnx"
    files = [{"path": path, "size": 3, "sha256": "a" * 64} for path in (name, f"{name}_data")]
    return [json.dumps({"facts": {"layout": 3, "bundle": {}}, "files": files}).encode()]


READERS = (
    Reader("manifest", _read_manifest, partial(_files, MANIFEST), mutate_json),
    Reader("settings", read_settings, partial(_files, SETTINGS), mutate_json),
    Reader("config", _read_config, _config, mutate_json),
    Reader("calibration", _read_calibration, _calibrated, _mutate_calibration),
    Reader("bertweet", partial(_read_tables, "bertweet"), partial(_tables, "bertweet"), mutate_json),
    Reader("pysentimiento", partial(_read_tables, "pysentimiento"), partial(_tables, "pysentimiento"), mutate_json),
    Reader("prepared", _read_list, _list, mutate_json),
)
