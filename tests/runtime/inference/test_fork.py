"""A model that was loaded before a fork answers in the child, and the child can end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TIMEOUT = 30  # seconds

SCRIPT = """
import os, sys
import linnet
model = linnet.load(sys.argv[1], threads=int(sys.argv[2]))
texts = [f"the bridge {number} is good " * (number % 7) for number in range(200)]
asked = [texts, texts[0]] if sys.argv[3] == "bulk" else [texts[0]]
expected = [model(what).tobytes() for what in asked]
child = os.fork()
if not child:
    if sys.argv[3] != "nothing":
        assert [model(what).tobytes() for what in asked] == expected
    sys.exit(7)  # through the interpreter's own end, where objects are freed
assert [model(what).tobytes() for what in asked] == expected
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("asked", ["bulk", "one", "nothing"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_model_survives_a_fork(tiny: Path, threads: int, asked: str) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tiny), str(threads), asked]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    try:
        _, errors = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)  # the child too, which is its own
        raise
    assert process.returncode == 0, errors.decode()


WHILE_OTHERS_RUN = """
import os, signal, sys, threading
import linnet
model = linnet.load(sys.argv[1], threads=int(sys.argv[2]))
texts = [f"the bridge {number} is good " * (number % 7) for number in range(200)]
expected = model(texts).tobytes()
going = True

def run():
    while going:
        model(texts)

others = [threading.Thread(target=run) for _ in range(2)]
for other in others:
    other.start()
for _ in range(40):
    child = os.fork()
    if not child:
        signal.alarm(20)  # ends a child that hangs
        os._exit(7 if model(texts).tobytes() == expected else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
going = False
for other in others:
    other.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_fork_while_other_threads_run_leaves_a_child_that_answers(tiny: Path, threads: int) -> None:
    command = [sys.executable, "-W", "ignore", "-c", WHILE_OTHERS_RUN, str(tiny), str(threads)]
    found = subprocess.run(command, stderr=subprocess.PIPE, timeout=40 * 20, check=False)
    assert found.returncode == 0, found.stderr.decode()
