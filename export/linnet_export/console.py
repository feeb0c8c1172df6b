"""The console script ``linnet-export``: what `linnet.console` is to ``linnet``."""

import linnet.console  # noqa: F401  # first: until all is imported, an interrupt ends the process as it does any other


def main() -> int:
    """Runs the command that the arguments name; gives its exit status."""
    from linnet_export import cli

    return cli.main()
