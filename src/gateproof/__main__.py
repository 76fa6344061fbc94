"""`python -m gateproof`."""

import gc

gc.disable()  # as gateproof.cli.main does, but before its imports

from gateproof.cli import main  # noqa: E402 - see above

if __name__ == "__main__":
    main()
