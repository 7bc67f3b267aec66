"""An official feature that was picked on the map: what it says, in words, and what people say of it."""

from __future__ import annotations

from html import escape

import streamlit as st

from crisismap.core.errors import Invalid, NotFound
from crisismap.core.layer.facility import facility_of
from crisismap.core.people.person import Person
from crisismap.services.around.feature_wording import warning_wording
from crisismap.services.layers.affected import Affected, affected
from crisismap.services.layers.first_reported import crowd_of
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import Situation
from crisismap.ui.frame import side_panel
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.frame.wording import ago, count_phrase

_CROWD, _PEOPLE = "official-crowd", "official-people"


def show(page: str, views: Views, now_ms: int, person: Person, top: Pane, *, today: bool = True) -> None:
    """Draw the pane; everything that the layer's maker wrote is escaped. `today`: with what is known of it now."""
    st.button("← Back", key="feature-back", on_click=side_panel.back, args=(page,), type="tertiary")
    name = str(top.facts.get("name") or top.title)
    words = warning_wording(top.facts) or facility_of(top.facts).words()
    above = "".join(
        f'<p class="cm-said">{escape(each)}</p>'
        for each in (words, *_today(views, now_ms, person, top, wanted=today))
        if each
    )
    lines = [
        f"<dt>{escape(str(key).replace('_', ' '))}</dt><dd>{escape(str(value))}</dd>"
        for key, value in top.facts.items()
        if key != "name" and value not in (None, "") and not isinstance(value, dict | list)
    ]
    st.html(
        f'<div class="cm-section"><h3>{escape(name)}</h3><p class="cm-soft">From the official layer '
        f'{escape(top.title)}.</p>{above}<dl class="cm-contact">{"".join(lines)}</dl></div>'
    )


def _today(views: Views, now_ms: int, person: Person, top: Pane, *, wanted: bool) -> tuple[str, ...]:
    return (_people(views, now_ms, top), _crowd(views.situation, now_ms, person, top)) if wanted else ()


def _people(views: Views, now_ms: int, top: Pane) -> str:
    """How many live in a hazard: an estimate, with whose number it is and how old; made once per set of layers."""
    versions = tuple((each.layer.id, each.version) for each in views.situation.layers.values())
    key = (top.title, top.id, versions)
    kept = st.session_state.get(_PEOPLE)
    if kept is None or kept[0] != key:
        try:
            found = affected(views, top.title, now_ms, only=top.id).features
        except (NotFound, Invalid):
            found = ()
        kept = (key, found[0] if found else None)
        st.session_state[_PEOPLE] = kept
    return f"{source_wording(kept[1], now_ms)}." if kept[1] is not None else ""


def source_wording(found: Affected, now_ms: int) -> str:
    """`About 12,000 people live here: an estimate from Wards, 2 h old, ...`."""
    words, source = found.words(), found.source
    return (
        f"{words[0].upper()}{words[1:]}: an estimate from {source.layer.title}, loaded {ago(source.moment_ms, now_ms)}"
    )


def _crowd(situation: Situation, now_ms: int, person: Person, top: Pane) -> str:
    """What people say of it; counted anew when the boards have moved, kept between the page's refreshes."""
    audience = audience_of(person)
    key = (top.title, situation.revision, audience)
    kept = st.session_state.get(_CROWD)
    if kept is None or kept[0] != key:
        try:
            kept = (key, {each.feature: each for each in crowd_of(situation, audience, top.title)})
        except NotFound:
            return ""
        st.session_state[_CROWD] = kept
    found = kept[1].get(top.id)
    if found is None:
        return "Nobody has reported here while it counted."
    said = f"{count_phrase(found.reports, 'report')} here, the first {ago(found.first_ms, now_ms)}"
    if found.agree is not None:
        said += f"; {found.agree} agree, {found.contradict} contradict it"
    return f"{said}."
