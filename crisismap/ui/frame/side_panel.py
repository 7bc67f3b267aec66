"""The panel beside the map: a stack with the list at the bottom; Back removes the top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st

from crisismap.services.desk.dispatch_search import DispatchResult

MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Pane:
    """The detail of the report `id`, `rows` under a `title`, what a `search` found, or a layer's feature."""

    kind: Literal["list", "detail", "rows", "search", "feature"] = "list"
    id: str = ""
    title: str = ""
    rows: tuple[int, ...] = ()
    search: DispatchResult | None = None
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)


LIST = Pane()


def top(page: str) -> Pane:
    """Return what to show now."""
    return _stack(page)[-1]


def query(page: str) -> str:
    """Return the query whose results are shown, or were before a report was opened; "" for none."""
    pane = next((pane for pane in reversed(_stack(page)) if pane.kind != "detail"), LIST)
    return pane.search.query if pane.search is not None else ""


def push(page: str, pane: Pane) -> None:
    """Open a pane; opening the same pane again changes nothing."""
    stack = _stack(page)
    if stack[-1] != pane:
        st.session_state[_key(page)] = [*stack, pane][-MAX_DEPTH:]
        if pane.kind == "detail":
            st.session_state[_opened(page)] = (pane.id, last_opened(page)[1] + 1)


def last_opened(page: str) -> tuple[str, int]:
    """Return the report whose detail was opened last, and how many were opened; `("", 0)` before the first."""
    opened: tuple[str, int] = st.session_state.get(_opened(page), ("", 0))
    return opened


def back(page: str) -> None:
    """Close the top pane."""
    st.session_state[_key(page)] = _stack(page)[:-1]


def clear(page: str) -> None:
    """Close all panes."""
    st.session_state.pop(_key(page), None)


def _stack(page: str) -> list[Pane]:
    stack = st.session_state.get(_key(page))
    return stack if stack else [LIST]


def _key(page: str) -> str:
    return f"pane-{page}"


def _opened(page: str) -> str:
    return f"pane-{page}-opened"
