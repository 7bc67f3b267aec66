"""The card of one official layer: role, age, repaired and refused features, licence and map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

import pydeck as pdk
import streamlit as st

from crisismap.core.layer.layer import WARNING, LayerVersion
from crisismap.ui.frame import shell, style, stylesheet
from crisismap.ui.frame.wording import age, count_phrase, number
from crisismap.ui.layers.layer_map import MAP_PX, live_map, preview_map
from crisismap.ui.layers.layer_words import ROLES
from crisismap.ui.map import map as desk_map

_ROWS = 8  # features shown by name
_OPEN_LAYER = "layer-chosen"


def card(
    version: LayerVersion, others: list[LayerVersion], now_ms: int, *, life: str = "", more: Callable[[], None]
) -> None:
    """Draw the card, with map, features and `more` when it is open. `life`: HTML of the fetch status."""
    layer = version.layer
    is_open = st.session_state.get(_OPEN_LAYER) == layer.id
    with st.container(border=True, key=f"layer-card-{layer.id}"):
        with st.container(horizontal=True, vertical_alignment="center", key=f"layer-head-{layer.id}"):
            st.html(summary_html(version, now_ms), width="stretch")
            label = "Hide layer" if is_open else "Show layer"
            st.button(label, key=f"layer-show-{layer.id}", icon=":material/map:", on_click=_choose, args=(layer.id,))
            st.link_button("GeoJSON", f"/api/v1/layers/{layer.id}.geojson", icon=":material/download:")
        if life:
            st.html(life)
        if is_open:
            chart = live_map(version, others, dark=style.dark())
            map_and_features(chart, version, key=f"layer-map-{layer.id}", alt=f"Map of layer {layer.id}")
            more()


def summary_html(version: LayerVersion, now_ms: int | None, role: str | None = None) -> str:
    """Return everything except the map as HTML, all text of the layer escaped; `role` in place of the role's label.

    `now_ms` is None for a version that is not published, which has no age.
    """
    layer = version.layer
    updated = "" if now_ms is None else f"updated {age((now_ms - version.loaded_at_ms) / 1000)} ago"
    counts = [count_phrase(len(version.features), "feature")]
    if version.repaired:
        counts.append(f"{number(version.repaired)} repaired")
    if version.unlocated:
        counts.append(f"{number(version.unlocated)} without a place")
    if version.refused:
        counts.append(f'<b class="warn">{number(version.refused)} refused</b>')
    notes = "".join(
        f'<li class="warn">{escape(note)}</li>' if note.startswith(WARNING) else f"<li>{escape(note)}</li>"
        for note in sorted(version.notes, key=lambda note: not note.startswith(WARNING))
    )
    credit = " · ".join(escape(each) for each in (layer.licence, layer.attribution) if each)
    role_label = escape(ROLES[layer.role] if role is None else role)
    return (
        f'<div class="cm-layer"><h3>{escape(layer.title)}</h3><span class="cm-id">{escape(layer.id)}</span>'
        f'<span class="cm-age">{updated}</span></div>'
        f'<p class="cm-line">{role_label} · version {version.version} · {" · ".join(counts)}</p>'
        + (f'<ul class="cm-notes">{notes}</ul>' if notes else "")
        + f'<p class="cm-line soft">Licence: {credit or "not stated"}</p>'
    )


def preview(version: LayerVersion, *, fetched: str = "", consequence: str, more: str = "", key: str, alt: str) -> None:
    """Draw what only this person sees until it is published.

    `fetched`: how often a new layer is fetched; `consequence`: of replacing a version; `more`: HTML below the summary.
    """
    context = shell.context()
    layers = context.views.situation.layers
    old = layers.get(version.layer.id)
    if old is None:
        stylesheet.note(f"New layer with {count_phrase(len(version.features), 'feature')}{fetched}.")
    else:
        features = count_phrase(len(old.features), "feature")
        stylesheet.note(f"Replaces version {old.version} with {features}. {consequence}")
    numbered = replace(version, version=old.version + 1 if old else 1)
    st.html(summary_html(numbered, None) + more)
    chart = preview_map(version, list(layers.values()), dark=style.dark())
    map_and_features(chart, version, key=key, alt=alt)


def map_of(chart: pdk.Deck, *, key: str, alt: str) -> None:
    """Draw the map of a layer."""
    desk_map.show(chart, height=MAP_PX, key=key, alt=alt)


def map_and_features(chart: pdk.Deck, version: LayerVersion, *, key: str, alt: str) -> None:
    """Draw a map and the first features beside it."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        map_of(chart, key=key, alt=alt)
    with right:
        rows = [(f.name or "unnamed", f.code or "-", f.status or "-") for f in version.features[:_ROWS]]
        more = len(version.features) - len(rows)
        caption = f"and {count_phrase(more, 'more feature')}" if more > 0 else ""
        stylesheet.table(("Name", "Code", "Status"), rows, caption=caption)


def _choose(layer_id: str) -> None:
    open_id = st.session_state.get(_OPEN_LAYER)
    st.session_state[_OPEN_LAYER] = None if open_id == layer_id else layer_id
