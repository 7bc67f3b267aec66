"""Values that a session keeps between the runs of its pages, because a page runs far more often than they change."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

T = TypeVar("T")


def cached(slot: str, key: Hashable, make: Callable[[], T]) -> T:
    """Return the slot's value, made again when `key` is not the one that it was made for. An error keeps nothing."""
    entry = st.session_state.get(slot)
    if entry is None or entry[0] != key:
        entry = st.session_state[slot] = (key, make())
    value: T = entry[1]
    return value
