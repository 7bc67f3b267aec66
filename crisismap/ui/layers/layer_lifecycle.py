"""The life of a layer: its source and fetch status, its versions, features without a location, and removal."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from crisismap.core.errors import CrisismapError, NotFound
from crisismap.core.layer.difference import difference
from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.layer.source import FollowedSource, SourceHealth, SourceKind
from crisismap.core.people.person import Person
from crisismap.layers.normalise.locate import MISSING, codes_of
from crisismap.problems import sentence
from crisismap.services.layers.feeds import fetch_now, go_back, public_error, server_message, take_back, unfollow
from crisismap.services.layers.first_reported import first_reports
from crisismap.services.runtime.context import audience_of
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.local_time import minute, zone
from crisismap.ui.frame.session_cache import cached
from crisismap.ui.frame.wording import age, ago, count_phrase, number, original_link
from crisismap.ui.layers import layer_population, layer_preview
from crisismap.ui.layers.layer_words import role_name
from crisismap.ui.requests import acting

FORMAT_LABELS = {
    (SourceKind.FILE, ""): "File",
    (SourceKind.FEED, "cap"): "CAP warnings feed",
    (SourceKind.FEED, "nws"): "US weather service alerts",
    (SourceKind.FEED, "gdacs"): "GDACS feed",
    (SourceKind.FEED, "georss"): "GeoRSS feed",
    (SourceKind.SERVICE, "ogc"): "OGC API Features service",
    (SourceKind.SERVICE, "wfs"): "WFS",
    (SourceKind.SERVICE, "arcgis"): "ArcGIS FeatureServer",
    (SourceKind.PICTURE, "wms"): "WMS images",
    (SourceKind.PICTURE, "wmts"): "WMTS images",
    (SourceKind.PICTURE, "xyz"): "XYZ tile images",
}
_ROWS = 8
_FIRST_ROWS = 100


def source_html(followed_source: FollowedSource, now_ms: int, person: Person) -> str:
    """Return the source, fetch interval and fetch status as HTML; only agencies see the URL."""
    source, health = followed_source.source, followed_source.health
    format_label = FORMAT_LABELS.get((source.kind, source.format), str(source.kind))
    url_text = f" at {escape(source.url)}" if person.may("layer.put") else ""
    last_fetch = f"last successful fetch {ago(health.good_ms, now_ms)}" if health.good_ms else "no successful fetch yet"
    line = f"Fetched automatically: {format_label}{url_text}, every {age(source.refresh_s)} · {last_fetch}"
    if not health.error:
        return f'<p class="cm-line">{line}</p>'
    tries = kept_text = ""
    if health.failures:
        tries = f" ({count_phrase(health.failures, 'try', 'tries')}, next {ago(health.due_ms, now_ms)})"
    if health.good_ms:
        images = source.kind is SourceKind.PICTURE
        kept_text = "Images already fetched stay on the map. " if images else "The last good version stays in use. "
    said = escape(server_message(followed_source, person))
    said_text = f"Its server says: “{said}”. " if said else ""
    return (
        f'<p class="cm-line">{line}</p><p class="cm-line"><b class="warn">Fetch failed:</b> '
        f"{escape(public_error(followed_source, person))}{tries}. {said_text}{kept_text}</p>"
    )


def unlocated_html(version: LayerVersion) -> str:
    """Return the features without a location by name and code: they cannot be drawn, so they are listed."""
    missing = [feature for feature in version.features if feature.geometry is None]
    if not missing:
        return ""
    partial = sum(MISSING in feature.properties for feature in version.features)
    rows = []
    for feature in missing[:_ROWS]:
        codes = ", ".join(code for codes in codes_of(feature).values() for code in codes)
        area = str(feature.properties.get("area") or "")
        rows.append(f"<li>{escape(' · '.join(part for part in (feature.name, area, codes[:120]) if part))}</li>")
    more = f"<li>and {number(len(missing) - _ROWS)} more</li>" if len(missing) > _ROWS else ""
    partial_text = f"; {number(partial)} have only a part of their area" if partial else ""
    return (
        f'<p class="cm-line"><b class="warn">{count_phrase(len(missing), "feature")} without a location</b>: no loaded '
        f'area layer has their codes{partial_text}</p><ul class="cm-notes">{"".join(rows)}{more}</ul>'
    )


def originals_html(version: LayerVersion) -> str:
    """Return links to the messages that the warnings of a layer were read from, byte by byte."""
    if not version.originals:
        return ""
    rows = [f"<li>{original_link(version.layer.id, each)}</li>" for each in version.originals[:_ROWS]]
    more = len(version.originals) - _ROWS
    rest = f"<li>and {number(more)} more at /api/v1/layers/{version.layer.id}/originals</li>" if more > 0 else ""
    return f'<p class="cm-line">Original messages</p><ul class="cm-notes">{"".join(rows)}{rest}</ul>'


def empty_layer(person: Person, followed_source: FollowedSource) -> None:
    """Draw the card of a fetched layer without features: map images, or a layer that was never fetched successfully."""
    context = shell.context()
    source = followed_source.source
    with st.container(border=True, key=f"layer-card-{source.layer_id}"):
        st.html(
            f'<div class="cm-layer"><h3>{escape(source.title)}</h3><span class="cm-id">{escape(source.layer_id)}</span>'
            f"</div>{source_html(followed_source, context.clock(), person)}{picture_html(followed_source)}"
        )
        if person.may("layer.put"):
            _fetch_log(source.layer_id)
            _actions(person, source.layer_id, followed_source)


def picture_html(followed_source: FollowedSource) -> str:
    """Return what map images cover and their credits as HTML; "" for other layers."""
    source, recipe = followed_source.source, followed_source.health.recipe
    if source.kind is not SourceKind.PICTURE:
        return ""
    credit = " · ".join(escape(each) for each in (source.licence, source.attribution) if each)
    coverage = "not fetched yet"
    if recipe is not None:
        box = ", ".join(f"{value:.3f}" for value in recipe.bounds)
        coverage = f"zoom {recipe.min_zoom} to {recipe.max_zoom} · west, south, east, north: {box}"
    return (
        f'<p class="cm-line">Images: drawn under the reports, not compared with them · {coverage}</p>'
        f'<p class="cm-line soft">Licence: {credit or "not stated"}</p>'
    )


def _fetch_log(layer_id: str) -> None:
    context = shell.context()
    checks = context.store.layers.fetch_log(layer_id)[:_ROWS]
    if checks:
        lines = [(ago(check.at_ms, context.clock()), check.outcome, check.detail) for check in checks]
        stylesheet.table(("When", "Result", "Details"), lines, caption="Fetch log: each change of the result")


def history(person: Person, layer_id: str, followed_source: FollowedSource | None) -> None:
    """Draw the versions, the fetch log, and the actions of an agency."""
    context = shell.context()
    heads = context.store.layers.versions(layer_id)
    now = context.clock()
    rows = [
        (
            str(head.version),
            ago(head.loaded_at_ms, now),
            f"{role_name(head.layer.role)}: {head.layer.title}" if head.layer else "?",
            "?" if head.count is None else number(head.count),
            f"{number(head.refused)} refused, {number(head.repaired)} repaired",
            "; ".join(head.notes)[:300] or "-",
        )
        for head in heads[: _ROWS * 2]
    ]
    stylesheet.table(
        ("Version", "Loaded", "Role and title", "Features", "Checked", "Notes"),
        rows,
        caption=f"{count_phrase(len(heads), 'version')} kept",
    )
    if person.may("layer.put"):
        _fetch_log(layer_id)
    current = context.views.situation.layers.get(layer_id)
    if current is not None and (originals := originals_html(current)):
        st.html(originals)
    _first_reported_by(person, layer_id)
    layer_population.show(layer_id)
    if not person.may("layer.put"):
        return
    older = [head.version for head in heads[1:]]
    if older:
        _older_version(person, layer_id, older)
    _actions(person, layer_id, followed_source)


def _older_version(person: Person, layer_id: str, older: list[int]) -> None:
    """Draw the choice of an older version, and what restoring it would change."""
    views = shell.context().views
    selected = st.selectbox("An older version", older, key=f"layer-older-{layer_id}", width=160)
    current = views.situation.layers[layer_id]
    try:
        old = views.history.version(layer_id, selected)
    except NotFound as problem:  # deleted meanwhile
        stylesheet.error(sentence(problem))
        return
    found = difference(current, old)
    layer_preview.difference_table(found, current.version)
    key = f"layer-back-sure-{layer_id}-{current.version}-{selected}"
    if layer_preview.confirmed(layer_id, found, f"Restore version {selected}", key=key):
        _act(_restore, person, layer_id, selected)


def _first_reported_by(person: Person, layer_id: str) -> None:
    """Draw, for each place a hazard layer ever showed, when it did and when people first reported flooding there."""
    store, situation = shell.context().store, shell.context().views.situation
    if situation.layers[layer_id].layer.role is not Role.HAZARD:
        return
    if not st.toggle("Show whether people or this layer came first", key=f"layer-first-{layer_id}"):
        return
    audience = audience_of(person)
    result = cached(
        f"layer-firsts-{layer_id}",
        (audience, situation.revision),
        lambda: first_reports(store, situation, audience, layer_id),
    )
    places, versions = count_phrase(len(result.places), "place"), count_phrase(result.versions, "kept version")
    stylesheet.finding(
        f"{number(result.people_first)} of {places} had a report before this layer showed them",
        f"Counted over {versions}; {count_phrase(result.reported, 'place has', 'places have')} a report.",
    )
    rows = [
        (
            place.name or place.feature,
            minute(place.official_ms, zone()),
            "no report" if place.reported_ms is None else minute(place.reported_ms, zone()),
            "-" if place.ahead_ms is None else _ahead(place.ahead_ms),
            number(place.reports),
        )
        for place in result.places[:_FIRST_ROWS]
    ]
    more = len(result.places) - len(rows)
    caption = f"{count_phrase(more, 'more place')} at /api/v1/layers/{layer_id}/first" if more > 0 else ""
    stylesheet.table(
        ("Place", "Layer", "First report", "First reported by", "Reports"), rows, caption=caption, numbers=1
    )


def _ahead(ms: int) -> str:
    """Return `people, 42 min earlier`."""
    if ms == 0:
        return "same time"
    return f"{'people' if ms > 0 else 'the layer'}, {age(abs(ms) / 1000)} earlier"


def _actions(person: Person, layer_id: str, followed_source: FollowedSource | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if followed_source is not None:
            _button("Fetch now", f"layer-ask-{layer_id}", _fetch_again, person, layer_id)
            # Images are not stored as versions, so nothing would stay without their server.
            if followed_source.source.kind is not SourceKind.PICTURE:
                _button("Stop fetching", f"layer-stop-{layer_id}", _stop_fetching, person, layer_id)
        if st.checkbox("I want to remove this layer", key=f"layer-sure-{layer_id}"):
            _button("Remove layer", f"layer-take-{layer_id}", _remove, person, layer_id)


def _button(label: str, key: str, act: Callable[..., str], *args: object) -> None:
    if st.button(label, key=key):
        _act(act, *args)


def _act(act: Callable[..., str], *args: object) -> None:
    try:
        with st.spinner("Working ..."):
            acting.keep_message("success", act(*args))
    except CrisismapError as problem:
        stylesheet.error(sentence(problem))
        return
    st.rerun()


def _restore(person: Person, layer_id: str, version: int) -> str:
    context = shell.context()
    layer_version = go_back(context.store, context.views.situation, context.clock(), person, layer_id, version)
    return f"Version {version} of {layer_id} is restored as version {layer_version.version}."


def fetch(person: Person, layer_id: str) -> SourceHealth:
    """Fetch a layer's source now and return its health. Raises the refusal of a person who may not."""
    context = shell.context()
    stopping, settings = context.guards.stopping, context.settings
    return fetch_now(context.store, context.views, stopping, settings, context.clock, person, layer_id)


def _fetch_again(person: Person, layer_id: str) -> str:
    health = fetch(person, layer_id)
    return f"The fetch of {layer_id} failed: {health.error}" if health.error else f"{layer_id} was fetched."


def _stop_fetching(person: Person, layer_id: str) -> str:
    context = shell.context()
    unfollow(context.store, context.views.rasters, context.clock(), person, layer_id)
    return f"{layer_id} is no longer fetched. Its current version stays."


def _remove(person: Person, layer_id: str) -> str:
    context = shell.context()
    take_back(context.store, context.views, context.clock(), person, layer_id)
    return f"{layer_id} is removed from every map, list and report. Its versions are kept."
