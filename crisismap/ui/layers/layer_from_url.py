"""Add a layer from a URL: describe it, preview what is fetched, then publish it and keep fetching."""

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
from crisismap.ui.frame.wording import age, count_phrase
from crisismap.ui.layers import layer_raster
from crisismap.ui.layers.layer_card import ROLES, features_table, summary_html
from crisismap.ui.layers.layer_lifecycle import FORMAT_WORDS, unlocated_html
from crisismap.ui.layers.layer_map import MAP_PX, preview_map
from crisismap.ui.map import map as desk_map

_DRAFT, _MESSAGE, _NUMBER = "source-draft", "layer-said", "source-number"
_TEXTS = ("id", "title", "url", "name", "licence", "attribution")
_EXAMPLE = '[layer]\nname_field = "WARD_NAME"\nvalid_to = "ends"\n[status]\n"Full up" = "full"'


def add_by_address(person: Person) -> None:
    """Draw the form, or the preview of what was fetched."""
    context = shell.context()
    draft = st.session_state.get(_DRAFT)
    if isinstance(draft, tuple):
        source, fetched = draft
        st.markdown("**Preview: only you can see this**")
        if isinstance(fetched, LayerVersion):
            _preview(context.views.situation, context.clock(), source, fetched)
        else:
            layer_raster.show(source, fetched)
        _decide(person, source)
    else:
        _form(context.views, context.guards.stopping, context.settings, context.clock(), person)


def _form(views: Views, stopping: Event, settings: Settings, now_ms: int, person: Person) -> None:
    st.text_input("URL", key=_key("url"), placeholder="https://warnings.example.org/cap.atom")
    first, second = st.columns(2)
    with first:
        kinds = list(FORMAT_WORDS)
        st.selectbox("Format", kinds, key=_key("kind"), format_func=FORMAT_WORDS.__getitem__)
        st.text_input(
            "Id", key=_key("id"), help="Lower-case letters, digits, - and _. It becomes part of the layer's URL here."
        )
        st.text_input("Title", key=_key("title"))
        st.number_input("Fetch interval (minutes)", 0.5, 43_200.0, 5.0, key=_key("minutes"))
    is_image = _is_image()
    with second:
        st.text_input(
            "Collection, feature type or image layer", key=_key("name"), help="For a service, WMS or WMTS only."
        )
        if not is_image:
            st.selectbox("Role", list(Role), index=1, key=_key("role"), format_func=ROLES.__getitem__)
        st.text_input("Licence", key=_key("licence"), placeholder="CC BY 4.0")
        if not is_image:
            st.number_input("Warnings without an end expire after (hours)", 0.5, 8784.0, 24.0, key=_key("hours"))
    if is_image:
        layer_raster.fields(_key("picture"))
    st.text_input("Attribution", key=_key("attribution"), placeholder="Owner of the data, as they ask to be credited")
    if not is_image:
        st.text_area(
            "Field mapping (TOML, only for fields that are not recognised)", key=_key("mapping"), placeholder=_EXAMPLE
        )
    if st.button("Fetch and preview", type="primary", icon=":material/preview:"):
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
        is_image = source.kind is SourceKind.PICTURE
        fetched = (
            layer_raster.fetch_sample(views.rasters, stopping, settings, person, source)
            if is_image
            else preview(views.situation, stopping, settings, now_ms, person, source)
        )
        st.session_state[_DRAFT] = (source, fetched)
    except CrisismapError as problem:
        st.session_state[_key("problem")] = f"Nothing was changed. {sentence(problem)}"
        return
    st.session_state.pop(_key("problem"), None)


def _is_image() -> bool:
    kind, _ = st.session_state.get(_key("kind")) or ("", "")
    return bool(kind == SourceKind.PICTURE)


def _source() -> LayerSource:
    texts = {name: str(st.session_state.get(_key(name)) or "").strip() for name in _TEXTS}
    kind, form = st.session_state[_key("kind")]
    bbox, least, most = layer_raster.raster_entries(_key("picture")) if kind is SourceKind.PICTURE else (None, 0, 19)
    return LayerSource(
        layer_id=texts["id"],
        title=texts["title"] or texts["id"].replace("-", " "),
        role=str(Role.CONTEXT if kind is SourceKind.PICTURE else st.session_state[_key("role")]),
        kind=kind,
        format=form,
        url=texts["url"],
        name=texts["name"] if kind in (SourceKind.SERVICE, SourceKind.PICTURE) else "",
        bbox=bbox,
        min_zoom=least,
        max_zoom=most,
        licence=texts["licence"],
        attribution=texts["attribution"],
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
            f"New layer with {count_phrase(len(version.features), 'feature')}, fetched every {age(source.refresh_s)}."
        )
    else:
        stylesheet.note(
            f"Replaces version {old.version} with {count_phrase(len(old.features), 'feature')}. Each later version "
            "replaces the one before it; old versions are kept."
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
        live = st.button("Publish and keep fetching", type="primary", icon=":material/publish:")
        st.button("Discard preview", on_click=_discard, key=_key("discard"))
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
                context.clock,
                person,
                source.layer_id,
            )
    except CrisismapError as problem:
        stylesheet.error(f"Not saved: {sentence(problem)}")
        return
    _discard()
    ending = f" The first fetch failed: {health.error}" if health.error else ""
    st.session_state[_MESSAGE] = f"“{source.title}” ({source.layer_id}) is published and fetched automatically.{ending}"
    st.rerun()


def _discard() -> None:
    st.session_state.pop(_DRAFT, None)
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1


def _key(name: str) -> str:
    return f"source-{name}-{st.session_state.get(_NUMBER, 0)}"
