"""``python -m linnet_export``."""

import sys

from linnet_export.console import main

sys.exit(main())
