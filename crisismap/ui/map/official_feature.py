"""The pane of an official feature that was selected on the map: its properties and what people report about it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from crisismap.core.errors import Invalid, NotFound
from crisismap.core.layer.alert import in_language
from crisismap.core.layer.facility import facility_of
from crisismap.core.layer.original import Original
from crisismap.core.people.person import Person
from crisismap.services.around.feature_wording import warning_wording
from crisismap.services.layers.affected import Affected, affected
from crisismap.services.layers.first_reported import crowd_of
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import Situation
from crisismap.ui.frame import shell, side_panel
from crisismap.ui.frame.local_time import zone
from crisismap.ui.frame.session_cache import cached
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.frame.wording import ago, count_phrase, original_link
from crisismap.ui.layers.layer_words import property_lines
from crisismap.ui.map.map import MapEvent

_NOT_LISTED = ("name", "original", "signed")


def pane(event: MapEvent) -> Pane:
    """Return the pane of a feature that was selected on the map."""
    return Pane("feature", id=str(event.id or ""), title=event.layer.removeprefix("layer-"), facts=event.properties)


def show(page: str, person: Person, top: Pane, *, today: bool = True) -> None:
    """Draw the pane; all text of the layer is escaped. `today` adds what is known about the feature now."""
    views, now_ms = shell.context().views, shell.context().clock()
    st.button("← Back", key="feature-back", on_click=side_panel.back, args=(page,), type="tertiary")
    facts = in_language(top.facts, "en")
    name = str(facts.get("name") or top.title)
    sentences = [warning_wording(facts) or facility_of(top.facts).wording()]
    if today:
        sentences += [_people(views, now_ms, top), _crowd(views.situation, now_ms, person, top)]
    summary = "".join(f'<p class="cm-said">{escape(each)}</p>' for each in sentences if each)
    version = views.situation.layers.get(top.title)
    listed = {key: value for key, value in facts.items() if key not in _NOT_LISTED}
    lines = [
        f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>"
        for label, text in property_lines(listed, version.layer.role if version else None, zone())
    ]
    layer_title = version.layer.title if version else top.title
    original = _original_html(facts, top.title)
    st.html(
        f'<div class="cm-section"><h3>{escape(name)}</h3><p class="cm-soft">From the official layer '
        f'{escape(layer_title)}.</p>{summary}{original}<dl class="cm-contact">{"".join(lines)}</dl></div>'
    )


def _original_html(facts: Mapping[str, Any], layer_id: str) -> str:
    original = facts.get("original")
    if not isinstance(original, str) or not original:
        return ""
    link = original_link(layer_id, Original(original, "The original message", facts.get("signed") is True))
    return f'<p class="cm-soft">{link}</p>'


def _people(views: Views, now_ms: int, top: Pane) -> str:
    """Return the estimated population of a hazard with its source and age; computed once per set of layers."""

    def find() -> Affected | None:
        try:
            return next(iter(affected(views, top.title, now_ms, only=top.id).features), None)
        except (NotFound, Invalid):
            return None

    versions = tuple((each.layer.id, each.version) for each in views.situation.layers.values())
    found = cached("official-people", (top.title, top.id, versions), find)
    return f"{source_wording(found, now_ms)}." if found is not None else ""


def source_wording(found: Affected, now_ms: int) -> str:
    """Return `About 12,000 people live here: an estimate from Wards, loaded 2 h ago`."""
    text, source = found.wording(), found.source
    return f"{text[0].upper()}{text[1:]}: an estimate from {source.layer.title}, loaded {ago(source.moment_ms, now_ms)}"


def _crowd(situation: Situation, now_ms: int, person: Person, top: Pane) -> str:
    """Return what people report about it; counted once per revision, cached between page refreshes."""
    audience = audience_of(person)
    try:
        by_feature = cached(
            "official-crowd",
            (top.title, situation.revision, audience),
            lambda: {each.feature: each for each in crowd_of(situation, audience, top.title)},
        )
    except NotFound:
        return ""
    found = by_feature.get(top.id)
    if found is None:
        return "No report here while it was in force."
    line = f"{count_phrase(found.reports, 'report')} here, the first {ago(found.first_ms, now_ms)}"
    if found.agree is not None:
        line += f"; {found.agree} agree, {found.contradict} contradict it"
    return f"{line}."
