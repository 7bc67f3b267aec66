"""The Live map: the map, and beside it the list of unanswered requests or the detail that was opened."""

from __future__ import annotations

import math
from html import escape

import numpy as np
import streamlit as st

from crisismap.core.people.person import Person
from crisismap.core.place.geodesy import DEGREE_M
from crisismap.core.place.place import Extent
from crisismap.core.privacy import Audience
from crisismap.core.verb import ClaimBody
from crisismap.services.desk.dispatch_search import DispatchResult
from crisismap.services.layers.basemap import addresses
from crisismap.services.lists.cluster_members import in_cluster
from crisismap.services.lists.queue import Queue, QueueQuery, queue
from crisismap.services.lists.search import PlaceHit
from crisismap.services.operations import incident
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.views import Views
from crisismap.situation.board.selection import Selection
from crisismap.situation.record.record import Record
from crisismap.situation.situation import Situation
from crisismap.ui.detail import detail
from crisismap.ui.frame import alarm_bell, handover, shell, side_panel, style
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.frame.wording import count_phrase, number
from crisismap.ui.history import history, history_desk
from crisismap.ui.map import area_outline, legend, official_feature, rasters, search_box
from crisismap.ui.map import map as desk_map
from crisismap.ui.map.base_map import BasemapLayers
from crisismap.ui.map.fit_bounds import WORLD, fit_bounds
from crisismap.ui.map.map import Camera, Highlight, MapEvent, Scene
from crisismap.ui.requests import acting, filter_bar, filters, ordering, request_list, search_results

PAGE = "map"
CLOSE = 15.0  # the zoom at which one place is shown
CLAIM_MINUTES = 60
NAMES_MS = 30_000  # names move aside for new reports so often
EMPTY = (
    "No unanswered requests",
    "Every request has been answered. New ones appear here automatically.",
)
EMPTY_FILTERED = ("No match", "No unanswered request matches the filters. Choose “Clear filters” above the map.")
SHELTER_WITHIN_M = 5_000
_CAMERA = "desk-camera"
_OPENED = "desk-opened"  # the report that the map was last moved to
_TAB = "desk-tab"
_AREA = "desk-area"  # the areas of the filter that the map was last moved to


def show(person: Person, head_rem: float) -> None:
    """Draw the page below a head of `head_rem` rem."""
    context = shell.context()
    at_ms = history.current()
    if at_ms is not None:
        history_desk.show(person, head_rem, camera(context.views), at_ms)
        return
    selection = filters.selection(filters.current(), context.clock())
    query = search_box.entered_query()
    if query is not None:
        _move_to(*search_box.find(context.views, person, PAGE, query)[:1])
    event = desk_map.take_selection()
    if event is not None:
        _open_selection(person, selection, event)
    head_rem += handover.notice(person)
    head_rem += filter_bar.chips()
    _follow_area(context.views.situation)
    top = side_panel.top(PAGE)
    tab = _phone_tab(top)
    st.html(_phone_css(tab, top))
    left, right = st.columns([13, 8], gap="small")
    with right, st.container(key="pane-side"):
        place = _side(person, selection, top, head_rem)
    with left, st.container(key="pane-map"):
        _map_side(person, selection, place, head_rem)


