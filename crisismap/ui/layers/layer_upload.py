"""Add or replace a layer: read a file, preview it, then publish it. Nothing is published before that."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePath

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from crisismap.core.errors import CrisismapError, Invalid
from crisismap.core.layer.difference import LayerDifference, difference
from crisismap.core.layer.layer import Layer, LayerVersion, Role
from crisismap.core.layer.role_guess import RoleGuess, guess_role
from crisismap.core.people.person import Person
from crisismap.layers.normalise.column_use import with_role
from crisismap.layers.normalise.locate import locate
from crisismap.layers.normalise.mapping import SWAPPED, LayerMapping, parse_layer_mapping
from crisismap.layers.read import read_layer_bytes
from crisismap.problems import sentence
from crisismap.services.layers import position
from crisismap.services.layers.publish import make_layer, put_layer
from crisismap.ui.frame import shell, style, stylesheet
from crisismap.ui.frame.wording import age, count_phrase
from crisismap.ui.layers import layer_card, layer_misplaced, layer_preview, layer_reading
from crisismap.ui.layers.layer_lifecycle import unlocated_html
from crisismap.ui.layers.layer_map import preview_map
from crisismap.ui.layers.layer_words import ROLES, role_name
from crisismap.ui.requests import acting

FORMATS = (
    *("geojson", "json", "zip", "gpkg", "kml", "kmz", "gpx", "fgb", "csv", "tsv", "txt", "xlsx", "cap", "xml"),
    *("rss", "atom"),
)
NEW_LAYER = "A new layer"
_DRAFT, _NUMBER, _PREFILL = "layer-draft", "layer-number", "layer-upload-for"
_TEXTS = ("id", "title", "licence", "attribution")
_UNDECIDED = Role.CONTEXT  # of a preview until a person chooses: drawn, merged with nothing


@dataclass(frozen=True, slots=True)
class _File:
    """An uploaded file, the layer that it is to become, and the version that it would replace."""

    name: str
    data: bytes
    layer: Layer
    replaces: LayerVersion | None


@dataclass(frozen=True, slots=True)
class _Draft:
    """A file that was read. `misplaced`: why it does not lie where the incident is."""

    file: _File
    mapping: LayerMapping
    version: LayerVersion
    guess: RoleGuess | None
    misplaced: Invalid | None


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
    _problem("file")
    chosen = _layer_choice(file)
    swaps = _swapped_offer()
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
    with first:
        _problem("id")
    first.text_input("Title", key=_key("title"))
    second.text_input("Licence", key=_key("licence"), placeholder="CC BY 4.0")
    second.text_input(
        "Attribution", key=_key("attribution"), placeholder="Owner of the data, as they ask to be credited"
    )
    if current is not None and current.mapping:
        st.checkbox(f"Read it with the mapping of version {current.version}", True, key=_key("mapped"))
    is_pressed = st.button("Read and preview file", type="primary", disabled=file is None, icon=":material/preview:")
    if file is None:
        stylesheet.note("Choose a file first. You will see a preview before anyone else sees the layer.")
    elif is_pressed or swaps:
        _begin(file, current, swaps=swaps, source_layer=chosen)
        st.rerun()


def _layer_choice(file: UploadedFile | None) -> str:
    """Draw a choice where the file was found to hold several layers, sheets or files; return the one to read."""
    found = st.session_state.get(_key("choices"))
    if file is None or found is None or found[0] != file.file_id:
        return ""
    return str(st.selectbox("Layer of this file to read", found[1], key=_key("source-layer")) or "")


def _swapped_offer() -> bool:
    """Draw why a file whose coordinates are no places in this order was not read; return whether to swap them."""
    found = st.session_state.get(_key("problem"))
    if found is None or found[0] != "swapped":
        return False
    layer_preview.red_box("Longitude and latitude look swapped", [found[1]])
    return st.button(layer_misplaced.SWAP, key=_key("swap"), icon=":material/swap_horiz:")


def _problem(field: str) -> None:
    """Draw what is wrong with a field, below it."""
    found = st.session_state.get(_key("problem"))
    if found is not None and found[0] == field:
        stylesheet.error(found[1])


def _prefill(current: LayerVersion | None, file: UploadedFile | None) -> None:
    stem = PurePath(file.name).stem if file else ""
    title = " ".join(re.split(r"[\s_-]+", stem)).strip()
    # A name in another script than Latin leaves nothing for an id.
    layer_id = id_from(file.name) or "layer" if file else ""
    layer = current.layer if current else Layer(layer_id, title[:1].upper() + title[1:], _UNDECIDED)
    for name in _TEXTS:
        st.session_state[_key(name)] = getattr(layer, name)
    st.session_state.pop(_key("problem"), None)


def _begin(file: UploadedFile, current: LayerVersion | None, *, swaps: bool, source_layer: str) -> None:
    """Read the file into a preview, or keep what is wrong with which field."""
    texts = {name: str(st.session_state.get(_key(name)) or "").strip() for name in _TEXTS}
    st.session_state.pop(_key("problem"), None)
    if current is None and (taken := _taken(texts["id"])):
        st.session_state[_key("problem")] = ("id", taken)
        return
    try:
        layer = make_layer(texts.pop("id"), current.layer.role if current else _UNDECIDED, **texts)
    except CrisismapError as problem:
        st.session_state[_key("problem")] = ("id", sentence(problem))
        return
    mapping = LayerMapping()
    if current is not None and st.session_state.get(_key("mapped")):
        mapping = parse_layer_mapping(current.mapping, f"version {current.version}")
    mapping = replace(
        mapping, axes=SWAPPED if swaps else mapping.axes, source_layer=source_layer or mapping.source_layer
    )
    try:
        with st.spinner("Reading ...", show_time=True):
            st.session_state[_DRAFT] = _read(_File(file.name, file.getvalue(), layer, current), mapping)
    except CrisismapError as problem:
        field = "swapped" if problem.code == "layer_swapped" else "file"
        text = f"The file was not read and nothing was changed. {sentence(problem)}"
        st.session_state[_key("problem")] = (field, text)
        if choices := problem.details.get("choices"):
            st.session_state[_key("choices")] = (file.file_id, choices)


def _read(file: _File, mapping: LayerMapping) -> _Draft:
    """Return the preview of a file. Raises the errors of its reader."""
    context = shell.context()
    version = read_layer_bytes(file.data, layer=file.layer, mapping=mapping, now_ms=context.clock())
    version = locate(version, context.views.situation.layers_of(Role.AREA))
    version, misplaced = position.judged(context.views, version)
    return _Draft(file, mapping, version, guess_role((PurePath(file.name).stem, file.layer.title), version), misplaced)


def _taken(layer_id: str) -> str:
    """Return why a new layer cannot have this id; "" when it can."""
    context = shell.context()
    current = context.views.situation.layers.get(layer_id)
    if current is not None:
        layer, count = current.layer, count_phrase(len(current.features), "feature")
        return (
            f"A layer with the id {layer_id} exists: “{layer.title}”, {role_name(layer.role)}, {count}. Choose “A new "
            f"version of {layer_id}” above to replace it, or another id."
        )
    if any(each.source.layer_id == layer_id for each in context.store.layers.sources()):
        return f"The id {layer_id} belongs to a layer from a URL. Choose another id."
    return ""


def _preview(person: Person, draft: _Draft) -> None:
    st.markdown("**Preview: only you can see this**")
    others = list(shell.context().views.situation.layers.values())
    chart = preview_map(draft.version, others, dark=style.dark(), incident=draft.misplaced is not None)
    if draft.misplaced is not None and layer_misplaced.show(draft.misplaced, key=_key("swap")):
        _read_again(draft, replace(draft.mapping, axes="" if draft.mapping.swaps else SWAPPED))
    role = _role(draft)
    suggested = draft.guess.role if draft.guess is not None else _UNDECIDED
    version = with_role(replace(draft.version, version=_next_number(draft)), role or suggested)
    summary = layer_card.summary_html(version, None, None if role else "role not chosen yet")
    st.html(summary + unlocated_html(version))
    left, right = st.columns(2, gap="medium")
    with left:
        layer_card.map_of(chart, key=_key("preview"), alt="Map of the file that was read")
    with right:
        layer_preview.columns(version, role_is_suggested=role is None)
    layer_preview.first_rows(version)
    if (mapping := layer_reading.form(version, draft.mapping, key=_key("reading"))) is not None:
        _read_again(draft, mapping)
    _problem("reading")
    replaces = draft.file.replaces
    found = None if replaces is None else _replacement(replaces, version)
    if role is None:
        stylesheet.note("Choose the role of the layer first, above: it decides how reports are compared with it.")
    label = "Publish layer" if replaces is None else f"Replace version {replaces.version}"
    live = layer_preview.confirmed(
        version.layer.id,
        found,
        label,
        key=_key("confirm"),
        misplaced=draft.misplaced is not None,
        disabled=role is None,
    )
    st.button("Discard preview", on_click=_discard)
    if live:
        _publish(person, draft, version, is_typed=draft.misplaced is not None or layer_preview.needs_word(found))


def _next_number(draft: _Draft) -> int:
    """Return the number of the version that would be published; the versions of a layer that was removed count on."""
    heads = shell.context().store.layers.versions(draft.file.layer.id)
    return max((head.version for head in heads), default=0) + 1


def _read_again(draft: _Draft, mapping: LayerMapping) -> None:
    """Read the file of a preview in another way; a file that cannot be read so leaves the preview as it is."""
    st.session_state.pop(_key("problem"), None)
    try:
        with st.spinner("Reading ...", show_time=True):
            st.session_state[_DRAFT] = _read(draft.file, mapping)
    except CrisismapError as problem:
        st.session_state[_key("problem")] = ("reading", f"It cannot be read like this: {sentence(problem)}")
    st.rerun()


def _role(draft: _Draft) -> Role | None:
    """Draw the choice of the role, with the suggestion; a new layer has none until a person chooses."""
    current, guess = draft.file.replaces, draft.guess
    roles = list(Role)
    chosen: Role | None = st.selectbox(
        "Role",
        roles,
        index=None if current is None else roles.index(current.layer.role),
        key=_key("role"),
        format_func=ROLES.__getitem__,
        placeholder="Choose how reports are compared with it",
    )
    if guess is not None and guess.role is not chosen:
        *reasons, last = guess.reasons
        because = f"{', '.join(reasons)}{' and ' if reasons else ''}{last}"
        stylesheet.note(f"Suggested: {role_name(guess.role)}, because {because}.")
    elif guess is None and current is None:
        stylesheet.note("Neither the name nor the columns of the file suggest a role.")
    return chosen


def _replacement(old: LayerVersion, new: LayerVersion) -> LayerDifference:
    """Draw and return the difference to the version that is replaced."""
    found = difference(old, new)
    updated = age((shell.context().clock() - old.loaded_at_ms) / 1000)
    layer_preview.difference_table(found, old.version)
    stylesheet.note(
        f"Replaces version {old.version} with {count_phrase(len(old.features), 'feature')}, updated {updated} ago. "
        "Every affected report is compared again; the old version is kept."
    )
    return found


def _publish(person: Person, draft: _Draft, version: LayerVersion, *, is_typed: bool) -> None:
    context = shell.context()
    store, views, now_ms = context.store, context.views, context.clock()
    layer_id = version.layer.id
    if outdated := _outdated(draft):
        acting.keep_message("warning", outdated)
        st.rerun()
    try:
        with st.spinner("Saving and merging ..."):
            final = replace(version, version=0, loaded_at_ms=now_ms)
            confirm = layer_id if is_typed else None
            new_version = put_layer(store, views, now_ms, person, final, confirm=confirm)
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
    layer_id, shown = draft.version.layer.id, draft.file.replaces
    current = shell.context().views.situation.layers.get(layer_id)
    if shown is None:
        return _taken(layer_id)
    if current is not None and current.version == shown.version:
        return ""
    st.session_state[_DRAFT] = replace(draft, file=replace(draft.file, replaces=current))
    st.session_state.pop(_key("confirm"), None)
    changed = f"version {current.version} was published" if current else "the layer was removed"
    return f"Not saved: {changed} meanwhile. Look at the difference below again, then confirm."


def _discard() -> None:
    st.session_state.pop(_DRAFT, None)
    st.session_state.pop(_PREFILL, None)
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1


def _key(name: str) -> str:
    return f"layer-{name}-{st.session_state.get(_NUMBER, 0)}"
