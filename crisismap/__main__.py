"""`python -m crisismap` is `crisismap`."""

from crisismap.cli import main

if __name__ == "__main__":
    main()
