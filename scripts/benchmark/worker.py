"""One peer in a process of its own: loads, answers one text, then takes commands, a JSON object a line.

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

FIELDS = {"rss": "VmRSS", "anonymous": "RssAnon", "peak": "VmHWM"}


def memory() -> dict[str, float]:
    """Resident memory of this process in MB: now, its anonymous part (which processes cannot share), and its peak."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    found = dict(line.split(":", 1) for line in lines)
    return {name: int(found[field].split()[0]) * 1.024e-3 for name, field in FIELDS.items()}


def bulk(texts: list[str], mode: str) -> dict[str, Any]:
    """Answers all texts in one call. The peak of memory is taken before the answers become JSON."""
    began = time.perf_counter()
    answers = PEER.bulk(texts, mode)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "peak": memory()["peak"], "answers": [numbers(answer) for answer in answers]}


def single(texts: list[str], mode: str) -> dict[str, Any]:
    """Answers the texts one at a time."""
    milliseconds, answers = [], []
    for text in texts:
        began = time.perf_counter()
        found = PEER.one(text, mode)
        milliseconds.append(1e3 * (time.perf_counter() - began))
        answers.append(numbers(found))
    return {"milliseconds": milliseconds, "answers": answers}


def numbers(answer: Any) -> list[float]:
    """A text's scores, or its vector."""
    return [float(number) for number in answer]


def reply(found: dict[str, Any]) -> None:
    """Writes one line."""
    print(json.dumps(found), file=ANSWERS, flush=True)


COMMANDS = {"bulk": bulk, "single": single}

PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a stopped process would outlive whoever started it
reply({"seconds": SECONDS, **memory()})
for line in sys.stdin:
    command = json.loads(line)
    reply(COMMANDS[command.pop("do")](**command))
