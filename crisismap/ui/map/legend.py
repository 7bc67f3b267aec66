"""The panel beside the map: the official layers, each with its age, and what shapes, colours and rings mean."""

from __future__ import annotations

from functools import lru_cache
from html import escape

import streamlit as st

from crisismap.core import moment
from crisismap.core.layer.alert import SEVERITY
from crisismap.core.layer.layer import Role
from crisismap.core.text import map_symbols, symbols
from crisismap.core.text.symbols import Symbol
from crisismap.i18n import english
from crisismap.situation.situation import Situation
from crisismap.ui.frame import shell
from crisismap.ui.frame.style import image
from crisismap.ui.frame.wording import age, count_phrase, plain
from crisismap.ui.map import rasters
from crisismap.ui.map.base_map import LayerView
from crisismap.ui.map.severity import hatching_svg

PRIORITIES = ("information only", "life at risk", "needed within hours", "needed within days", "information")
ROLES = {
    Role.AREA: ("▢", "areas"),
    Role.HAZARD: ("▨", "hazard"),
    Role.SHELTER: ("■", "shelters"),
    Role.TRANSPORT: ("┅", "roads"),
    Role.CONTEXT: ("·", "background"),
}
_HIDDEN = "legend-hidden"
_OPEN = "legend-open"
# On a phone the panel is a sheet below the map, which leaves it half of the screen.
_PHONE_SHEET = (
    "<style>@media (max-width:640px){.stMain .st-key-map,.stMain .st-key-map [data-testid=stDeckGlJsonChart]"
    "{height:45dvh !important}}</style>"
)
_STEP_MS = 300_000  # layers with dates are drawn again this often, because their features begin and end


def hidden_layers() -> frozenset[str]:
    """Return the ids of the layers that are switched off."""
    hidden: frozenset[str] = st.session_state.get(_HIDDEN, frozenset())
    return hidden


def visible_layers(situation: Situation, now_ms: int) -> list[LayerView]:
    """Return the layers to draw: all except those switched off."""
    hidden = hidden_layers()
    now = moment.rfc3339(now_ms // _STEP_MS * _STEP_MS)
    dated = situation.merger.has_dates
    return [
        LayerView(v.layer.id, v.layer.role, v.version, now if dated(v.layer.id) else "")
        for v in situation.layers.values()
        if v.layer.id not in hidden
    ]


def width_px() -> int:
    """Return how much of the map's width the panel takes."""
    return 272 if st.session_state.get(_OPEN, False) else 0


def button() -> bool:
    """Draw the button that folds the panel out and in, and return whether it is out."""
    is_out = width_px() > 0
    label = "Hide layers" if is_out else "Layers"
    st.button(label, key="layers", on_click=_fold, help="Layers and legend, beside the map")
    return is_out


def panel(is_out: bool, *, dark: bool) -> None:
    """Draw the switches and the legend beside the map; without them nothing."""
    # The container is there in any case: a map that changed its place on the page would lose the reader's camera.
    with st.container(key="legend"):
        if not is_out:
            st.html("<style>[data-testid=stLayoutWrapper]:has(> .st-key-legend){display:none}</style>")
            return
        st.html(_PHONE_SHEET)
        _switches()
        categories = shell.context().rules.categories.values()
        st.html(legend(tuple((each.icon, english().category(each.id)) for each in categories), dark))


def _fold() -> None:
    st.session_state[_OPEN] = not st.session_state.get(_OPEN, False)


def _switches() -> None:
    context = shell.context()
    now_ms = context.clock()
    labels = {}
    for version in context.views.situation.layers.values():
        layer, updated = version.layer, age((now_ms - version.loaded_at_ms) / 1000)
        swatch, role = ROLES[layer.role]
        description = f"{role}, {count_phrase(len(version.features), 'feature')}, updated {updated} ago"
        labels[layer.id] = f"{swatch} **{plain(layer.title)}** · {description}"
    for each in rasters.drawable():
        labels[each.source.layer_id] = f"▦ **{plain(each.source.title)}** · images, {rasters.fetch_age(each, now_ms)}"
    if not labels:
        st.html('<p class="cm-soft">No official layer is loaded yet. Add one on the Layers page.</p>')
        return
    hidden = hidden_layers()
    now = frozenset(
        id_ for id_, label in labels.items() if not st.checkbox(label, value=id_ not in hidden, key=f"layer-{id_}")
    )
    if now != hidden:
        st.session_state[_HIDDEN] = now
        st.rerun()


@lru_cache(maxsize=8)
def legend(categories: tuple[tuple[str, str], ...], dark: bool) -> str:
    """Return the legend as HTML, with the same symbols as the map."""
    statuses = [
        (Symbol("dot", 2, "filled"), "open"),
        (Symbol("dot", 2, "hand"), "claimed"),
        (Symbol("dot", 2, "filled", overdue=True), "overdue"),
        (Symbol("dot", 2, "ring"), "answered"),
        (Symbol("dot", 2, "tick"), "confirmed"),
        (Symbol("dot", 2, "filled", outline="split"), "disputed"),
    ]
    urgency = [(Symbol("dot", n, "filled"), f"P{n} {PRIORITIES[n]}") for n in (1, 2, 3, 4)]
    shapes = [(Symbol(icon if icon in symbols.SHAPES else "dot"), label) for icon, label in categories]
    groups: dict[str, list[tuple[str, str]]] = {
        title: [(symbols.svg(symbol, size=28, dark=dark), text) for symbol, text in rows]
        for title, rows in (("Category", shapes), ("Priority", urgency), ("Status", statuses))
    }
    groups["Status"].append((_svg(_cell(dark)), "somewhere in this area"))
    groups["Several at one place"] = [
        (_svg(map_symbols.cluster("3320", dark=dark)), "number unanswered; the ring is their shares of P1 to P4"),
        (_svg(map_symbols.cluster("", dark=dark)), "number of reports, none unanswered"),
    ]
    groups["Official shelters"] = [
        (_svg(symbols.official_shelter(status, dark=dark)), status) for status in symbols.SHELTER_STATUSES
    ]
    groups["Official warnings"] = [(_svg(hatching_svg(severity, dark)), text) for severity, text in SEVERITY.items()]
    return "".join(
        f'<div class="cm-legend"><h4>{title}</h4><ul>'
        + "".join(f"<li>{image(drawing, 28)}<span>{escape(text)}</span></li>" for drawing, text in rows)
        + "</ul></div>"
        for title, rows in groups.items()
    )


def _svg(fragment: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="28" height="28" viewBox="0 0 64 64">{fragment}</svg>'


def _cell(dark: bool) -> str:
    colour = symbols.palette(dark).priority[0]
    return f'<circle cx="32" cy="32" r="26" fill="{colour}" fill-opacity=".13" stroke="{colour}" stroke-width="2"/>'
