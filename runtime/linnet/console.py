"""The console script ``linnet``; for it and ``python -m linnet`` alone, as importing it changes what an interrupt does.

Until all is imported, an interrupt ends the process as it does any other: Python's own handler would raise in the
midst of other packages, which make an ImportError of it. `run_command` sets that one again.
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # who had it ignored keeps that
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> int:
    """Runs the command that the arguments name; gives its exit status."""
    from linnet import cli

    return cli.main()
