"""Scripts of the Makefile: standard library only, run as `python -m tools.NAME` from the root."""
