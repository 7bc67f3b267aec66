"""The Live map at a past moment: the reports received by then, the layers known then, and the slider below."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from crisismap.core import moment
from crisismap.core.errors import CrisismapError
from crisismap.core.identity import id_bytes
from crisismap.core.person import Person
from crisismap.problems import sentence
from crisismap.services.basemap import addresses
from crisismap.services.context import Context, audience_of
from crisismap.services.members import at_place, in_cluster
from crisismap.services.past import LayerThen, Moment, layers_at, look_at
from crisismap.situation.selection import Selection, chosen
from crisismap.ui.components import (
    filter_bar,
    filters,
    legend,
    look_back,
    official_feature,
    pane,
    past_side,
    sheet,
    style,
)
from crisismap.ui.components import map as desk_map
from crisismap.ui.components.ground import Basemap, LayerView
from crisismap.ui.components.map import Camera, MapEvent, Scene
from crisismap.ui.components.pane import Pane

KEY = "map-past"


def show(context: Context, person: Person, head_rem: float, view: Camera, at_ms: int) -> None:
    """Draw the page below its head of so many rem."""
    look_back.line(context, at_ms)
    sheet.apply()
    try:
        looked, layers = look_at(context, audience_of(person), at_ms), layers_at(context, at_ms)
    except CrisismapError as problem:
        sheet.error(sentence(problem))
        return
    selection = filters.selection(filters.current(), at_ms)
    event = desk_map.picked(KEY)
    if event is not None:
        _picked(context, looked, selection, event)
    left, right = st.columns([13, 8], gap="small")
    with right:
        _side(context, person, looked, layers)
    with left:
        _map(context, looked, layers, selection, view)
        st.html(desk_map.full_height(head_rem + look_back.LINE_REM + 6.5, key=KEY))
        look_back.slider(context, audience_of(person), at_ms)


def _map(context: Context, looked: Moment, layers: list[LayerThen], selection: Selection, view: Camera) -> None:
    with st.container(horizontal=True, key="tools", vertical_alignment="center", gap="small"):
        filter_bar.show(context)
    at = moment.rfc3339(looked.at_ms)
    query = filters.query(replace(selection, unplaced=False))
    dark = style.dark()
    scene = Scene(
        revision=looked.serial,
        view=view,
        layers=[
            _view(context, each, at) for each in layers if each.head and each.layer.id not in legend.switched_off()
        ],
        filters_query=f"at={at}&{query}" if query else f"at={at}",
        dark=dark,
        basemap=Basemap(*addresses(context)),
        shapes={name: category.icon for name, category in context.rules.categories.items()},
    )
    desk_map.show(desk_map.deck(scene), height="stretch", key=KEY, alt=f"Map of what was known at {at}")


def _view(context: Context, then: LayerThen, at: str) -> LayerView:
    """The version of then. Its dates are asked for where it may have any: each new moment is another address."""
    today, number = context.situation.layers.get(then.layer.id), then.head.version if then.head else 0
    same = today is not None and today.version == number
    dated = not same or context.situation.merger.dated(then.layer.id)
    return LayerView(then.layer.id, then.layer.role, number, at if dated else "", kept=True)


def _side(context: Context, person: Person, looked: Moment, layers: list[LayerThen]) -> None:
    top = pane.top(look_back.PAGE)
    if top.kind == "detail":
        row = looked.board.row_of_id(id_bytes(top.id) or b"")
        if row is not None:
            past_side.one(context, person, look_back.PAGE, looked, row)
            return
    elif top.kind == "rows" and all(row < looked.board.n for row in top.rows):
        past_side.several(context, look_back.PAGE, looked, top.rows, top.title)
        return
    elif top.kind == "feature":
        official_feature.show(look_back.PAGE, context, person, top, today=False)
        return
    past_side.known_then(context, looked, layers)


def _picked(context: Context, looked: Moment, selection: Selection, event: MapEvent) -> None:
    board = looked.board
    if event.kind == "layer":
        facts = event.properties
        pane.push(
            look_back.PAGE,
            Pane("feature", id=str(event.id or ""), title=event.layer.removeprefix("layer-"), facts=facts),
        )
        return
    if not isinstance(event.id, int) or event.id >= board.n:
        return
    choosing = replace(context.situation.choosing(context.clock()), now_ms=looked.at_ms)
    keep = chosen(board, selection, choosing) & board.drawn
    if event.kind == "report":
        rows = at_place(board, event.id, keep) or [event.id]
    else:
        count = event.properties.get("count")
        rows, _ = in_cluster(board, event.id, count if isinstance(count, int) else 0, keep)
    pane.clear(look_back.PAGE)
    pane.push(look_back.PAGE, Pane("rows", title=f"{len(rows)} here then", rows=tuple(rows)))
