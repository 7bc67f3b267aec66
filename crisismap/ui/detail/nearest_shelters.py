"""The open shelters nearest to the open report, looked up once per revision and minute."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from crisismap.core.errors import NotFound
from crisismap.core.moment import MINUTE_MS
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.services.around.shelters import Shelter, of_request
from crisismap.services.runtime.views import Views

_CACHE = "nearest-shelters"


def nearest_shelters(
    store: Store, views: Views, clock: Callable[[], int], person: Person, report_id: str
) -> tuple[Shelter, ...]:
    """Return the nearest with free places, from the location this person may see; cached between page refreshes."""
    now = (report_id, person.id, views.situation.revision, clock() // MINUTE_MS)
    key, found = st.session_state.get(_CACHE, (None, ()))
    if key != now:
        try:
            found = of_request(store, views, clock, person, report_id)[1]
        except NotFound:
            found = ()
        st.session_state[_CACHE] = (now, found)
    shelters: tuple[Shelter, ...] = found
    return shelters
