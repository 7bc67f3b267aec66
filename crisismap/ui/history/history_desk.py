"""The Live map at a past time: the reports received by then, the layers known then, and the slider below."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from crisismap.core import moment
from crisismap.core.errors import CrisismapError
from crisismap.core.people.identity import id_bytes
from crisismap.core.people.person import Person
from crisismap.problems import sentence
from crisismap.services.layers.basemap import addresses
from crisismap.services.lists.cluster_members import at_place, drawn_rows, in_cluster
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


def show(person: Person, head_rem: float, view: Camera, at_ms: int) -> None:
    """Draw the page below a head of `head_rem` rem."""
    context = shell.context()
    history.line(at_ms)
    stylesheet.apply()
    try:
        past_view = context.views.history.at(audience_of(person), at_ms)
        layers = layers_at(context.store, context.views.situation, at_ms)
    except CrisismapError as problem:
        stylesheet.error(sentence(problem))
        return
    selection = filters.selection(filters.current(), at_ms)
    event = desk_map.picked(KEY)
    if event is not None:
        _picked(past_view, selection, event)
    left, right = st.columns([13, 8], gap="small")
    with right:
        _side(person, past_view, layers)
    with left:
        _map(past_view, layers, selection, view)
        st.html(desk_map.full_height(head_rem + history.LINE_REM + 6.5, key=KEY))
        history.slider(audience_of(person), at_ms)


def _map(past_view: PastMoment, layers: list[PastLayer], selection: Selection, view: Camera) -> None:
    context = shell.context()
    with st.container(horizontal=True, key="tools", vertical_alignment="center", gap="small"):
        filter_bar.show()
    at = moment.rfc3339(past_view.at_ms)
    query = filters.query(replace(selection, unplaced=False))
    dark = style.dark()
    scene = Scene(
        revision=past_view.serial,
        view=view,
        layers=[
            _view(context.views.situation, each, at)
            for each in layers
            if each.head and each.layer.id not in legend.switched_off()
        ],
        filters_query=f"at={at}&{query}" if query else f"at={at}",
        dark=dark,
        basemap=BasemapLayers(*addresses(context.views.caches, context.settings)),
        shapes={name: category.icon for name, category in context.rules.categories.items()},
        privacy=context.rules.privacy,
    )
    desk_map.show(desk_map.deck(scene), height="stretch", key=KEY, alt=f"Map of what was known at {at}")


def _view(situation: Situation, then: PastLayer, at: str) -> LayerView:
    """Return the layer version of that time, with the time in its URL only where its features may have dates."""
    today, number = situation.layers.get(then.layer.id), then.head.version if then.head else 0
    same = today is not None and today.version == number
    dated = not same or situation.merger.has_dates(then.layer.id)
    return LayerView(then.layer.id, then.layer.role, number, at if dated else "", kept=True)


def _side(person: Person, past_view: PastMoment, layers: list[PastLayer]) -> None:
    top = side_panel.top(history.PAGE)
    if top.kind == "detail":
        row = past_view.board.row_of_id(id_bytes(top.id) or b"")
        if row is not None:
            history_panel.one(person, past_view, row)
            return
    elif top.kind == "rows" and all(row < past_view.board.n for row in top.rows):
        history_panel.several(past_view, top.rows, top.title)
        return
    elif top.kind == "feature":
        official_feature.show(history.PAGE, person, top, today=False)
        return
    history_panel.past_numbers(past_view, layers)


def _picked(past_view: PastMoment, selection: Selection, event: MapEvent) -> None:
    board = past_view.board
    if event.kind == "layer":
        side_panel.push(history.PAGE, official_feature.pane(event))
        return
    if not isinstance(event.id, int) or event.id >= board.n:
        return
    keep = drawn_rows(shell.context().views.situation, past_view.at_ms, board, selection)
    if event.kind == "report":
        rows = at_place(board, event.id, keep) or [event.id]
    else:
        rows, _ = in_cluster(board, event.id, event.count, keep)
    side_panel.clear(history.PAGE)
    side_panel.push(
        history.PAGE, Pane("rows", title=f"{count_phrase(len(rows), 'report')} here then", rows=tuple(rows))
    )
