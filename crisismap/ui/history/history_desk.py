"""The Live map at a past time: the reports received by then, the layers known then, and the slider below."""

from __future__ import annotations

import streamlit as st

from crisismap.core import moment
from crisismap.core.errors import CrisismapError
from crisismap.core.people.identity import id_bytes
from crisismap.core.people.person import Person
from crisismap.problems import sentence
from crisismap.services.layers.basemap import addresses
from crisismap.services.lists.cluster_members import in_cluster
from crisismap.services.lists.past import layers_at
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.time_travel import PastLayer, PastMoment
from crisismap.situation.board.selection import Selection
from crisismap.situation.situation import Situation
from crisismap.ui.frame import shell, side_panel, style, stylesheet
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.frame.wording import count_phrase
from crisismap.ui.history import history, history_panel
from crisismap.ui.map import legend, official_feature
from crisismap.ui.map import map as desk_map
from crisismap.ui.map.base_map import BasemapLayers, LayerView
from crisismap.ui.map.map import Camera, MapEvent, Scene
from crisismap.ui.requests import filter_bar, filters

KEY = "map-past"


def show(person: Person, head_rem: float, camera: Camera, at_ms: int) -> None:
    """Draw the page below a head of `head_rem` rem."""
    context = shell.context()
    history.line(at_ms)
    stylesheet.apply()
    try:
        past = context.views.history.at(audience_of(person), at_ms)
        layers = layers_at(context.store, context.views.situation, at_ms)
    except CrisismapError as problem:
        stylesheet.error(sentence(problem))
        return
    selection = filters.selection(filters.current(), at_ms)
    event = desk_map.take_selection(KEY)
    if event is not None:
        _open_selection(past, selection, event)
    left, right = st.columns([13, 8], gap="small")
    with right:
        _side(person, past, layers)
    with left:
        _map(past, layers, selection, camera)
        st.html(desk_map.full_height(head_rem + history.LINE_REM + 6.5, key=KEY))
        history.slider(audience_of(person), at_ms)


def _map(past: PastMoment, layers: list[PastLayer], selection: Selection, camera: Camera) -> None:
    context = shell.context()
    with st.container(horizontal=True, key="tools", vertical_alignment="center", gap="small"):
        filter_bar.show()
    at = moment.rfc3339(past.at_ms)
    query = filters.query(filters.drawn(selection))
    dark = style.dark()
    scene = Scene(
        revision=past.serial,
        camera=camera,
        layers=[
            _layer_view(context.views.situation, each, at)
            for each in layers
            if each.head and each.layer.id not in legend.hidden_layers()
        ],
        filters_query=f"at={at}&{query}" if query else f"at={at}",
        dark=dark,
        basemap=BasemapLayers(*addresses(context.views.caches, context.settings)),
        shapes={name: category.icon for name, category in context.rules.categories.items()},
        privacy=context.rules.privacy,
        language=style.reader_language(),
    )
    desk_map.show(desk_map.deck(scene), height="stretch", key=KEY, alt=f"Map of what was known at {at}")


def _layer_view(situation: Situation, past_layer: PastLayer, at: str) -> LayerView:
    """Return the layer version of that time, with the time in its URL only where its features may have dates."""
    today, number = situation.layers.get(past_layer.layer.id), past_layer.head.version if past_layer.head else 0
    is_current = today is not None and today.version == number
    has_dates = not is_current or situation.merger.has_dates(past_layer.layer.id)
    return LayerView(past_layer.layer.id, past_layer.layer.role, number, at if has_dates else "", pinned=True)


def _side(person: Person, past: PastMoment, layers: list[PastLayer]) -> None:
    top = side_panel.top(history.PAGE)
    if top.kind == "detail":
        row = past.board.row_of_id(id_bytes(top.id) or b"")
        if row is not None:
            history_panel.show_report(person, past, row)
            return
    elif top.kind == "rows" and all(row < past.board.n for row in top.rows):
        history_panel.show_reports(past, top.rows, top.title)
        return
    elif top.kind == "feature":
        official_feature.show(history.PAGE, person, top, today=False)
        return
    history_panel.past_numbers(past, layers)


def _open_selection(past: PastMoment, selection: Selection, event: MapEvent) -> None:
    board = past.board
    if event.kind == "layer":
        side_panel.push(history.PAGE, official_feature.pane(event))
        return
    if not isinstance(event.id, int) or event.id >= board.n:
        return
    rows = [event.id]
    if event.kind == "cluster":
        index = shell.context().views.history.index(past, filters.drawn(selection))
        rows, _ = in_cluster(board, index, event.id, event.count)
    side_panel.clear(history.PAGE)
    side_panel.push(
        history.PAGE, Pane("rows", title=f"{count_phrase(len(rows), 'report')} here then", rows=tuple(rows))
    )
