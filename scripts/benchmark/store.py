"""The work folder: checkpoints and what peers make of them, made once, and again when what they are made by changes."""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmark.environment import ROOT, versions
from benchmark.peers import FULL
from benchmark.processes import run
from benchmark.shapes import Shape

_PACKAGE = Path(__file__).parent
_MAKERS = {
    "checkpoint": (_PACKAGE / "build.py", ROOT / "tests" / "support" / "five.py"),
    "linnet_bundle": (ROOT / "export" / "linnet_export", ROOT / "runtime" / "linnet"),
    "optimum_int8": (_PACKAGE / "peers" / "optimum_int8.py", _PACKAGE / "peers" / "onnx_fp32.py"),
}
"""The sources that make an artifact, where these are not its own module alone."""


class Store:
    """A shape's folder within ``--work``.

    Args:
        work: the folder of ``--work``.
        shape: whose checkpoint it holds.
        data: where the vocabularies are.
        given: the checkpoint of ``--checkpoint``, for the shapes that take it.
        threads: what preparing may use.
    """

    def __init__(self, work: Path, shape: Shape, *, data: Path, given: Path | None, threads: int) -> None:
        self.folder = work / shape.name
        self.folder.mkdir(parents=True, exist_ok=True)
        self._shape = shape
        self._data = data
        self.given = given
        self._threads = threads
        self._checkpoint_key = ""

    def log(self, name: str) -> Path:
        """Where the processes of that name write what they say."""
        return self.folder / f"{name}.log"

    def checkpoint(self) -> Path:
        """The fp32 checkpoint, as transformers loads it."""
        shape, given = self._shape, self.given
        described = {"shape": shape.name, "given": _digest([given]) if given and shape.given else None}
        arguments: tuple[object, ...]
        if shape.known:
            arguments = ("random", shape.known, json.dumps(shape.full_size), self._data / "tokenizers")
        elif shape.package:
            arguments = ("package", shape.package)
        else:
            assert given
            arguments = ("outliers" if shape.outliers else "copy", given)
        self._checkpoint_key, folder = self._made(
            "checkpoint", described, lambda folder: run(FULL, "build", *arguments, folder, log=self.log("checkpoint"))
        )
        return folder

    def artifact(self, module: str, **settings: Any) -> Path:
        """What a module's ``prepare`` makes of the checkpoint, told ``settings``."""
        checkpoint = self.checkpoint()
        settings["task"] = self._shape.task

        def make(folder: Path) -> None:
            told = self.folder / f"{module}.json"
            paths = {"module": module, "checkpoint": str(checkpoint), "folder": str(folder)}
            told.write_text(json.dumps({**settings, **paths, "threads": self._threads}))
            run(FULL, "prepare", told, log=self.log(module))

        return self._made(module, {"checkpoint": self._checkpoint_key, "settings": settings}, make)[1]

    def _made(self, name: str, described: dict[str, Any], make: Callable[[Path], object]) -> tuple[str, Path]:
        """The key and the folder of what ``make`` makes, from an earlier run if all that decides on it is the same."""
        sources = _MAKERS.get(name, (_PACKAGE / "peers" / f"{name}.py",))
        described = {**described, "made by": _digest(sources), "versions": versions(FULL)}
        key = hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()
        folder, stamp = self.folder / name, self.folder / f"{name}.key"
        if not (folder.is_dir() and stamp.is_file() and stamp.read_text() == key):
            say(f"{self._shape.name}: making {name}")
            for stale in (folder, partial := folder.with_suffix(".partial")):
                shutil.rmtree(stale, ignore_errors=True)
            make(partial)
            partial.rename(folder)
            stamp.write_text(key)
        return key, folder


def say(message: str) -> None:
    """Progress, on standard error."""
    print(message, file=sys.stderr, flush=True)


def _digest(paths: Iterable[Path]) -> str:
    """A hash of files, and of all files in folders but what Python caches."""
    found = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(f"{file.relative_to(path)}\0".encode())
                with file.open("rb") as opened:
                    while block := opened.read(1 << 20):
                        found.update(block)
    return found.hexdigest()
