"""The versions of the tools that a bundle was made with."""

import platform
from importlib.metadata import version

_TOOLS = (
    *("linnet", "linnet-export", "numpy", "onnx", "onnxruntime", "optimum", "optimum-onnx"),
    *("tokenizers", "torch", "transformers"),
)


def versions() -> dict[str, str]:
    """Distribution → version, and Python's."""
    return {"python": platform.python_version(), **{tool: version(tool) for tool in _TOOLS}}
