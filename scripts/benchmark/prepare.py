"""Makes what one peer runs from a checkpoint, in a process of its own: ``python -m benchmark.prepare SETTINGS.json``."""

import json
import sys
from importlib import import_module
from pathlib import Path


def main(file: Path) -> None:
    """Reads ``module``, ``checkpoint``, ``folder`` and what the module wants besides, and calls its ``prepare``."""
    settings = json.loads(file.read_bytes())
    folder = Path(settings["folder"])
    module = import_module(f"benchmark.peers.{settings['module']}")
    module.prepare(Path(settings["checkpoint"]), folder, settings)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
