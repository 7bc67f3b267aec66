"""The filters of the desk as one value: kept in the session, applied to lists, written into the tiles' address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

import streamlit as st

from crisismap.core import moment
from crisismap.core.moment import HOUR_MS, MINUTE_MS
from crisismap.situation.board.selection import Selection

WINDOW_STEP_MS = 5 * MINUTE_MS  # a running window moves in steps, so that all desks share their tiles
UNANSWERED = ("claimed", "open")
_KEY = "desk-filters"


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; empty means everything. `hours`: observed within the last so many."""

    area: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    priority: tuple[int, ...] = ()
    hours: float | None = None
    overdue: bool = False
    unplaced: bool = False

    @property
    def count(self) -> int:
        """How many of them limit something."""
        return sum(map(bool, (self.area, self.category, self.state, self.priority, self.hours)))


# The numbers in the head and what each shows.
NUMBERS = {
    "unanswered": Filters(state=UNANSWERED),
    "urgent": Filters(state=UNANSWERED, priority=(1,)),
    "overdue": Filters(state=UNANSWERED, overdue=True),
    "unplaced": Filters(state=UNANSWERED, unplaced=True),
}


def current() -> Filters:
    """The filters of this session."""
    kept = st.session_state.get(_KEY)
    return kept if isinstance(kept, Filters) else Filters()


def use(filters: Filters) -> None:
    """Keep these."""
    st.session_state[_KEY] = filters


def toggle(number: str) -> None:
    """Show what a number of the head counts, or everything again."""
    wanted = NUMBERS[number]
    use(Filters() if current() == wanted else wanted)


def chosen_number(filters: Filters) -> str:
    """Which number of the head the filters are; "" for none."""
    return next((name for name, wanted in NUMBERS.items() if wanted == filters), "")


def selection(filters: Filters, now_ms: int) -> Selection:
    """As the situation takes it."""
    since = None
    if filters.hours is not None:
        since = int(now_ms - filters.hours * HOUR_MS) // WINDOW_STEP_MS * WINDOW_STEP_MS
    return Selection(
        since=since,
        category=tuple(sorted(filters.category)),
        state=tuple(sorted(filters.state)),
        area=tuple(sorted(filters.area)),
        priority=tuple(sorted(filters.priority)),
        overdue=filters.overdue,
        unplaced=filters.unplaced,
    )


def query(chosen: Selection) -> str:
    """The same as an encoded query string for the tiles, without `?`."""
    words: list[tuple[str, str]] = []
    if chosen.since is not None:
        words.append(("since", moment.rfc3339(chosen.since)))
    words += [(name, value) for name in ("category", "state", "area") for value in getattr(chosen, name)]
    words += [("priority", f"P{priority}") for priority in chosen.priority]
    words += [(name, "true") for name in ("overdue", "unplaced") if getattr(chosen, name)]
    return urlencode(words)


def without(filters: Filters, name: str) -> Filters:
    """The filters with one of them lifted."""
    return replace(filters, **{name: getattr(Filters(), name)})
