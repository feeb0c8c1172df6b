"""The server and the library, each in a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

LIBRARY = """
import json, sys, time
start = time.perf_counter()
import linnet
model = linnet.load(sys.argv[1] or None, threads=int(sys.argv[2]))
first = model("a text")
def rss():
    lines = open("/proc/self/status", encoding="ascii").read().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1000
print(json.dumps({"seconds": time.perf_counter() - start, "rss": rss()}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    start = time.perf_counter()
    if asked["what"] == "stream":
        done = [found.scores for found in model.stream(asked["texts"])]
        answer = {"seconds": time.perf_counter() - start, "scores": done if asked.get("scores") else None}
    else:
        times = []
        for text in asked["texts"]:
            start = time.perf_counter()
            model(text)
            times.append(time.perf_counter() - start)
        answer = {"times": times}
    print(json.dumps(answer), flush=True)
"""


class Library:
    """A process that has loaded a bundle; ``started`` are the seconds until it was loaded, ``rss`` its memory in MB."""

    def __init__(self, bundle: str, threads: int) -> None:
        start = time.perf_counter()
        command = [sys.executable, "-c", LIBRARY, bundle, str(threads)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.rss: float = self._read()["rss"]
        self.started = time.perf_counter() - start

    def stream(self, texts: Sequence[str], *, scores: bool = False) -> dict[str, Any]:
        """Returns the seconds that `model.stream` takes, and its scores if asked."""
        return self._ask({"what": "stream", "texts": list(texts), "scores": scores})

    def times(self, texts: Sequence[str]) -> list[float]:
        """Returns the seconds of a call for each text."""
        found: list[float] = self._ask({"what": "times", "texts": list(texts)})["times"]
        return found

    def end(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()

    def _ask(self, asked: object) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


class Server:
    """A running `linnet serve`; ``started`` are the seconds until it was ready.

    ``join`` is called in its process before it starts.
    """

    def __init__(self, bundle: str, threads: int, *options: str, join: Callable[[], None] | None = None) -> None:
        start = time.perf_counter()
        models = [bundle] if bundle else []
        command = [sys.executable, "-m", "linnet", "serve", *models, "--port", "0", "--threads", str(threads), *options]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=join)
        assert self._process.stderr
        self.port = 0
        for line in self._process.stderr:
            if '"event": "ready"' in line:
                self.port = json.loads(line)["port"]
                break
        if not self.port:
            raise SystemExit("the server did not start")
        self.started = time.perf_counter() - start

    @property
    def rss(self) -> float:
        """The memory in MB."""
        return self._memory("VmRSS")

    @property
    def peak(self) -> float:
        """The greatest memory so far in MB."""
        return self._memory("VmHWM")

    def end(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()

    def _memory(self, name: str) -> float:
        lines = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1000
