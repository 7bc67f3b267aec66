"""The legend: the meaning of shapes, colours and rings, and the official layers on the map, each with its age."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape

import streamlit as st

from crisismap.core import moment
from crisismap.core.layer.alert import SEVERITY
from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.ports import Store
from crisismap.core.text import symbols
from crisismap.core.text.symbols import Symbol
from crisismap.i18n import english
from crisismap.rule_files import RuleFiles
from crisismap.services.runtime.raster_fetcher import RasterFetcher
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import Situation
from crisismap.ui.frame.style import image
from crisismap.ui.frame.wording import age, count_phrase, plain
from crisismap.ui.map import rasters
from crisismap.ui.map.base_map import LayerView, RasterView
from crisismap.ui.map.severity import hatched

PRIORITIES = ("information only", "life at risk", "needed within hours", "needed within days", "information")
ROLES = {
    Role.AREA: "areas",
    Role.HAZARD: "hazard",
    Role.SHELTER: "shelters",
    Role.TRANSPORT: "roads",
    Role.CONTEXT: "background",
}
_HIDDEN = "legend-hidden"
_STEP_MS = 300_000  # layers with dates are drawn again this often, because their features begin and end


def switched_off() -> frozenset[str]:
    """Return the ids of the layers that are switched off."""
    hidden: frozenset[str] = st.session_state.get(_HIDDEN, frozenset())
    return hidden


def visible_layers(situation: Situation, now_ms: int) -> list[LayerView]:
    """Return the layers to draw: all except those switched off."""
    hidden = st.session_state.get(_HIDDEN, frozenset())
    now = moment.rfc3339(now_ms // _STEP_MS * _STEP_MS)
    dated = situation.merger.dated
    return [
        LayerView(v.layer.id, v.layer.role, v.version, now if dated(v.layer.id) else "")
        for v in situation.layers.values()
        if v.layer.id not in hidden
    ]


def visible_rasters(store: Store, fetcher: RasterFetcher, now_ms: int) -> list[RasterView]:
    """Return the map images to draw: all that were fetched except those switched off."""
    return rasters.views(store, fetcher, now_ms, st.session_state.get(_HIDDEN, frozenset()))


def show(store: Store, views: Views, rules: RuleFiles, now_ms: int, *, dark: bool) -> None:
    """Draw the Layers popover with switches and legend, built only while it is open."""
    with st.popover("Layers", key="layers", on_change="rerun") as opened:
        if not opened.open:
            return
        _switches(store, views, now_ms, dark=dark)
        categories = rules.categories
        st.html(legend(tuple((each.icon, english().category(each.id)) for each in categories.values()), dark))


def _switches(store: Store, views: Views, now_ms: int, *, dark: bool) -> None:
    versions = list(views.situation.layers.values())
    painted = rasters.answered(store, views.rasters)
    if not versions and not painted:
        st.html('<p class="cm-soft">No official layer is loaded yet. Add one on the Layers page.</p>')
        return
    hidden = st.session_state.get(_HIDDEN, frozenset())
    shown = set()
    for version in versions:
        layer = version.layer
        label = f"{swatch_word(layer.role)} **{plain(layer.title)}** · {about(version, now_ms)}"
        if st.checkbox(label, value=layer.id not in hidden, key=f"layer-{layer.id}"):
            shown.add(layer.id)
    for each in painted:
        source = each.source
        label = f"▦ **{plain(source.title)}** · images, {rasters.fetched(each, now_ms)}"
        if st.checkbox(label, value=source.layer_id not in hidden, key=f"layer-{source.layer_id}"):
            shown.add(source.layer_id)
    ids = {v.layer.id for v in versions} | {each.source.layer_id for each in painted}
    now = frozenset(ids) - shown
    if now != hidden:
        st.session_state[_HIDDEN] = now
        st.rerun()


def swatch_word(role: Role) -> str:
    """Return the mark of a role for a label."""
    return {Role.HAZARD: "▨", Role.AREA: "▢", Role.SHELTER: "■", Role.TRANSPORT: "┅", Role.CONTEXT: "·"}[role]


def about(version: LayerVersion, now_ms: int) -> str:
    """Return the role, size and age of a layer."""
    old = age((now_ms - version.loaded_at_ms) / 1000)
    return f"{ROLES[version.layer.role]}, {count_phrase(len(version.features), 'feature')}, updated {old} ago"


@lru_cache(maxsize=8)
def legend(categories: tuple[tuple[str, str], ...], dark: bool) -> str:
    """Return the legend as HTML, with the same symbols as the map."""
    looks = [
        (Symbol("dot", 2, "filled"), "open"),
        (Symbol("dot", 2, "hand"), "claimed"),
        (Symbol("dot", 2, "filled", overdue=True), "overdue"),
        (Symbol("dot", 2, "ring"), "answered"),
        (Symbol("dot", 2, "tick"), "confirmed"),
        (Symbol("dot", 2, "filled", outline="dotted"), "unverified"),
        (Symbol("dot", 2, "filled", outline="split"), "disputed"),
    ]
    urgency = [(Symbol("dot", n, "filled"), f"P{n} {PRIORITIES[n]}") for n in (1, 2, 3, 4)]
    shapes = [(Symbol(icon if icon in symbols.SHAPES else "dot"), label) for icon, label in categories]
    groups: dict[str, list[tuple[str, str]]] = {
        title: [(symbols.svg(symbol, size=28, dark=dark), words) for symbol, words in rows]
        for title, rows in (("Category", shapes), ("Priority", urgency), ("Status", looks))
    }
    groups["Status"].append((_boxed(_cell(dark)), "somewhere in this area"))
    groups["Official shelters"] = [
        (_boxed(symbols.official_shelter(status, dark=dark)), status) for status in symbols.SHELTER_STATUSES
    ]
    groups["Official warnings"] = [(_boxed(hatched(severity, dark)), words) for severity, words in SEVERITY.items()]
    return "".join(
        f'<div class="cm-legend"><h4>{title}</h4><ul>'
        + "".join(f"<li>{image(drawing, 28)}<span>{escape(words)}</span></li>" for drawing, words in rows)
        + "</ul></div>"
        for title, rows in groups.items()
    )


def _boxed(fragment: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="28" height="28" viewBox="0 0 64 64">{fragment}</svg>'


def _cell(dark: bool) -> str:
    colour = symbols.palette(dark).priority[0]
    return f'<circle cx="32" cy="32" r="26" fill="{colour}" fill-opacity=".13" stroke="{colour}" stroke-width="2"/>'


def labels(categories: Iterable[str]) -> dict[str, str]:
    """Return the name of each category by its id."""
    return {category: english().category(category) for category in categories}
