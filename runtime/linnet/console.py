"""The console script ``linnet``: the command, and what an interrupt does before it has begun."""

import signal


def main() -> int:
    """Runs the command that the arguments name; gives its exit status.

    Until all is imported, an interrupt ends the process as it does any other: Python's own handler would
    raise in the midst of other packages, which make an ImportError of it. `run_command` sets that one again.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # who had it ignored keeps that
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from linnet import cli

    return cli.main()
