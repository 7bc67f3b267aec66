"""Peers that are not among the project's own packages: `make peers` installs them beside it."""

from __future__ import annotations

from importlib.util import find_spec

from benchmarks.figure import Skipped

GET_PEERS = "not installed; to get it: make peers"


def need(*modules: str) -> None:
    """Raise Skipped, which says how to install them, unless all modules are there."""
    if any(find_spec(name) is None for name in modules):
        raise Skipped(GET_PEERS)
