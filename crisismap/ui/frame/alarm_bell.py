"""The alarm for new P1 requests: a badge, and a sound where allowed, until this person acknowledges it."""

from __future__ import annotations

import msgspec
import streamlit as st

from crisismap.core.people.person import Person
from crisismap.services.desk import alarm
from crisismap.ui.frame import custom_component, shell
from crisismap.ui.frame.wording import number

RECHECK_MS = 10_000
_DISPLAYED, _ACKNOWLEDGED = "alarm-shown", "alarm-heard"
NOBODY: frozenset[int] = frozenset()


def show(person: Person) -> None:
    """Draw the alarm for people who answer requests."""
    if not person.may("request.acknowledge"):
        return
    displayed: frozenset[int] = st.session_state.get(_DISPLAYED, NOBODY)
    new = _unacknowledged(person)
    data = msgspec.json.encode({"count": len(new), "words": f"{number(len(new))} new P1"})
    answer = custom_component.draw(__file__, "heard", key="alarm", data=data, width="content")
    st.session_state[_DISPLAYED] = new
    if answer.get("heard") is not None and displayed:
        # Requests that arrived after the badge was drawn have not been seen, so they are not acknowledged.
        alarm.acknowledge(shell.context().store, shell.context().clock(), person, displayed)
        st.session_state.pop(_ACKNOWLEDGED, None)
        st.rerun()


def _unacknowledged(person: Person) -> frozenset[int]:
    """Return the unacknowledged P1 requests of this person.

    The store is asked about each request once, and again every 10 s: the person may have another page open.
    """
    context = shell.context()
    situation, now_ms = context.views.situation, context.clock()
    urgent = context.views.caches.desk.get("urgent", lambda: alarm.urgent(situation), stamp=situation.revision)
    cache: tuple[int, frozenset[int], frozenset[int]] = st.session_state.get(_ACKNOWLEDGED, (0, NOBODY, NOBODY))
    at_ms, previous, acknowledged = cache
    unknown = urgent - acknowledged
    if unknown and (unknown - previous or now_ms - at_ms >= RECHECK_MS):
        acknowledged |= alarm.acknowledged(context.store, person, min(unknown))
        st.session_state[_ACKNOWLEDGED] = (now_ms, unknown, acknowledged)
    return urgent - acknowledged
