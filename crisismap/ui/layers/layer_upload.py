"""Add or replace a layer: read a file, preview it, then publish it. Nothing is published before that."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from pathlib import PurePath
from typing import Protocol

import streamlit as st

from crisismap.core.errors import CrisismapError
from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.layers.normalise.locate import located
from crisismap.layers.read import read_layer_bytes
from crisismap.problems import sentence
from crisismap.services.layers.feeds import areas
from crisismap.services.layers.publish import described, put_layer
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import Situation
from crisismap.ui.frame import style, stylesheet
from crisismap.ui.frame.wording import count_phrase
from crisismap.ui.layers.layer_card import ROLES, features_table, summary_html
from crisismap.ui.layers.layer_map import MAP_PX, preview_map
from crisismap.ui.map import map as desk_map

FORMATS = ("geojson", "json", "zip", "gpkg", "kml", "gpx", "fgb", "csv", "xlsx", "cap", "xml")
_DRAFT, _MESSAGE, _NUMBER, _FOR = "layer-draft", "layer-said", "layer-number", "layer-upload-for"


class LayerUpload(Protocol):
    """An uploaded file."""

    name: str

    def getvalue(self) -> bytes:
        """Return the whole content."""


def upload(store: Store, views: Views, now_ms: int, person: Person) -> None:
    """Draw the form, or the preview of the file."""
    draft = st.session_state.get(_DRAFT)
    if isinstance(draft, LayerVersion):
        _preview(store, views, now_ms, person, draft)
    else:
        _form(views.situation, now_ms)


def show_outcome() -> None:
    """Show once what was published."""
    message = st.session_state.pop(_MESSAGE, None)
    if message:
        st.html(f'<div class="cm-notice success" role="status">{escape(message)}</div>')


def id_from(file_name: str) -> str:
    """Return a layer id made from a file's name."""
    stem = PurePath(file_name).name.split(".")[0].lower()
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:64]


def _form(situation: Situation, now_ms: int) -> None:
    live = situation.layers
    file = st.file_uploader(
        "File: GeoJSON, zipped shapefile, GeoPackage, KML, GPX, FlatGeobuf, CSV or XLSX with coordinates or p-codes, "
        "CAP or GeoRSS, up to 20 MB",
        type=list(FORMATS),
        key=_key("file"),
    )
    new = "A new layer"
    target = st.selectbox(
        "This file is",
        [new, *live],
        key=_key("target"),
        format_func=lambda each: each if each == new else f"A new version of {each}",
    )
    known = live.get(target)
    if st.session_state.get(_FOR) != (target, file.name if file else ""):
        _prefill(known, file)
        st.session_state[_FOR] = (target, file.name if file else "")
    first, second = st.columns(2)
    with first:
        st.text_input(
            "Id",
            key=_key("id"),
            disabled=known is not None,
            help="Lower-case letters, digits, - and _. It becomes part of the layer's URL.",
        )
        st.text_input("Title", key=_key("title"))
    with second:
        st.selectbox("Role", list(Role), key=_key("role"), format_func=ROLES.__getitem__)
        st.text_input("Licence", key=_key("licence"), placeholder="CC BY 4.0")
    st.text_input("Attribution", key=_key("attribution"), placeholder="Owner of the data, as they ask to be credited")
    if (
        st.button("Read and preview file", type="primary", disabled=file is None, icon=":material/preview:")
        and file is not None
    ):
        with st.spinner("Reading ...", show_time=True):
            _read(situation, now_ms, file)
        if _DRAFT in st.session_state:
            st.rerun()
    if file is None:
        stylesheet.note("Choose a file first. You will see a preview before anyone else sees the layer.")
    problem = st.session_state.get(_key("problem"))
    if problem:
        stylesheet.error(problem)


def _prefill(known: LayerVersion | None, file: LayerUpload | None) -> None:
    layer_id = known.layer.id if known else id_from(file.name) if file else ""
    layer = known.layer if known else None
    st.session_state[_key("id")] = layer_id
    st.session_state[_key("title")] = layer.title if layer else layer_id.replace("-", " ").capitalize()
    st.session_state[_key("role")] = layer.role if layer else Role.HAZARD
    st.session_state[_key("licence")] = layer.licence if layer else ""
    st.session_state[_key("attribution")] = layer.attribution if layer else ""
    st.session_state.pop(_key("problem"), None)


def _read(situation: Situation, now_ms: int, file: LayerUpload) -> None:
    texts = {
        name: str(st.session_state.get(_key(name)) or "").strip() for name in ("id", "title", "licence", "attribution")
    }
    try:
        layer = described(
            texts["id"],
            st.session_state[_key("role")],
            title=texts["title"],
            licence=texts["licence"],
            attribution=texts["attribution"],
        )
        version = read_layer_bytes(file.getvalue(), layer=layer, version=0, now_ms=now_ms)
        version = located(version, areas(situation))
    except CrisismapError as problem:
        st.session_state[_key("problem")] = f"The file was not read and nothing was changed. {sentence(problem)}"
        return
    st.session_state.pop(_key("problem"), None)
    st.session_state[_DRAFT] = version


def _preview(store: Store, views: Views, now_ms: int, person: Person, draft: LayerVersion) -> None:
    old = views.situation.layers.get(draft.layer.id)
    st.markdown("**Preview: only you can see this**")
    if old is None:
        stylesheet.note(f"New layer with {count_phrase(len(draft.features), 'feature')}.")
    else:
        stylesheet.note(
            f"Replaces version {old.version} with {count_phrase(len(old.features), 'feature')}. "
            "Every affected report is compared again; the old version is kept."
        )
    shown = replace(draft, version=old.version + 1 if old else 1)
    st.html(summary_html(shown, now_ms))
    made = preview_map(draft, list(views.situation.layers.values()), dark=style.dark())
    left, right = st.columns([3, 2], gap="medium")
    with left:
        desk_map.show(made, height=MAP_PX, key=_key("preview"), alt="Map of the file that was read")
    with right:
        features_table(draft)
    with st.container(horizontal=True):
        live = st.button("Publish layer", type="primary", icon=":material/publish:")
        st.button("Discard preview", on_click=_discard)
    if live:
        _publish(store, views, now_ms, person, draft)


def _publish(store: Store, views: Views, now_ms: int, person: Person, draft: LayerVersion) -> None:
    try:
        with st.spinner("Saving and merging ..."):
            published = put_layer(store, views, now_ms, person, replace(draft, loaded_at_ms=now_ms))
            views.situation.wait(store.events.revision())
    except CrisismapError as problem:
        stylesheet.error(f"Not saved: {sentence(problem)} The preview is still here: try again.")
        return
    _discard()
    st.session_state[_MESSAGE] = (
        f"“{published.layer.title}” ({published.layer.id}) is published as version {published.version}."
    )
    st.rerun()


def _discard() -> None:
    st.session_state.pop(_DRAFT, None)
    st.session_state.pop(_FOR, None)
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1


def _key(name: str) -> str:
    return f"layer-{name}-{st.session_state.get(_NUMBER, 0)}"
