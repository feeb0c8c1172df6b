"""The versions of the tools that make a bundle."""

import platform
from importlib.metadata import version

_TOOLS = (
    *("linnet", "linnet-export", "numpy", "onnx", "onnxruntime", "optimum", "optimum-onnx"),
    *("tokenizers", "torch", "transformers"),
)


def versions() -> dict[str, str]:
    """Returns the version of each distribution, by name, and of Python."""
    return {"python": platform.python_version(), **{tool: version(tool) for tool in _TOOLS}}
