"""Other programs load finished bundles as they are: small ones of both schemes, and the embedded default.

The table in export/README.md says the same: for each program and scheme, there is a test here.
"""

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from checkpoints import make_checkpoint
from linnet.analysis.adaptation.adapting import LEAST_TEXTS, adapt, changes_of
from linnet.arrays import Floats
from linnet.bundle.deriving import derive
from linnet.bundle.opening import default_bundle, open_bundle
from linnet.names import SENTENCE_MODULES
from linnet.postprocessing.pooling import POOLINGS, normalized
from linnet_export.convert import convert
from pages import ROOT

LOADERS = ROOT / "tests" / "support" / "loaders"
NODE = ROOT / ".venv-node"
PYTHON = ROOT / ".venv-loaders" / "bin" / "python"
SCHEMES = ("per-token", "per-tensor")
CLASSIFIERS, EMBEDDERS = (
    ("default", *(f"moods-{scheme}" for scheme in SCHEMES)),
    [f"vectors-{each}" for each in SCHEMES],
)
NAMES = [*CLASSIFIERS, *EMBEDDERS]
TEXTS = ["Good news! 🎉", "so bad", "", "two hours on hold, and then they hung up", "a " * 100]
TOO_LONG = "a " * 600


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the bundles: ``moods-…`` classify, ``vectors-…`` embed; the schemes pool in two ways."""
    folder = tmp_path_factory.mktemp("bundles")
    checkpoint = make_checkpoint(folder / "checkpoint", "roberta")
    for scheme, pooling in zip(SCHEMES, ("cls", "mean"), strict=True):
        convert(checkpoint, folder / f"moods-{scheme}", quantization=scheme)
        convert(
            checkpoint,
            folder / f"vectors-{scheme}",
            quantization=scheme,
            task="feature-extraction",
            pooling=pooling,
            normalize=pooling == "cls",
        )
    (folder / "default").symlink_to(default_bundle())
    return folder


@cache
def model_of(bundle: Path) -> Any:
    return linnet.load(bundle, threads=1)


def own(bundle: Path, text: str) -> Floats:
    """Linnet's logits or vector of a text."""
    model = model_of(bundle)
    answers = model.logits if isinstance(model, linnet.Classifier) else model
    found: Floats = answers([text], preprocess=False)[0]
    return found


def pooled(bundle: Path, output: Any) -> Floats:
    """The logits, or the vector that Linnet makes of the token vectors that a program gives."""
    found, embedding = np.asarray(output, dtype=np.float32), model_of(bundle).bundle.settings.embedding
    if embedding is None:
        return found
    vector = POOLINGS[embedding.pooling](found)
    return normalized(vector) if embedding.normalize else vector


