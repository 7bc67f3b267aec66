"""Follow a layer at an address: say what it is, look at what comes, then let it come by itself."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from threading import Event
from typing import Any

import streamlit as st

from crisismap.core.errors import CrisismapError, Invalid
from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.core.people.person import Person
from crisismap.problems import sentence
from crisismap.services.layers.feeds import fetch_now, follow, preview
from crisismap.services.runtime.views import Views
from crisismap.settings import Settings
from crisismap.situation.situation import Situation
from crisismap.ui.frame import shell, style, stylesheet
from crisismap.ui.frame.wording import count_phrase
from crisismap.ui.layers import layer_raster
from crisismap.ui.layers.layer_card import ROLES, features_table, summary_html
from crisismap.ui.layers.layer_lifecycle import FORMAT_WORDS, unlocated_html
from crisismap.ui.layers.layer_map import MAP_PX, preview_map
from crisismap.ui.map import map as desk_map

_DRAFT, _SAID, _NUMBER = "source-draft", "layer-said", "source-number"
_TEXTS = ("id", "title", "url", "name", "licence", "attribution")
_EXAMPLE = '[layer]\nname_field = "WARD_NAME"\nvalid_to = "ends"\n[status]\n"Full up" = "full"'


def add_by_address(person: Person) -> None:
    """Draw the form, or the preview of what came."""
    context = shell.context()
    draft = st.session_state.get(_DRAFT)
    if isinstance(draft, tuple):
        source, came = draft
        st.markdown("**Preview: only you see this yet**")
        if isinstance(came, LayerVersion):
            _preview(context.views.situation, context.clock(), source, came)
        else:
            layer_raster.show(source, came)
        _decide(person, source)
    else:
        _form(context.views, context.guards.stopping, context.settings, context.clock(), person)


def _form(views: Views, stopping: Event, settings: Settings, now_ms: int, person: Person) -> None:
    st.markdown("**Follow a layer at an address**")
    st.text_input("Address", key=_key("url"), placeholder="https://warnings.example.org/cap.atom")
    first, second = st.columns(2)
    with first:
        kinds = list(FORMAT_WORDS)
        st.selectbox("What is there", kinds, key=_key("kind"), format_func=FORMAT_WORDS.__getitem__)
        st.text_input("Id", key=_key("id"), help="Small letters, digits, - and _; part of its address here.")
        st.text_input("Title", key=_key("title"))
        st.number_input("Ask every so many minutes", 0.5, 43_200.0, 5.0, key=_key("minutes"))
    picture = _is_picture()
    with second:
        st.text_input("Collection, feature type or picture", key=_key("name"), help="Of a service, WMS or WMTS only.")
        if not picture:
            st.selectbox("What it is", list(Role), index=1, key=_key("role"), format_func=ROLES.__getitem__)
        st.text_input("Licence", key=_key("licence"), placeholder="CC BY 4.0")
        if not picture:
            st.number_input("A warning without an end counts for so many hours", 0.5, 8784.0, 24.0, key=_key("hours"))
    if picture:
        layer_raster.fields(_key("picture"))
    st.text_input("Attribution", key=_key("attribution"), placeholder="whose data it is, as they want to be named")
    if not picture:
        st.text_area(
            "Which field is what (TOML; only where it is not guessed right)", key=_key("mapping"), placeholder=_EXAMPLE
        )
    if st.button("Fetch it and show it", type="primary", icon=":material/preview:"):
        with st.spinner("Fetching ...", show_time=True):
            _fetch(views, stopping, settings, now_ms, person)
        if _DRAFT in st.session_state:
            st.rerun()
    problem = st.session_state.get(_key("problem"))
    if problem:
        stylesheet.error(problem)


def _fetch(views: Views, stopping: Event, settings: Settings, now_ms: int, person: Person) -> None:
    try:
        source = _source()
        picture = source.kind is SourceKind.PICTURE
        came = (
            layer_raster.fetch_sample(views.rasters, stopping, settings, person, source)
            if picture
            else preview(views.situation, stopping, settings, now_ms, person, source)
        )
        st.session_state[_DRAFT] = (source, came)
    except CrisismapError as problem:
        st.session_state[_key("problem")] = f"Nothing was changed. {sentence(problem)}"
        return
    st.session_state.pop(_key("problem"), None)


def _is_picture() -> bool:
    kind, _ = st.session_state.get(_key("kind")) or ("", "")
    return bool(kind == SourceKind.PICTURE)


def _source() -> LayerSource:
    said = {name: str(st.session_state.get(_key(name)) or "").strip() for name in _TEXTS}
    kind, form = st.session_state[_key("kind")]
    bbox, least, most = layer_raster.raster_entries(_key("picture")) if kind is SourceKind.PICTURE else (None, 0, 19)
    return LayerSource(
        layer_id=said["id"],
        title=said["title"] or said["id"].replace("-", " "),
        role=str(Role.CONTEXT if kind is SourceKind.PICTURE else st.session_state[_key("role")]),
        kind=kind,
        format=form,
        url=said["url"],
        name=said["name"] if kind in (SourceKind.SERVICE, SourceKind.PICTURE) else "",
        bbox=bbox,
        min_zoom=least,
        max_zoom=most,
        licence=said["licence"],
        attribution=said["attribution"],
        refresh_s=round(float(st.session_state[_key("minutes")]) * 60),
        validity_h=float(st.session_state.get(_key("hours")) or 24.0),
        mapping=_mapping(str(st.session_state.get(_key("mapping")) or "")),
    )


def _mapping(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise Invalid("mapping", text, "not_toml", problem=str(problem)) from None


def _preview(situation: Situation, now_ms: int, source: LayerSource, version: LayerVersion) -> None:
    old = situation.layers.get(source.layer_id)
    if old is None:
        stylesheet.note(
            f"A new layer with {count_phrase(len(version.features), 'feature')}, asked every {source.refresh_s} s."
        )
    else:
        stylesheet.note(
            f"Replaces version {old.version} with {count_phrase(len(old.features), 'feature')}, and every version it "
            "brings later replaces the one before; old versions are kept."
        )
    shown = replace(version, version=old.version + 1 if old else 1)
    st.html(summary_html(shown, now_ms) + unlocated_html(version))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        made = preview_map(version, list(situation.layers.values()), dark=style.dark())
        desk_map.show(made, height=MAP_PX, key=_key("preview"), alt="Map of what was fetched")
    with right:
        features_table(version)


def _decide(person: Person, source: LayerSource) -> None:
    with st.container(horizontal=True):
        live = st.button("Follow it: live for everybody", type="primary", icon=":material/publish:")
        st.button("Discard", on_click=_discard, key=_key("discard"))
    if live:
        _publish(person, source)


def _publish(person: Person, source: LayerSource) -> None:
    context = shell.context()
    try:
        with st.spinner("Saving and merging ..."):
            follow(context.store, context.views, context.clock(), person, source)
            health = fetch_now(
                context.store,
                context.views,
                context.guards.stopping,
                context.settings,
                context.clock(),
                person,
                source.layer_id,
            )
    except CrisismapError as problem:
        stylesheet.error(f"Not saved: {sentence(problem)}")
        return
    _discard()
    ending = f" The first try failed: {health.error}" if health.error else ""
    st.session_state[_SAID] = f"“{source.title}” ({source.layer_id}) comes by itself from now on.{ending}"
    st.rerun()


def _discard() -> None:
    st.session_state.pop(_DRAFT, None)
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1


def _key(name: str) -> str:
    return f"source-{name}-{st.session_state.get(_NUMBER, 0)}"
