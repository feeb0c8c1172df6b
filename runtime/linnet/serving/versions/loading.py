"""A bundle's folder → a version that may take traffic: verified, loaded, and tried on texts with known answers."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...api import load
from ...bundle.opening import default_bundle
from ...errors import InputError
from ..options import Given
from .version import Version

_CLOSE = 0.99
"""The least cosine between a vector and its known answer: that of INT8 and fp32 is some 0.999."""


@dataclass(frozen=True)
class Smoke:
    """A text with its known answer."""

    text: str
    model: str | None
    """The name of the model that it is for; None for all of the fitting task."""
    label: str | None
    """What a classifier answers."""
    embedding: tuple[float, ...] | None
    """What an embedder answers."""


def read_smoke(file: Path) -> list[Smoke]:
    """Reads texts with known answers: JSON lines with ``text``, ``label`` or ``embedding``, and perhaps ``model``.

    Raises:
        InputError: the file cannot be read, or a line is something else.
    """
    found = []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: expected a readable file of JSON lines: {error}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            found.append(_smoke(f"{file}, line {number}", line))
    return found


def load_version(given: Given, *, threads: int | None, smoke: list[Smoke], key: Path | None) -> Version:
    """Loads a bundle, hashes every file of it, checks that ``key`` signed it if there is one, and tries it.

    Raises:
        BundleError: the folder holds no bundle, or one that cannot be used or was altered.
        InputError: it gives another answer to a text with a known one.
    """
    path = (default_bundle() if given.path is None else given.path).resolve()
    model = load(path, threads=threads, key=key, verify="full")
    version = Version(given.name, given.version or model.bundle.digest[:12], path, model)
    try_out(version, smoke)
    return version


def try_out(version: Version, smoke: list[Smoke]) -> None:
    """Checks that a version answers texts as known.

    Raises:
        InputError: it does not; the message has the text's number, and not the text.
    """
    _check_finite(version)
    for number, known in enumerate(smoke, 1):
        if known.model not in (None, version.name):
            continue
        if version.classifies and known.label is not None:
            found = version.classifier(known.text, min_score=0).label
            if found != known.label:
                raise _failed(version, number, repr(known.label), repr(found))
        elif not version.classifies and known.embedding is not None:
            _check_vector(version, number, known)


def _check_finite(version: Version) -> None:
    """Runs a text, which also loads what the first request would wait for."""
    values = version.classifier.logits("a text") if version.classifies else version.model(["a text"])
    if not np.isfinite(np.asarray(values)).all():
        raise InputError(
            f"{version.path}: expected finite values for a text, found others: convert the checkpoint again"
        )


def _check_vector(version: Version, number: int, known: Smoke) -> None:
    vector, expected = np.asarray(version.model([known.text]))[0], np.array(known.embedding, dtype=np.float32)
    if vector.shape != expected.shape:
        raise _failed(version, number, f"{len(expected)} values", f"{len(vector)}")
    lengths = float(np.linalg.norm(vector) * np.linalg.norm(expected))
    cosine = float(vector @ expected) / lengths if lengths else 0.0
    if cosine < _CLOSE:
        raise _failed(version, number, f"a cosine of at least {_CLOSE} with the known vector", f"{cosine:.4f}")


def _failed(version: Version, number: int, expected: str, found: str) -> InputError:
    return InputError(
        f"{version.path}: text {number} of the smoke set: expected {expected}, found {found}: "
        "the version is not taken; correct the bundle or the smoke set"
    )


def _smoke(place: str, line: str) -> Smoke:
    try:
        values: Any = json.loads(line)
    except ValueError as error:
        raise InputError(f"{place}: expected a JSON object: {error}") from None
    if not isinstance(values, dict) or not isinstance(values.get("text"), str):
        raise InputError(f'{place}: expected an object with "text" and "label" or "embedding"')
    label, embedding, model = (values.get(name) for name in ("label", "embedding", "model"))
    if not isinstance(label, (str, type(None))) or not isinstance(model, (str, type(None))):
        raise InputError(f'{place}: expected "label" and "model" to be strings')
    if (label is None) == (embedding is None):
        raise InputError(f'{place}: expected either "label" or "embedding"')
    if embedding is not None and not (
        isinstance(embedding, list) and all(isinstance(value, (int, float)) for value in embedding)
    ):
        raise InputError(f'{place}: expected "embedding" to be a list of numbers')
    return Smoke(values["text"], model, label, None if embedding is None else tuple(map(float, embedding)))
