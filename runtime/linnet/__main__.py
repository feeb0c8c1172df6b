"""Runs the command line: ``python -m linnet``."""

import sys

from .cli.console import main

sys.exit(main())
