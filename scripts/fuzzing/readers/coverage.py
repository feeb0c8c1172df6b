"""Tells whether an input reached a line of `linnet` that no input before it reached.

`sys.monitoring` of Python 3.12 reports each line once, so this costs nothing later. Older versions of Python have no
such thing: there, no input counts as new, and inputs are changes of the corpus alone.
"""

import sys
from pathlib import Path
from types import CodeType
from typing import Any

import linnet

PACKAGE = str(Path(linnet.__file__).parent)


class Coverage:
    """The lines of `linnet` that were reached since `start`."""

    def __init__(self) -> None:
        self.lines = 0
        self.guided = hasattr(sys, "monitoring")

    def start(self) -> None:
        """Begins to count."""
        monitoring: Any = getattr(sys, "monitoring", None)
        if monitoring is None:
            return

        def reached(code: CodeType, line: int) -> object:
            self.lines += code.co_filename.startswith(PACKAGE)
            return monitoring.DISABLE

        tool = monitoring.COVERAGE_ID
        monitoring.use_tool_id(tool, "fuzz")
        monitoring.register_callback(tool, monitoring.events.LINE, reached)
        monitoring.set_events(tool, monitoring.events.LINE)
