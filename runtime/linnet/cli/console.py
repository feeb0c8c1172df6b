"""The entry point of the console script ``linnet`` and of ``python -m linnet``; nothing else may import it.

Importing this module changes what an interrupt does: until all imports are done, it ends the process at once.
Python's own handler would raise inside other packages, which turn that into an ImportError. `run_command`
then ends the process tidily: see `linnet.cli.interrupts`.
"""

import os
import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # an ignored signal stays ignored
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> int:
    """Runs the command that the arguments name; returns its exit status."""
    # numpy's linear algebra, which no command uses, starts a thread per processor, and ends the process if it cannot.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from .main import main as run

    return run()
