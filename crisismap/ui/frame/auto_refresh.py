"""Automatic refresh of pages: check every few seconds, and rerun the page when something changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import streamlit as st

INTERVAL_S = 5.0
AGES_MS = 30_000  # ages on a page are updated at least this often


def follow(moment: Callable[[], Hashable], *, every_s: float = INTERVAL_S) -> None:
    """Rerun the page when `moment`, what the page is drawn from, returns a different value than now."""
    baseline: list[Hashable] = []

    @st.fragment(run_every=every_s)
    def check() -> None:
        now = moment()
        if not baseline:  # the first run is part of the page's own
            baseline.append(now)
        elif now != baseline[0]:
            st.rerun()

    check()
