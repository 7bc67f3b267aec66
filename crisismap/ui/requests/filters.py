"""The filters of the desk as one value: stored in the session, applied to lists, encoded in the tiles' URL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from crisismap.core import moment
from crisismap.core.moment import HOUR_MS, MINUTE_MS
from crisismap.situation.board.selection import Selection

WINDOW_STEP_MS = 5 * MINUTE_MS  # a window that moved continuously would give every desk and run a URL of its own
UNANSWERED = ("claimed", "open")
LISTS = ("area", "category", "state", "priority")  # filters with any number of values
_KEY = "desk-filters"


@dataclass(frozen=True, slots=True)
class Filters:
    """The active filters; an empty one matches everything. `hours`: observed within the last so many hours."""

    area: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    priority: tuple[int, ...] = ()
    hours: float | None = None
    overdue: bool = False
    unplaced: bool = False
    need: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Return the number of active filters."""
        return sum(map(bool, (self.area, self.category, self.state, self.priority, self.hours, self.need)))


# The numbers in the page head, each with the filters that show what it counts.
NUMBERS = {
    "unanswered": Filters(state=UNANSWERED),
    "may_need_help": Filters(state=UNANSWERED, need=("may",)),
    "urgent": Filters(state=UNANSWERED, priority=(1,)),
    "overdue": Filters(state=UNANSWERED, overdue=True),
    "unplaced": Filters(state=UNANSWERED, unplaced=True),
}


def current() -> Filters:
    """Return the filters of this session."""
    filters = st.session_state.get(_KEY)
    return filters if isinstance(filters, Filters) else Filters()


def use(filters: Filters) -> None:
    """Store these filters in the session."""
    st.session_state[_KEY] = filters


def toggle(number: str) -> None:
    """Show what a number in the head counts, or everything when it is shown already."""
    target = NUMBERS[number]
    use(Filters() if current() == target else target)


def active_number(filters: Filters) -> str:
    """Return the number in the head that the filters belong to; "" for none."""
    return next((name for name, number_filters in NUMBERS.items() if number_filters == filters), "")


def selection(filters: Filters, now_ms: int) -> Selection:
    """Return the filters as a selection of the situation."""
    values: dict[str, Any] = {name: tuple(sorted(getattr(filters, name))) for name in LISTS}
    since = window_start(now_ms, filters.hours)
    return Selection(since=since, overdue=filters.overdue, unplaced=filters.unplaced, need=filters.need, **values)


def window_start(now_ms: int, hours: float | None) -> int | None:
    """Return when a window of so many hours begins, rounded down to its step; None without one."""
    return None if hours is None else int(now_ms - hours * HOUR_MS) // WINDOW_STEP_MS * WINDOW_STEP_MS


def drawn(selection: Selection) -> Selection:
    """Return what a map draws of it: requests without a location are in the list only, so it shows the rest."""
    return replace(selection, unplaced=False)


def query(selection: Selection, *prefix: tuple[str, str]) -> str:
    """Return the selection, after other parameters, as an encoded query string of the API, without `?`."""
    times = {"since": selection.since, "until": selection.until}
    parameters = [*prefix, *((name, moment.rfc3339(ms)) for name, ms in times.items() if ms is not None)]
    named = ("category", "state", "area", "need")
    parameters += [(name, value) for name in named for value in getattr(selection, name)]
    parameters += [("priority", f"P{priority}") for priority in selection.priority]
    parameters += [(name, "true") for name in ("overdue", "unplaced") if getattr(selection, name)]
    if selection.bbox is not None:
        parameters.append(("bbox", ",".join(f"{degrees:.6f}" for degrees in selection.bbox)))
    return urlencode(parameters)
