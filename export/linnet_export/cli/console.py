"""The entry point of the console script ``linnet-export``."""

import linnet.cli.console  # noqa: F401  # first: it handles interrupts during the imports


def main() -> int:
    """Runs the command in the arguments and returns its exit status."""
    from linnet_export.cli import main as cli

    return cli.main()
