"""However long a stream, memory stays as it is."""

import subprocess
import sys
from pathlib import Path

import pytest

GROWTH = 0.02

SCRIPT = """
import random, sys
from pathlib import Path
import numpy as np
from linnet.inference.batching import TOKEN_BUDGET, Batch
from linnet.bundle.opening import open_bundle
from linnet.inference.scheduling import for_each
from linnet.inference.session import Session
from linnet.packing.fitting import graph_of

bundle, first, rest = open_bundle(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
session, chance = Session(graph_of(bundle), threads=2), random.Random(0)
vocab_size, longest = bundle.config["vocab_size"], bundle.settings.max_length

def shapes(count):
    for _ in range(count):
        length = chance.randint(2, longest)
        size = chance.randint(1, max(1, TOKEN_BUDGET // length))
        ids = np.random.default_rng(chance.randrange(2**32)).integers(2, vocab_size, (size, length))
        yield Batch(np.arange(size), ids)

def run(count):
    for_each(session.run_alone, shapes(count // 2), threads=2)
    for_each(session.run, shapes(count // 2), threads=1)
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1])

print(run(first), run(rest))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not say how much memory is used")
@pytest.mark.parametrize(
    ("which", "first", "rest"),
    [("tiny", 1000, 1500), pytest.param("default", 1000, 9000, marks=pytest.mark.slow)],
)
def test_batches_of_ever_other_shapes_take_no_more_memory(
    request: pytest.FixtureRequest, which: str, first: int, rest: int
) -> None:
    command = [sys.executable, "-c", SCRIPT, str(request.getfixturevalue(which)), str(first), str(rest)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    before, after = map(int, done.stdout.split())
    print(f"{which}: {before / 1024:.1f} MB after {first} batches, {after / 1024:.1f} MB after {first + rest}")
    assert after < before * (1 + GROWTH)
