"""Add or replace a layer: read a file, preview it, then publish it. Nothing is published before that."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePath

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from crisismap.core.errors import CrisismapError
from crisismap.core.layer.difference import difference
from crisismap.core.layer.layer import Layer, LayerVersion, Role
from crisismap.core.layer.role_guess import RoleGuess, guess_role
from crisismap.core.people.person import Person
from crisismap.layers.normalise.locate import locate
from crisismap.layers.normalise.mapping import LayerMapping, parse_layer_mapping
from crisismap.layers.read import read_layer_bytes
from crisismap.problems import sentence
from crisismap.services.layers import position
from crisismap.services.layers.publish import make_layer, put_layer
from crisismap.ui.frame import shell, style, stylesheet
from crisismap.ui.frame.wording import age, count_phrase
from crisismap.ui.layers import layer_card, layer_preview
from crisismap.ui.layers.layer_card import ROLES
from crisismap.ui.layers.layer_map import preview_map
from crisismap.ui.requests import acting

FORMATS = ("geojson", "json", "zip", "gpkg", "kml", "gpx", "fgb", "csv", "xlsx", "cap", "xml")
NEW_LAYER = "A new layer"
_DRAFT, _NUMBER, _PREFILL = "layer-draft", "layer-number", "layer-upload-for"
_TEXTS = ("id", "title", "licence", "attribution")
_UNDECIDED = Role.CONTEXT  # of a preview until a person chooses: drawn, merged with nothing


@dataclass(frozen=True, slots=True)
class _Draft:
    """A file that was read. `replaces`: the version whose difference is shown, None for a new layer."""

    version: LayerVersion
    guess: RoleGuess | None
    replaces: LayerVersion | None


def upload(person: Person) -> None:
    """Draw the form, or the preview of the file."""
    draft = st.session_state.get(_DRAFT)
    if isinstance(draft, _Draft):
        _preview(person, draft)
    else:
        _form()


def id_from(file_name: str) -> str:
    """Return a layer id made from a file's name."""
    stem = PurePath(file_name).name.split(".")[0].lower()
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:64]


def _form() -> None:
    live = shell.context().views.situation.layers
    file = st.file_uploader(
        "File: GeoJSON, zipped shapefile, GeoPackage, KML, GPX, GML, FlatGeobuf, CSV or XLSX with coordinates or "
        "p-codes, CAP or GeoRSS, up to 20 MB",
        type=list(FORMATS),
        key=_key("file"),
    )
    target = st.selectbox(
        "This file is",
        [NEW_LAYER, *live],
        key=_key("target"),
        format_func=lambda each: each if each == NEW_LAYER else f"A new version of {each}",
    )
    current = live.get(target or "")
    if st.session_state.get(_PREFILL) != (target, file.name if file else ""):
        _prefill(current, file)
        st.session_state[_PREFILL] = (target, file.name if file else "")
    first, second = st.columns(2)
    help = "Lower-case letters, digits, - and _. It becomes part of the layer's URL."
    first.text_input("Id", key=_key("id"), disabled=current is not None, help=help)
    first.text_input("Title", key=_key("title"))
    second.text_input("Licence", key=_key("licence"), placeholder="CC BY 4.0")
    second.text_input(
        "Attribution", key=_key("attribution"), placeholder="Owner of the data, as they ask to be credited"
    )
    if current is not None and current.mapping:
        st.checkbox(f"Read it with the mapping of version {current.version}", True, key=_key("mapped"))
    is_pressed = st.button("Read and preview file", type="primary", disabled=file is None, icon=":material/preview:")
    if is_pressed and file is not None:
        with st.spinner("Reading ...", show_time=True):
            _read(file, current)
        if _DRAFT in st.session_state:
            st.rerun()
    if file is None:
        stylesheet.note("Choose a file first. You will see a preview before anyone else sees the layer.")
    if problem := st.session_state.get(_key("problem")):
        stylesheet.error(problem)


def _prefill(current: LayerVersion | None, file: UploadedFile | None) -> None:
    layer_id = id_from(file.name) if file else ""
    layer = current.layer if current else Layer(layer_id, layer_id.replace("-", " ").capitalize(), _UNDECIDED)
    for name in _TEXTS:
        st.session_state[_key(name)] = getattr(layer, name)
    st.session_state.pop(_key("problem"), None)


def _read(file: UploadedFile, current: LayerVersion | None) -> None:
    context = shell.context()
    texts = {name: str(st.session_state.get(_key(name)) or "").strip() for name in _TEXTS}
    if current is None and (taken := _taken(texts["id"])):
        st.session_state[_key("problem")] = taken
        return
    mapping = LayerMapping()
    if current is not None and st.session_state.get(_key("mapped")):
        mapping = parse_layer_mapping(current.mapping, f"version {current.version}")
    role = current.layer.role if current else _UNDECIDED
    try:
        layer = make_layer(texts.pop("id"), role, **texts)
        version = read_layer_bytes(file.getvalue(), layer=layer, mapping=mapping, now_ms=context.clock())
        version = locate(version, context.views.situation.layers_of(Role.AREA))
        version = position.checked(context.views, version)
    except CrisismapError as problem:
        st.session_state[_key("problem")] = f"The file was not read and nothing was changed. {sentence(problem)}"
        return
    st.session_state.pop(_key("problem"), None)
    names = (PurePath(file.name).stem, layer.title)
    st.session_state[_DRAFT] = _Draft(version, guess_role(names, version), current)


