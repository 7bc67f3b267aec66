"""Values that a session keeps between the runs of its pages, because a page runs far more often than they change."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

T = TypeVar("T")


def remembered(slot: str, key: Hashable, make: Callable[[], T]) -> T:
    """Return the slot's value, made again when `key` is not the one that it was made for. An error keeps nothing."""
    kept = st.session_state.get(slot)
    if kept is None or kept[0] != key:
        kept = st.session_state[slot] = (key, make())
    value: T = kept[1]
    return value