def _map_side(person: Person, selection: Selection, highlight: Highlight | None, head_rem: float) -> None:
    context = shell.context()
    dark, board = style.dark(), context.views.situation.board(audience_of(person))
    with st.container(horizontal=True, key="tools", vertical_alignment="center", gap="small"):
        search_box.show(PAGE)
        filter_bar.show()
        is_out = legend.button()
        alarm_bell.show(person)
    images = rasters.raster_views(context.clock(), legend.hidden_layers())
    scene = Scene(
        revision=board.revision,
        camera=camera(context.views),
        layers=legend.visible_layers(context.views.situation, context.clock()),
        highlight=highlight,
        filters_query=filters.query(filters.drawn(selection)),
        dark=dark,
        basemap=BasemapLayers(*addresses(context.views.caches, context.settings)),
        pictures=images,
        shapes={name: category.icon for name, category in context.rules.categories.items()},
        privacy=context.rules.privacy,
        language=style.reader_language(),
        names_at=context.views.caches.desk.get(
            ("names", audience_of(person), context.clock() // NAMES_MS), lambda: board.revision
        ),
        overlays=area_outline.layers(context.views.situation, filters.current().area, dark=dark),
    )
    st.html(desk_map.full_height(head_rem + 6.5) + desk_map.full_height(head_rem + 6.5, key="legend"))
    with st.container(horizontal=True, key="map-row", gap="small"):
        legend.panel(is_out, dark=dark)
        alt = "Map of all reports; the list beside it has the requests"
        desk_map.show(desk_map.deck(scene), height="stretch", alt=alt)
    with st.container(horizontal=True, key="below-map", vertical_alignment="center", gap="small"):
        st.html('<p class="cm-soft">Observed in the last</p>', width="content")
        filter_bar.window()
        history.enter(audience_of(person))
        if images:
            st.html(rasters.credits_html(context.clock(), images))


def _side(person: Person, selection: Selection, top: Pane, head_rem: float) -> Highlight | None:
    """Draw the open pane and return the place to highlight on the map."""
    height = f"calc(100dvh - {head_rem + 3.0:g}rem)"
    if top.kind == "detail":
        found = detail.show(person, PAGE, top.id, height=height)
        shown = _highlight(person, found.record) if found else None
        if shown is not None and st.session_state.get(_OPENED) != top.id:
            _show_whole(shown)
        st.session_state[_OPENED] = top.id  # from now on the map stays where its reader moves it
        return shown
    st.session_state.pop(_OPENED, None)
    if top.kind == "feature":
        official_feature.show(PAGE, person, top)
        return None
    if top.kind == "rows":
        _rows(person, top, height)
        return None
    if top.search is not None:
        return _results(person, top.search, height)
    _list(person, selection, height)
    return None


def _list(person: Person, selection: Selection, height: str) -> None:
    context = shell.context()
    audience = audience_of(person)
    order, split = ordering.current(), _is_unanswered(selection)
    query = QueueQuery(selection, order.order, unclaimed_first=split, backwards=order.backwards)
    found = queue(context.views, context.rules, context.clock(), audience, query)
    title = "Unanswered" if split else "Requests"
    with st.container(horizontal=True, key="list-head", vertical_alignment="center", gap="small"):
        st.html(f'<div class="cm-title"><b>{title}</b> {number(len(found.rows))}</div>', width="stretch")
        ordering.show()
    acting.show_message()
    empty = EMPTY_FILTERED if selection else EMPTY
    if not context.views.situation.board(audience).n:
        empty = ("No reports yet", "Send the first one on the Report page, or import a file on the command line.")
    _request_list(person, found, height, empty, f"list/{order.label}/{filters.query(selection)}")


def _is_unanswered(selection: Selection) -> bool:
    """Return whether the list shows unanswered requests, so that it begins with what nobody has."""
    return not set(selection.state) - set(filters.UNANSWERED)


def _rows(person: Person, top: Pane, height: str) -> None:
    st.button("← Back", key="rows-back", on_click=side_panel.back, args=(PAGE,), type="tertiary")
    acting.show_message()
    st.html(f'<div class="cm-title"><b>{escape(top.title)}</b></div>')
    requests = request_list.queue_of(shell.context().views.situation.board(audience_of(person)), top.rows)
    _request_list(person, requests, f"calc({height} - 2.5rem)", EMPTY_FILTERED, f"rows/{top.title}")


def _results(person: Person, results: DispatchResult, height: str) -> Highlight | None:
    """Draw what a search found and return the place to highlight on the map."""
    st.button("← Back", key="rows-back", on_click=side_panel.back, args=(PAGE,), type="tertiary")
    acting.show_message()
    st.html(f'<div class="cm-title"><b>Results for “{escape(results.query)}”</b></div>')
    shown = search_results.show(person, results, _move_to)
    if results.found.places or results.found.rows:
        shorter = f"calc({height} - {2.75 + 2.75 * shown.lines:g}rem)"
        _request_list(person, shown.queue, shorter, shown.empty, f"found/{shown.list_key}")
    return Highlight(shown.place.lon, shown.place.lat) if shown.place is not None else None


def _request_list(person: Person, requests: Queue, height: str, empty: tuple[str, str], list_key: str) -> None:
    options = request_list.ListOptions(
        requests,
        height,
        empty,
        list_key,
        claims=person.may("request.claim"),
        beside_map=True,
        shows_text=audience_of(person) is Audience.AGENCY,
        abilities=shell.abilities(person),
        returns=side_panel.last_opened(PAGE),
    )
    click = request_list.show(options, key="requests-map", dark=style.dark())
    if click is None:
        return
    if click.verb == "claim":
        acting.act(click.id, click.version, "claim", ClaimBody(CLAIM_MINUTES))
    side_panel.push(PAGE, Pane("detail", id=click.id))
    st.rerun()


def camera(views: Views) -> Camera:
    """Return the camera of this session; the whole incident at first."""
    current = st.session_state.get(_CAMERA)
    if isinstance(current, Camera):
        return current
    box = incident.box(views)
    if box is None:
        return WORLD
    fitted = st.session_state[_CAMERA] = _fit_map(box)
    return fitted


def _move_to(*places: PlaceHit) -> None:
    """Move the map to a place."""
    for place in places:
        target = Camera(place.lon, place.lat, CLOSE)
        if place.box:
            west, south, east, north = place.box
            target = _fit_map((west - 0.002, south - 0.002, east + 0.002, north + 0.002))
        now = st.session_state.get(_CAMERA, WORLD)
        st.session_state[_CAMERA] = now.moved_to(target.lon, target.lat, target.zoom)


def _follow_area(situation: Situation) -> None:
    """Move the map to the areas of the filter when they have changed."""
    areas = filters.current().area
    if st.session_state.get(_AREA, ()) == areas:
        return
    st.session_state[_AREA] = areas
    box = area_outline.box(situation, areas)
    if box is not None:
        target = _fit_map(box)
        st.session_state[_CAMERA] = camera(shell.context().views).moved_to(target.lon, target.lat, target.zoom)


def _fit_map(box: Extent) -> Camera:
    return fit_bounds(box, width_px=780 - legend.width_px(), height_px=600)


def _open_selection(person: Person, selection: Selection, event: MapEvent) -> None:
    """Open the selected report; list a cluster; show an official feature."""
    if event.kind == "layer":
        side_panel.push(PAGE, official_feature.pane(event))
        return
    views, now_ms = shell.context().views, shell.context().clock()
    board = views.situation.board(audience_of(person))
    if not isinstance(event.id, int) or event.id >= board.n:
        return
    if event.kind == "report":
        side_panel.push(PAGE, Pane("detail", id=views.features.records(board, [event.id], now_ms)[0].id))
        return
    index = views.tiles.index(audience_of(person), filters.drawn(selection), now_ms)
    rows, box = in_cluster(board, index, event.id, event.count)
    if box is None:
        return
    closer = _fit_map(box)
    st.session_state[_CAMERA] = camera(views).moved_to(closer.lon, closer.lat, closer.zoom)
    title = f"{count_phrase(len(rows), 'report')} in this part of the map"
    side_panel.push(PAGE, Pane("rows", title=title, rows=tuple(rows)))


def _highlight(person: Person, record: Record) -> Highlight | None:
    """Return the location of the open report, with the route to the nearest open shelter if it asks for help."""
    lon, lat = record.lon, record.lat
    if lon is None or lat is None or not (math.isfinite(lon) and math.isfinite(lat)):
        return None
    shelters = detail.nearest_shelters(person, record.id) if record.asks else ()
    route = shelters[0].route if shelters else None
    way = (route.line, route.by_road) if route is not None else ((), False)
    return Highlight(lon, lat, *way, accuracy_m=record.accuracy_m)


def _show_whole(shown: Highlight) -> None:
    """Move the map to the open report, so that the circle of its accuracy and the nearest shelter are in it.

    The report stays in the middle, where it can be picked again. A shelter beyond SHELTER_WITHIN_M is not shown: the
    streets around the report could no longer be told apart.
    """
    metres = np.array([DEGREE_M * max(math.cos(math.radians(shown.lat)), 0.01), DEGREE_M])  # a degree across and down
    half = (shown.accuracy_m or 0) / metres
    for lon, lat in shown.route[-1:]:
        way = np.array([abs((lon - shown.lon + 180) % 360 - 180), abs(lat - shown.lat)])
        if np.hypot(*(way * metres)) <= SHELTER_WITHIN_M:
            half = np.maximum(half, way)
    across, down = half.tolist()
    target = _fit_map((shown.lon - across, shown.lat - down, shown.lon + across, shown.lat + down))
    st.session_state[_CAMERA] = camera(shell.context().views).moved_to(shown.lon, target.lat, target.zoom)


def _phone_tab(top: Pane) -> str:
    """Draw the Map and List tabs of a phone and return the selected one; an open pane takes the whole page."""
    if top.kind != "list":
        return "List"
    with st.container(key="tabs"):
        tab = st.segmented_control(
            "Show", ("Map", "List"), key=_TAB, default="Map", label_visibility="collapsed", width="stretch"
        )
    return tab or "Map"


def _phone_css(tab: str, top: Pane) -> str:
    """Return CSS that shows one of the two on a phone; the results of a search stand below the search box."""
    hidden = ".st-key-pane-side" if tab == "Map" else ".st-key-pane-map"
    css = f"{hidden}{{display:none}}"
    if top.search is not None:
        css = ".st-key-below-map{display:none}"
        if top.search.found.place_first:  # the place, and below it the requests around it
            height = "{height:35dvh !important}"
            css += f".st-key-pane-map .st-key-map,.st-key-pane-map .st-key-map [data-testid=stDeckGlJsonChart]{height}"
        else:
            css += ".st-key-map{display:none}"
    return f"<style>@media (max-width:640px){{{css}}}</style>"
