"""Add or replace a layer: read a file, preview it, then publish it. Nothing is published before that."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from crisismap.core.errors import CrisismapError
from crisismap.core.layer.layer import Layer, LayerVersion, Role
from crisismap.core.people.person import Person
from crisismap.layers.normalise.locate import locate
from crisismap.layers.read import read_layer_bytes
from crisismap.problems import sentence
from crisismap.services.layers import position
from crisismap.services.layers.publish import make_layer, put_layer
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.layers import layer_card
from crisismap.ui.layers.layer_card import ROLES
from crisismap.ui.requests import acting

FORMATS = ("geojson", "json", "zip", "gpkg", "kml", "gpx", "fgb", "csv", "xlsx", "cap", "xml")
_DRAFT, _NUMBER, _PREFILL = "layer-draft", "layer-number", "layer-upload-for"
_TEXTS = ("id", "title", "licence", "attribution")


def upload(person: Person) -> None:
    """Draw the form, or the preview of the file."""
    draft = st.session_state.get(_DRAFT)
    if isinstance(draft, LayerVersion):
        _preview(person, draft)
    else:
        _form()


def id_from(file_name: str) -> str:
    """Return a layer id made from a file's name."""
    stem = PurePath(file_name).name.split(".")[0].lower()
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:64]


def _form() -> None:
    live, new_layer = shell.context().views.situation.layers, "A new layer"
    file = st.file_uploader(
        "File: GeoJSON, zipped shapefile, GeoPackage, KML, GPX, FlatGeobuf, CSV or XLSX with coordinates or p-codes, "
        "CAP or GeoRSS, up to 20 MB",
        type=list(FORMATS),
        key=_key("file"),
    )
    target = st.selectbox(
        "This file is",
        [new_layer, *live],
        key=_key("target"),
        format_func=lambda each: each if each == new_layer else f"A new version of {each}",
    )
    current = live.get(target)
    if st.session_state.get(_PREFILL) != (target, file.name if file else ""):
        _prefill(current, file)
        st.session_state[_PREFILL] = (target, file.name if file else "")
    first, second = st.columns(2)
    help = "Lower-case letters, digits, - and _. It becomes part of the layer's URL."
    first.text_input("Id", key=_key("id"), disabled=current is not None, help=help)
    first.text_input("Title", key=_key("title"))
    second.selectbox("Role", list(Role), key=_key("role"), format_func=ROLES.__getitem__)
    second.text_input("Licence", key=_key("licence"), placeholder="CC BY 4.0")
    st.text_input("Attribution", key=_key("attribution"), placeholder="Owner of the data, as they ask to be credited")
    is_pressed = st.button("Read and preview file", type="primary", disabled=file is None, icon=":material/preview:")
    if is_pressed and file is not None:
        with st.spinner("Reading ...", show_time=True):
            _read(file)
        if _DRAFT in st.session_state:
            st.rerun()
    if file is None:
        stylesheet.note("Choose a file first. You will see a preview before anyone else sees the layer.")
    if problem := st.session_state.get(_key("problem")):
        stylesheet.error(problem)


def _prefill(current: LayerVersion | None, file: UploadedFile | None) -> None:
    layer_id = id_from(file.name) if file else ""
    layer = current.layer if current else Layer(layer_id, layer_id.replace("-", " ").capitalize(), Role.HAZARD)
    for name in ("role", *_TEXTS):
        st.session_state[_key(name)] = getattr(layer, name)
    st.session_state.pop(_key("problem"), None)


def _read(file: UploadedFile) -> None:
    context = shell.context()
    texts = {name: str(st.session_state.get(_key(name)) or "").strip() for name in _TEXTS}
    try:
        layer = make_layer(texts.pop("id"), st.session_state[_key("role")], **texts)
        version = read_layer_bytes(file.getvalue(), layer=layer, now_ms=context.clock())
        version = locate(version, context.views.situation.layers_of(Role.AREA))
        version = position.checked(context.views, version)
    except CrisismapError as problem:
        st.session_state[_key("problem")] = f"The file was not read and nothing was changed. {sentence(problem)}"
        return
    st.session_state.pop(_key("problem"), None)
    st.session_state[_DRAFT] = version


def _preview(person: Person, draft: LayerVersion) -> None:
    st.markdown("**Preview: only you can see this**")
    consequence = "Every affected report is compared again; the old version is kept."
    layer_card.preview(draft, consequence=consequence, key=_key("preview"), alt="Map of the file that was read")
    with st.container(horizontal=True):
        live = st.button("Publish layer", type="primary", icon=":material/publish:")
        st.button("Discard preview", on_click=_discard)
    if live:
        _publish(person, draft)


def _publish(person: Person, draft: LayerVersion) -> None:
    context = shell.context()
    store, views, now_ms = context.store, context.views, context.clock()
    try:
        with st.spinner("Saving and merging ..."):
            new_version = put_layer(store, views, now_ms, person, replace(draft, loaded_at_ms=now_ms))
            views.situation.wait(store.events.revision())
    except CrisismapError as problem:
        stylesheet.error(f"Not saved: {sentence(problem)} The preview is still here: try again.")
        return
    _discard()
    layer = new_version.layer
    acting.keep_message("success", f"“{layer.title}” ({layer.id}) is published as version {new_version.version}.")
    st.rerun()


def _discard() -> None:
    st.session_state.pop(_DRAFT, None)
    st.session_state.pop(_PREFILL, None)
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1


def _key(name: str) -> str:
    return f"layer-{name}-{st.session_state.get(_NUMBER, 0)}"