def _taken(layer_id: str) -> str:
    """Return why a new layer cannot have this id; "" when it can."""
    context = shell.context()
    current = context.views.situation.layers.get(layer_id)
    if current is not None:
        layer, count = current.layer, count_phrase(len(current.features), "feature")
        return (
            f"A layer with the id {layer_id} exists: “{layer.title}”, {layer.role}, {count}. Choose “A new version of "
            f"{layer_id}” above to replace it, or another id."
        )
    if any(each.source.layer_id == layer_id for each in context.store.layers.sources()):
        return f"The id {layer_id} belongs to a layer from a URL. Choose another id."
    return ""


def _preview(person: Person, draft: _Draft) -> None:
    st.markdown("**Preview: only you can see this**")
    role = _role(draft)
    layer = replace(draft.version.layer, role=role or _UNDECIDED)
    version = replace(draft.version, layer=layer, version=draft.replaces.version + 1 if draft.replaces else 1)
    others = list(shell.context().views.situation.layers.values())
    st.html(layer_card.summary_html(version, shell.context().clock(), None if role else "role not chosen yet"))
    # As it was read: what its columns are used for was found for the role of then.
    layer_preview.columns(draft.version, role, suggested=draft.guess.role if draft.guess else None)
    layer_preview.first_rows(version)
    chart = preview_map(version, others, dark=style.dark())
    layer_card.map_and_features(chart, version, key=_key("preview"), alt="Map of the file that was read")
    if draft.replaces is None:
        stylesheet.note(f"New layer with {count_phrase(len(version.features), 'feature')}.")
        agreed, label = True, "Publish layer"
    else:
        agreed, label = _replacement(draft.replaces, version), f"Replace version {draft.replaces.version}"
    with st.container(horizontal=True):
        live = st.button(label, type="primary", icon=":material/publish:", disabled=role is None or not agreed)
        st.button("Discard preview", on_click=_discard)
    if role is None:
        stylesheet.note("Choose the role of the layer first: it decides how reports are compared with it.")
    if live:
        _publish(person, draft, version)


def _role(draft: _Draft) -> Role | None:
    """Draw the choice of the role, with the suggestion; a new layer has none until a person chooses."""
    current, guess = draft.replaces, draft.guess
    roles = list(Role)
    chosen: Role | None = st.selectbox(
        "Role",
        roles,
        index=None if current is None else roles.index(current.layer.role),
        key=_key("role"),
        format_func=ROLES.__getitem__,
        placeholder="Choose how reports are compared with it",
    )
    if guess is not None and guess.role is not (current.layer.role if current else None):
        *reasons, last = guess.reasons
        stylesheet.note(f"Suggested: {guess.role}, because {', '.join(reasons)}{' and ' if reasons else ''}{last}.")
    elif guess is None and current is None:
        stylesheet.note("Neither the name nor the columns of the file suggest a role.")
    return chosen


def _replacement(old: LayerVersion, new: LayerVersion) -> bool:
    """Draw the difference to the version that is replaced; return whether the person agrees to what would be lost."""
    found = difference(old, new)
    updated = age((shell.context().clock() - old.loaded_at_ms) / 1000)
    stylesheet.note(
        f"Replaces version {old.version} with {count_phrase(len(old.features), 'feature')}, updated {updated} ago. "
        "Every affected report is compared again; the old version is kept."
    )
    layer_preview.difference_table(found, old.version)
    return layer_preview.agreed(old.layer.id, found, "Replace it", key=_key("confirm"))


def _publish(person: Person, draft: _Draft, version: LayerVersion) -> None:
    context = shell.context()
    store, views, now_ms = context.store, context.views, context.clock()
    layer_id = version.layer.id
    if outdated := _outdated(draft):
        acting.keep_message("warning", outdated)
        st.rerun()
    try:
        with st.spinner("Saving and merging ..."):
            final = replace(version, version=0, loaded_at_ms=now_ms)
            new_version = put_layer(store, views, now_ms, person, final, confirm=layer_id)
            views.situation.wait(store.events.revision())
    except CrisismapError as problem:
        stylesheet.error(f"Not saved: {sentence(problem)} The preview is still here: try again.")
        return
    _discard()
    title = new_version.layer.title
    acting.keep_message("success", f"“{title}” ({layer_id}) is published as version {new_version.version}.")
    st.rerun()


def _outdated(draft: _Draft) -> str:
    """Return why the difference that was shown is no longer the right one; "" when it is."""
    layer_id, shown = draft.version.layer.id, draft.replaces
    current = shell.context().views.situation.layers.get(layer_id)
    if shown is None:
        return _taken(layer_id)
    if current is not None and current.version == shown.version:
        return ""
    st.session_state[_DRAFT] = replace(draft, replaces=current)
    st.session_state.pop(_key("confirm"), None)
    changed = f"version {current.version} was published" if current else "the layer was removed"
    return f"Not saved: {changed} meanwhile. Look at the difference below again, then confirm."


def _discard() -> None:
    st.session_state.pop(_DRAFT, None)
    st.session_state.pop(_PREFILL, None)
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1


def _key(name: str) -> str:
    return f"layer-{name}-{st.session_state.get(_NUMBER, 0)}"
