"""What ``python -m mountlab`` runs: the command line."""

import sys

from mountlab.cli import main

sys.exit(main())
