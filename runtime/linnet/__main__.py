"""``python -m linnet``."""

import sys

from linnet.console import main

sys.exit(main())
