"""`python -m gateproof`."""

from gateproof.cli import main

if __name__ == "__main__":
    main()
