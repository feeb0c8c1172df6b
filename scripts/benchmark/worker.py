"""One peer in a process of its own: loads, answers one text, then does what it is told, a JSON object a line.

    python -m benchmark.worker MODULE FOLDER THREADS MODE TEXT

The first line that it writes says how long the first answer took from the first line on, imports included, and what
memory that needs: nothing that a user's script would not do comes before it.
"""

import time

BEGAN = time.perf_counter()

import os  # noqa: E402
import sys  # noqa: E402
from importlib import import_module  # noqa: E402

# Libraries print what they like: standard output is for answers alone.
ANSWERS = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
sys.stdout = sys.stderr

_, MODULE, FOLDER, THREADS, MODE, TEXT = sys.argv
PEER = import_module(f"benchmark.peers.{MODULE}").Peer(FOLDER, int(THREADS))
PEER.one(TEXT, MODE)
SECONDS = time.perf_counter() - BEGAN

import ctypes  # noqa: E402
import json  # noqa: E402
import signal  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402


def memory() -> dict[str, float]:
    """Resident memory of this process in MB: now, and at the most."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {"rss": int(fields["VmRSS"].split()[0]) * 1.024e-3, "peak": int(fields["VmHWM"].split()[0]) * 1.024e-3}


def bulk(texts: list[str], mode: str) -> dict[str, Any]:
    """Classifies all texts in one call."""
    began = time.perf_counter()
    scores = PEER.bulk(texts, mode)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "scores": [[float(score) for score in row] for row in scores]}


def single(texts: list[str], mode: str) -> dict[str, Any]:
    """Classifies the texts one at a time."""
    milliseconds, scores = [], []
    for text in texts:
        began = time.perf_counter()
        found = PEER.one(text, mode)
        milliseconds.append(1e3 * (time.perf_counter() - began))
        scores.append([float(score) for score in found])
    return {"milliseconds": milliseconds, "scores": scores}


def answer(found: dict[str, Any]) -> None:
    """Writes one line."""
    print(json.dumps(found), file=ANSWERS, flush=True)


COMMANDS = {"bulk": bulk, "single": single, "memory": memory}

PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a stopped process would outlive whoever started it
answer({"seconds": SECONDS, **memory()})
for line in sys.stdin:
    command = json.loads(line)
    answer(COMMANDS[command.pop("do")](**command))  # type: ignore[operator]
