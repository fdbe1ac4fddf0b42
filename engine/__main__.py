"""`python -m engine`, and the command `constella`."""

import sys

from engine.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
