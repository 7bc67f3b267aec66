"""The order of the lists of requests: one choice for the map's list and the queues, by a box or a column's head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import streamlit as st

from crisismap.rule_files import RuleFiles
from crisismap.services.lists.queue import Order

LABELS: Mapping[Order, str] = MappingProxyType(
    {
        "urgent": "Most urgent first",
        "waiting": "Longest wait first",
        "newest": "Newest first",
        "due": "Due first",
        "category": "By category",
        "people": "Most people first",
        "area": "By area",
        "shelter": "Nearest to a shelter first",
        "claimed_by": "By who has it",
        "verification": "Verified first",
    }
)
COLUMNS: Mapping[str, Order] = MappingProxyType(
    {
        "priority": "urgent",
        "wait": "waiting",
        "what": "category",
        "people": "people",
        "area": "area",
        "shelter": "shelter",
        "holder": "claimed_by",
        "state": "verification",
    }
)
_KEY, _WIDGET = "desk-ordering", "order"


@dataclass(frozen=True, slots=True)
class Ordering:
    """An order, and whether it is turned round."""

    order: Order = "urgent"
    backwards: bool = False

    @property
    def label(self) -> str:
        """Return it in words."""
        return LABELS[self.order] + (", backwards" if self.backwards else "")

    @property
    def column(self) -> tuple[str, bool]:
        """Return the column that the list is ordered by, "" for none, and whether from the top down."""
        if self.order == "newest":
            return "wait", self.backwards
        column = next((column for column, each in COLUMNS.items() if each == self.order), "")
        return column, not self.backwards

    def by(self, column: object) -> Ordering:
        """Return the ordering by a column: by the same one again it is turned round. An unknown one changes nothing."""
        order = COLUMNS.get(column) if isinstance(column, str) else None
        if order is None:
            return self
        if order == "waiting":  # the longest wait backwards has a name of its own
            return Ordering("newest" if self == Ordering("waiting") else "waiting")
        return Ordering(order, backwards=self == Ordering(order))


def current() -> Ordering:
    """Return the ordering of this session."""
    ordering = st.session_state.get(_KEY)
    return ordering if isinstance(ordering, Ordering) else Ordering()


def use(ordering: Ordering) -> None:
    """Store an ordering in the session."""
    st.session_state[_KEY] = ordering


def show() -> None:
    """Draw the box with all orders."""
    active = current()
    st.session_state[_WIDGET] = active.order
    st.selectbox(
        "Order",
        list(LABELS),
        key=_WIDGET,
        format_func=lambda order: active.label if order == active.order else LABELS[order],
        on_change=lambda: use(Ordering(st.session_state[_WIDGET])),
        label_visibility="collapsed",
        width=190,
    )


def explanation(rules: RuleFiles) -> str:
    """Return, in a few sentences, why the requests stand in the order that they have."""
    active = current()
    if active != Ordering():
        return f"{active.label}; equal ones by urgency."
    ranking = rules.limits.ranking
    return (
        "P1 stands before P2, P3 and P4. Within a priority the longest wait stands first. Where more than "
        f"{ranking.calm} wait in one priority, what a person has verified, a signed-in person has sent, or several "
        "people report takes every second place, and the many reports of one sender or one network take turns: at "
        f"most one place in {ranking.one_in}. Such a row says “verified” or “takes turns” below its waiting time. None "
        "is left out."
    )
