"""``python -m linnet_export``."""

import sys

from linnet_export.cli import main

sys.exit(main())
