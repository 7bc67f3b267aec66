"""The alarm for new P1 requests: a badge, and a sound where allowed, until this person acknowledges it."""

from __future__ import annotations

import msgspec
import streamlit as st

from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.services.desk import alarm
from crisismap.services.runtime.views import Views
from crisismap.ui.frame import custom_component
from crisismap.ui.frame.wording import number

AGAIN_MS = 10_000
_SHOWN, _ACKNOWLEDGED = "alarm-shown", "alarm-heard"
NOBODY: frozenset[int] = frozenset()


def show(store: Store, views: Views, now_ms: int, person: Person) -> None:
    """Draw the alarm for people who answer requests."""
    if not person.may("request.acknowledge"):
        return
    shown: frozenset[int] = st.session_state.get(_SHOWN, NOBODY)
    new = unheard(store, views, now_ms, person)
    words = f"{number(len(new))} new P1"
    data = msgspec.json.encode({"count": len(new), "words": words})
    answer = custom_component.component(__file__)(
        key="alarm", data=data, on_heard_change=custom_component.nothing, width="content"
    )
    st.session_state[_SHOWN] = new
    if answer.get("heard") is not None and shown:
        # Requests that arrived after the badge was drawn have not been seen, so they are not acknowledged.
        alarm.acknowledge(store, now_ms, person, shown)
        st.session_state.pop(_ACKNOWLEDGED, None)
        st.rerun()


def unheard(store: Store, views: Views, now_ms: int, person: Person) -> frozenset[int]:
    """Return the unacknowledged P1 requests of this person.

    The store is asked about each request once, and again every 10 s: the person may have another page open.
    """
    revision = views.situation.revision
    urgent = views.caches.desk.get("urgent", lambda: alarm.urgent(views.situation), stamp=revision)
    cached: tuple[int, frozenset[int], frozenset[int]] = st.session_state.get(_ACKNOWLEDGED, (0, NOBODY, NOBODY))
    at_ms, known, acknowledged = cached
    unknown = urgent - acknowledged
    if unknown and (unknown - known or now_ms - at_ms >= AGAIN_MS):
        acknowledged |= alarm.acknowledged(store, person, min(unknown))
        st.session_state[_ACKNOWLEDGED] = (now_ms, unknown, acknowledged)
    return urgent - acknowledged
