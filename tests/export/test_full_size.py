"""Checkpoints of full size with random weights: converted, proven and run, in less than 6 GB and 5 minutes each."""

import json
import subprocess
import sys
import time
from pathlib import Path

import linnet
import pytest
from five import FIVE, Known, make_known

pytestmark = pytest.mark.slow

GIGABYTES, MINUTES = 6, 5
SHAPES = [known for known in FIVE if known.name != "twitter-xlm-roberta-base-sentiment-multilingual"]

CONVERT = """
import json, resource, sys
from linnet_export.cli.main import main
status = main(sys.argv[1:])
print(json.dumps({"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
sys.exit(status)
"""


@pytest.mark.parametrize("known", SHAPES, ids=lambda known: known.name)
def test_full_size_converts_within_its_limits(known: Known, data: Path, tmp_path: Path) -> None:
    checkpoint = make_known(tmp_path / "checkpoint", known, vocabularies=data / "tokenizers", full_size=True)
    arguments = ["convert", str(checkpoint), "--output", str(tmp_path / "bundle"), "--recipe", known.name]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", CONVERT, *arguments, "--accept-licence"], capture_output=True, text=True
    )
    seconds = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    gigabytes = json.loads(done.stdout.splitlines()[-1])["peak"] * 1024 / 1e9
    print(f"{known.name}: {gigabytes:.1f} GB, {seconds:.0f} s")
    assert gigabytes < GIGABYTES and seconds < 60 * MINUTES
    model = linnet.load(tmp_path / "bundle")
    if isinstance(model, linnet.Embedder):
        assert model("Good news!").shape == (1, 768)
    else:
        assert set(model("Good news!").scores) == set(model.labels)
