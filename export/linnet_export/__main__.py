"""Runs the command line: ``python -m linnet_export``."""

import sys

from linnet_export.cli.console import main

sys.exit(main())
