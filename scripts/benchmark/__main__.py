"""``python -m benchmark``."""

import sys

from benchmark.arguments import parse_args


def main() -> int:
    """Parses the arguments and prints the figures with the standard library alone; the rest imports what it needs."""
    args = parse_args()
    if args.figures:
        from benchmark.figures import figures

        print(figures(args.results))
        return 0
    from benchmark.cli import run

    return run(args)


if __name__ == "__main__":
    sys.exit(main())
