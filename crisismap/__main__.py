"""Entry point of `python -m crisismap`, which is the `crisismap` command."""

from crisismap.cli import main

if __name__ == "__main__":
    main()
