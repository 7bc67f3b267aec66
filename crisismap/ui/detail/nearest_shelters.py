"""The open shelters near the report that is open: found once for a revision and a minute, and the way on the map."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from crisismap.core.errors import NotFound
from crisismap.core.moment import MINUTE_MS
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.services.around.shelters import Shelter, of_request
from crisismap.services.runtime.views import Views

_KEPT = "refuge"


def nearest_shelters(
    store: Store, views: Views, clock: Callable[[], int], person: Person, report_id: str
) -> tuple[Shelter, ...]:
    """The nearest with room, from the place that this person may know; kept between the page's refreshes."""
    now = (report_id, person.id, views.situation.revision, clock() // MINUTE_MS)
    key, found = st.session_state.get(_KEPT, (None, ()))
    if key != now:
        try:
            found = of_request(store, views, clock, person, report_id)[1]
        except NotFound:
            found = ()
        st.session_state[_KEPT] = (now, found)
    shelters: tuple[Shelter, ...] = found
    return shelters
