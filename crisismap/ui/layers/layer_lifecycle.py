"""How a layer lives: where it comes from and how that goes, its versions, what cannot be placed, taking it back."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from crisismap.core import moment
from crisismap.core.errors import CrisismapError
from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.layer.source import FollowedSource, SourceKind
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.layers.normalise.locate import MISSING, codes_of
from crisismap.problems import sentence
from crisismap.services.layers.feeds import fetch_now, go_back, public_error, take_back, unfollow
from crisismap.services.layers.first_reported import FirstReports, first_reports
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.raster_fetcher import RasterFetcher
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import Situation
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.wording import age, ago, count_phrase, number
from crisismap.ui.layers import layer_population

FORMAT_WORDS = {
    (SourceKind.FILE, ""): "a file",
    (SourceKind.FEED, "cap"): "a feed of CAP warnings",
    (SourceKind.FEED, "nws"): "alerts of the US weather service",
    (SourceKind.FEED, "gdacs"): "the feed of GDACS",
    (SourceKind.FEED, "georss"): "a GeoRSS feed",
    (SourceKind.SERVICE, "ogc"): "an OGC API Features service",
    (SourceKind.SERVICE, "wfs"): "a WFS",
    (SourceKind.SERVICE, "arcgis"): "an ArcGIS FeatureServer",
    (SourceKind.PICTURE, "wms"): "pictures of a WMS",
    (SourceKind.PICTURE, "wmts"): "pictures of a WMTS",
    (SourceKind.PICTURE, "xyz"): "pictures in XYZ tiles",
}
_ROWS = 8
_FIRST_ROWS = 100
_FIRST = "layer-firsts"
_SAID = "layer-said"


def source_html(followed: FollowedSource, now_ms: int, person: Person) -> str:
    """Where it comes from, how often it is asked and how that went; the address is for its agencies."""
    source, health = followed.source, followed.health
    what = FORMAT_WORDS.get((source.kind, source.format), str(source.kind))
    where = f" at {escape(source.url)}" if person.may("layer.put") else ""
    good = f"last good answer {ago(health.good_ms, now_ms)}" if health.good_ms else "no good answer yet"
    line = f"Comes by itself: {what}{where}, every {age(source.refresh_s)} · {good}"
    if not health.error:
        return f'<p class="cm-line">{line}</p>'
    tries = (
        f" ({count_phrase(health.failures, 'try', 'tries')}, next {ago(health.due_ms, now_ms)})"
        if health.failures
        else ""
    )
    last = (
        "What was fetched stays on the map. " if source.kind is SourceKind.PICTURE else "The last good version stays. "
    )
    stays = last if health.good_ms else ""
    return (
        f'<p class="cm-line">{line}</p><p class="cm-line"><b class="warn">Not fetched:</b> '
        f"{escape(public_error(followed, person))}{tries}. {stays}</p>"
    )


def unlocated_html(version: LayerVersion) -> str:
    """What has no place, by name and code: it is listed, because it cannot be drawn."""
    without = [feature for feature in version.features if feature.geometry is None]
    partly = sum(MISSING in feature.properties for feature in version.features)
    if not without:
        return ""
    rows = []
    for feature in without[:_ROWS]:
        codes = ", ".join(code for codes in codes_of(feature).values() for code in codes)
        area = str(feature.properties.get("area") or "")
        rows.append(f"<li>{escape(' · '.join(part for part in (feature.name, area, codes[:120]) if part))}</li>")
    more = f"<li>and {number(len(without) - _ROWS)} more</li>" if len(without) > _ROWS else ""
    some = f"; {number(partly)} are placed in part" if partly else ""
    return (
        f'<p class="cm-line"><b class="warn">{count_phrase(len(without), "feature")} without a place</b>: no loaded '
        f'area layer has their codes{some}</p><ul class="cm-notes">{"".join(rows)}{more}</ul>'
    )


def awaited_layer(person: Person, followed: FollowedSource) -> None:
    """A layer that is followed and has no features: a picture, or one of which nothing has come yet."""
    context = shell.context()
    source = followed.source
    with st.container(border=True, key=f"layer-card-{source.layer_id}"):
        st.html(
            f'<div class="cm-layer"><h3>{escape(source.title)}</h3><span class="cm-id">{escape(source.layer_id)}</span>'
            f"</div>{source_html(followed, context.clock(), person)}{picture_html(followed)}"
        )
        if person.may("layer.put"):
            _diary(context.store, context.clock(), source.layer_id)
            _acts(person, source.layer_id, followed)


def picture_html(followed: FollowedSource) -> str:
    """What a picture covers, and whose it is; "" for other layers."""
    source, recipe = followed.source, followed.health.recipe
    if source.kind is not SourceKind.PICTURE:
        return ""
    credit = " · ".join(escape(each) for each in (source.licence, source.attribution) if each)
    covers = "not looked at yet"
    if recipe is not None:
        box = ", ".join(f"{value:.3f}" for value in recipe.bounds)
        covers = f"zoom {recipe.min_zoom} to {recipe.max_zoom} · west, south, east, north: {box}"
    return (
        f'<p class="cm-line">picture: drawn under the reports, not compared with them · {covers}</p>'
        f'<p class="cm-line soft">Licence: {credit or "not stated"}</p>'
    )


def _diary(store: Store, now_ms: int, layer_id: str) -> None:
    checks = store.layers.fetch_log(layer_id)[:_ROWS]
    if checks:
        lines = [(ago(check.at_ms, now_ms), check.outcome, check.detail) for check in checks]
        stylesheet.table(("When", "What came", "Why"), lines, caption="What came of asking, when it changed")


def history(person: Person, layer_id: str, followed: FollowedSource | None) -> None:
    """Versions, the diary of the source, and what an agency can do."""
    context = shell.context()
    heads = context.store.layers.versions(layer_id)
    now = context.clock()
    rows = [
        (
            str(head.version),
            ago(head.loaded_at_ms, now),
            "?" if head.count is None else number(head.count),
            f"{number(head.refused)} refused, {number(head.repaired)} repaired",
            "; ".join(head.notes)[:300] or "-",
        )
        for head in heads[: _ROWS * 2]
    ]
    stylesheet.table(
        ("Version", "Loaded", "Features", "Checked", "Notes"),
        rows,
        caption=f"{count_phrase(len(heads), 'version')} kept",
    )
    if person.may("layer.put"):
        _diary(context.store, context.clock(), layer_id)
    _who_was_first(context.store, context.views.situation, person, layer_id)
    layer_population.show(context.views, context.clock(), layer_id)
    if not person.may("layer.put"):
        return
    older = [head.version for head in heads[1:]]
    if older:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox("An older version", older, key=f"layer-older-{layer_id}", width=160)
            _button(
                f"Make version {chosen} current again",
                f"layer-back-{layer_id}",
                lambda: f"Version {chosen} of {layer_id} is live again, as {_went_back(person, layer_id, chosen)}.",
            )
    _acts(person, layer_id, followed)


def _who_was_first(store: Store, situation: Situation, person: Person, layer_id: str) -> None:
    """Of each place a hazard layer ever showed: when it did, and when somebody reported flooding there."""
    if situation.layers[layer_id].layer.role is not Role.HAZARD:
        return
    if not st.toggle("Who said it first, people or this layer?", key=f"layer-first-{layer_id}"):
        return
    key = (layer_id, situation.revision)
    kept = st.session_state.get(_FIRST)
    if kept is None or kept[0] != key:
        kept = (key, first_reports(store, situation, audience_of(person), layer_id))
        st.session_state[_FIRST] = kept
    found: FirstReports = kept[1]
    places, versions = count_phrase(len(found.places), "place"), count_phrase(found.versions, "kept version")
    stylesheet.finding(
        f"{number(found.people_first)} of {places} had a report before this layer showed them",
        f"Counted over {versions}; {number(found.reported)} of them have a report at all.",
    )
    rows = [
        (
            place.name or place.feature,
            moment.rfc3339(place.official_ms)[:16].replace("T", " "),
            "nobody" if place.reported_ms is None else moment.rfc3339(place.reported_ms)[:16].replace("T", " "),
            "-" if place.ahead_ms is None else _ahead(place.ahead_ms),
            number(place.reports),
        )
        for place in found.places[:_FIRST_ROWS]
    ]
    more = len(found.places) - len(rows)
    caption = "Times are UTC" + (
        f"; {count_phrase(more, 'more place')} at /api/v1/layers/{layer_id}/first" if more > 0 else ""
    )
    stylesheet.table(("Place", "Layer", "First report", "Who was first", "Reports"), rows, caption=caption, numbers=1)


def _ahead(ms: int) -> str:
    """`people, by 42 min`."""
    if ms == 0:
        return "the same moment"
    return f"{'people' if ms > 0 else 'the layer'}, by {age(abs(ms) / 1000)}"


def _acts(person: Person, layer_id: str, followed: FollowedSource | None) -> None:
    context = shell.context()
    with st.container(horizontal=True, vertical_alignment="center"):
        if followed is not None:
            _button("Ask now", f"layer-ask-{layer_id}", lambda: _asked(person, layer_id))
            if followed.source.kind is not SourceKind.PICTURE:  # without its server there is nothing that stays
                _button(
                    "Fetch it no longer",
                    f"layer-stop-{layer_id}",
                    lambda: _stopped(context.store, context.views.rasters, context.clock(), person, layer_id),
                )
        if st.checkbox("I want to take it back", key=f"layer-sure-{layer_id}"):
            _button(
                "Take it back",
                f"layer-take-{layer_id}",
                lambda: _taken(context.store, context.views, context.clock(), person, layer_id),
            )


def _button(label: str, key: str, act: Callable[[], str]) -> None:
    if not st.button(label, key=key):
        return
    try:
        with st.spinner("Working ..."):
            st.session_state[_SAID] = act()
    except CrisismapError as problem:
        stylesheet.error(sentence(problem))
        return
    st.rerun()


def _went_back(person: Person, layer_id: str, version: int) -> str:
    context = shell.context()
    made = go_back(context.store, context.views.situation, context.clock(), person, layer_id, version)
    return f"version {made.version}"


def _asked(person: Person, layer_id: str) -> str:
    context = shell.context()
    health = fetch_now(
        context.store, context.views, context.guards.stopping, context.settings, context.clock(), person, layer_id
    )
    return (
        f"{layer_id} was asked, and did not answer well: {health.error}" if health.error else f"{layer_id} was asked."
    )


def _stopped(store: Store, rasters: RasterFetcher, now_ms: int, person: Person, layer_id: str) -> str:
    unfollow(store, rasters, now_ms, person, layer_id)
    return f"{layer_id} is fetched no longer; what is there stays."


def _taken(store: Store, views: Views, now_ms: int, person: Person, layer_id: str) -> str:
    take_back(store, views, now_ms, person, layer_id)
    return f"{layer_id} was taken back: it is on no map, list or report any more. Its versions are kept."
