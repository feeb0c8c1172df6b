"""Other programs load a finished bundle as it is: the embedded default, which is quantized per token."""

import json
import os
import subprocess
from typing import Any

import linnet
import numpy as np
import pytest
from linnet.bundle.opening import default_bundle
from pages import ROOT

LOADERS = ROOT / "tests" / "support" / "loaders"
NODE = ROOT / ".venv-node"
OPENVINO = ROOT / ".venv-loaders" / "bin" / "python"
TEXTS = ["Good news! 🎉", "so bad", "", "two hours on hold, and then they hung up", "a " * 500]
"""None is too long: transformers.js cuts off the last special token with the rest."""


def run(command: list[Any], given: object) -> Any:
    """Runs a loader; returns what it printed."""
    env = {**os.environ, "ORT_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(
        [*map(str, command)], input=json.dumps(given), env=env, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.skipif(not (NODE / "node_modules").is_dir(), reason="npm has not installed @huggingface/transformers")
def test_transformers_js() -> None:
    bundle = default_bundle()
    model = linnet.load_classifier()
    answers = run(["node", LOADERS / "transformers_js.mjs", NODE, bundle.parent, bundle.name], TEXTS)[bundle.name]
    encodings = model.encode(TEXTS, preprocess=False)
    for theirs, own, text in zip(answers, encodings, TEXTS, strict=True):
        assert theirs["ids"] == list(own.ids), text
        np.testing.assert_allclose(theirs["logits"], model.logits(text, preprocess=False)[0], atol=2e-5, err_msg=text)


@pytest.mark.skipif(not OPENVINO.is_file(), reason="OpenVINO is not installed in .venv-loaders")
def test_openvino_cannot_read_scales_per_token() -> None:
    """If this fails, OpenVINO has learnt it: say so in export/README.md, and compare the logits."""
    bundle = default_bundle()
    ids = {bundle.name: [list(each.ids) for each in linnet.load_classifier().encode(TEXTS)]}
    answers = run([OPENVINO, LOADERS / "openvino_logits.py", bundle.parent, bundle.name], ids)
    assert "QuantizeLinear" in answers[bundle.name]