def run(command: list[Any], folder: Path, names: list[str], given: dict[str, Any]) -> Any:
    """Runs a loader; returns what it printed."""
    env = {**os.environ, "ORT_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [*map(str, command), folder, *names],
        input=json.dumps(given),
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def texts_of(names: list[str], *more: str) -> dict[str, list[str]]:
    return {name: [*TEXTS, *more] for name in names}


@pytest.fixture(scope="module")
def in_node(bundles: Path) -> Any:
    if not (NODE / "node_modules").is_dir():
        pytest.skip("npm has not installed @huggingface/transformers")
    return lambda script, given: run(["node", LOADERS / script, NODE], bundles, NAMES, given)


def check_node(bundles: Path, answers: Any) -> None:
    for name in NAMES:
        for theirs, text in zip(answers[name], TEXTS, strict=False):
            assert theirs["ids"] == model_of(bundles / name).encode([text], preprocess=False)[0].ids, (name, text)
            found = pooled(bundles / name, theirs["output"])
            np.testing.assert_allclose(found, own(bundles / name, text), atol=2e-5, err_msg=f"{name}: {text}")


def test_transformers_js(in_node: Any, bundles: Path) -> None:
    answers = in_node("transformers_js.mjs", texts_of(NAMES, TOO_LONG))
    check_node(bundles, answers)
    for name in NAMES:  # it cuts off the last special token with the rest
        (encoding,) = model_of(bundles / name).encode([TOO_LONG], preprocess=False)
        assert encoding.truncated and len(answers[name][-1]["ids"]) == len(encoding.ids)
        assert answers[name][-1]["ids"][:-1] == encoding.ids[:-1]
        assert answers[name][-1]["ids"][-1] != encoding.ids[-1]


def test_onnxruntime_node_with_tokenizers_js(in_node: Any, bundles: Path) -> None:
    answers = in_node("onnxruntime_node.mjs", texts_of(NAMES))
    assert [len(answers[name]) for name in NAMES] == [len(TEXTS)] * len(NAMES)
    check_node(bundles, answers)


@pytest.mark.parametrize("name", NAMES)
def test_optimum_with_auto_tokenizer(bundles: Path, name: str) -> None:
    from optimum.onnxruntime import ORTModelForFeatureExtraction, ORTModelForSequenceClassification
    from transformers import AutoTokenizer

    kind = ORTModelForSequenceClassification if name in CLASSIFIERS else ORTModelForFeatureExtraction
    model = kind.from_pretrained(bundles / name, subfolder="onnx", file_name="model_quantized.onnx")
    tokenizer = AutoTokenizer.from_pretrained(bundles / name)
    for text in [*TEXTS, TOO_LONG]:
        output = model(**tokenizer(text, truncation=True, return_tensors="np"))
        found = pooled(bundles / name, (output.logits if name in CLASSIFIERS else output.last_hidden_state)[0])
        np.testing.assert_allclose(found, own(bundles / name, text), atol=2e-5, err_msg=text)


def check_vectors(bundle: Path, alone: Any, batch: Any) -> None:
    """Compares texts alone; and texts in a batch, whose vectors per tensor depend on the batch."""
    expected = np.array([own(bundle, text) for text in [*TEXTS, TOO_LONG]])
    np.testing.assert_allclose(alone, expected, atol=2e-5)
    np.testing.assert_allclose(batch, expected, atol=2e-5 if bundle.name.endswith("per-token") else 0.05)


@pytest.mark.parametrize("name", EMBEDDERS)
def test_the_onnx_backend_of_sentence_transformers(bundles: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It pools and normalizes as the bundle's ``modules.json`` says."""
    sentence_transformers = pytest.importorskip("sentence_transformers")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    model = sentence_transformers.SentenceTransformer(
        str(bundles / name),
        backend="onnx",
        device="cpu",
        model_kwargs={"file_name": "onnx/model_quantized.onnx", "provider": "CPUExecutionProvider"},
    )
    texts = [*TEXTS, TOO_LONG]
    check_vectors(bundles / name, model.encode(texts, batch_size=1), model.encode(texts, batch_size=len(texts)))


def test_a_classifier_derived_from_an_embedder_does_not_say_how_to_pool(bundles: Path, tmp_path: Path) -> None:
    parent = open_bundle(bundles / "vectors-per-token")
    texts = [f"{word} {number}" for number in range(LEAST_TEXTS) for word in ("soup", "platform")]
    derive(parent, tmp_path / "new", changes_of(parent, adapt(parent, texts, ["food", "trains"] * LEAST_TEXTS)))
    paths = {record.path for record in parent.manifest.files}
    assert set(SENTENCE_MODULES) <= paths
    assert not set(SENTENCE_MODULES) & {record.path for record in linnet.load(tmp_path / "new").bundle.manifest.files}


def has(package: str) -> bool:
    """True if .venv-loaders has a package."""
    return PYTHON.is_file() and subprocess.run([PYTHON, "-c", f"import {package}"], capture_output=True).returncode == 0


def test_custom_models_of_fastembed(bundles: Path) -> None:
    if not has("fastembed"):
        pytest.skip("fastembed is not installed in .venv-loaders")
    answers = run([PYTHON, LOADERS / "fastembed_vectors.py"], bundles, EMBEDDERS, texts_of(EMBEDDERS, TOO_LONG))
    for name in EMBEDDERS:
        check_vectors(bundles / name, answers[name]["alone"], answers[name]["batch"])


@pytest.fixture(scope="module")
def in_openvino(bundles: Path) -> Any:
    if not has("openvino"):
        pytest.skip("OpenVINO is not installed in .venv-loaders")
    ids = {name: [each.ids for each in model_of(bundles / name).encode(TEXTS, preprocess=False)] for name in NAMES}
    return run([PYTHON, LOADERS / "openvino_outputs.py"], bundles, NAMES, ids)


def test_openvino_reads_scales_per_tensor(in_openvino: Any, bundles: Path) -> None:
    """It rounds INT8 in other places, so that its answers are near Linnet's and not the same."""
    for name in (name for name in NAMES if name.endswith("per-tensor")):
        for output, text in zip(in_openvino[name], TEXTS, strict=True):
            found = pooled(bundles / name, output)
            np.testing.assert_allclose(found, own(bundles / name, text), atol=0.05, err_msg=f"{name}: {text}")


def test_openvino_cannot_read_scales_per_token(in_openvino: Any) -> None:
    """If this fails, OpenVINO has learnt it: say so in export/README.md, and compare the logits."""
    for name in (name for name in NAMES if not name.endswith("per-tensor")):
        assert "QuantizeLinear" in in_openvino[name]
