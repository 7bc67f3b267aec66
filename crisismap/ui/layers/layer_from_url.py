"""Add a layer from a URL: describe it, preview what is fetched, then publish it and keep fetching."""

from __future__ import annotations

import tomllib
from typing import Any

import streamlit as st

from crisismap.core.errors import CrisismapError, Invalid
from crisismap.core.layer.difference import LayerDifference, difference
from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.layer.raster import Recipe
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.core.people.person import Person
from crisismap.core.place.mercator import DEEPEST
from crisismap.core.place.place import Extent, read_bbox
from crisismap.layers.sandbox.raster import RasterImage
from crisismap.problems import sentence
from crisismap.services.layers import rasters
from crisismap.services.layers.feeds import follow, preview
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.wording import age
from crisismap.ui.layers import layer_card, layer_preview
from crisismap.ui.layers.layer_lifecycle import FORMAT_LABELS, fetch, unlocated_html
from crisismap.ui.layers.layer_words import ROLES
from crisismap.ui.requests import acting

_DRAFT, _NUMBER = "source-draft", "source-number"
_TEXTS = ("id", "title", "url", "name", "licence", "attribution")
_EXAMPLE = '[layer]\nname_field = "WARD_NAME"\nvalid_to = "ends"\n[status]\n"Full up" = "full"'


def add_from_url(person: Person) -> None:
    """Draw the form, or the preview of what was fetched."""
    draft = st.session_state.get(_DRAFT)
    if isinstance(draft, tuple):
        source, sample = draft
        st.markdown("**Preview: only you can see this**")
        found = None
        if isinstance(sample, LayerVersion):
            layer_card.preview(
                sample,
                fetched=f", fetched every {age(source.refresh_s)}",
                consequence="Each later version replaces the one before it; old versions are kept.",
                more=unlocated_html(sample),
                key=_key("preview"),
                alt="Map of what was fetched",
            )
            found = _difference(sample)
        else:
            _sample(source, sample)
        live = layer_preview.confirmed(source.layer_id, found, "Publish and keep fetching", key=_key("confirm"))
        st.button("Discard preview", on_click=_discard, key=_key("discard"))
        if live:
            _publish(person, source)
    else:
        _form(person)


def _difference(sample: LayerVersion) -> LayerDifference | None:
    """Draw and return the difference to the version that is replaced; None for a new layer."""
    layer_preview.columns(sample)
    layer_preview.first_rows(sample)
    old = shell.context().views.situation.layers.get(sample.layer.id)
    if old is None:
        return None
    found = difference(old, sample)
    layer_preview.difference_table(found, old.version)
    return found


def _form(person: Person) -> None:
    st.text_input("URL", key=_key("url"), placeholder="https://warnings.example.org/cap.atom")
    first, second = st.columns(2)
    kind, _ = first.selectbox("Format", list(FORMAT_LABELS), key=_key("kind"), format_func=FORMAT_LABELS.__getitem__)
    is_image = kind is SourceKind.PICTURE
    help = "Lower-case letters, digits, - and _. It becomes part of the layer's URL here."
    first.text_input("Id", key=_key("id"), help=help)
    first.text_input("Title", key=_key("title"))
    first.number_input("Fetch interval (minutes)", 0.5, 43_200.0, 5.0, key=_key("minutes"))
    help = "For a service, WMS or WMTS only."
    second.text_input("Collection, feature type or image layer", key=_key("name"), help=help)
    if not is_image:
        second.selectbox(
            "Role",
            list(Role),
            index=None,
            key=_key("role"),
            format_func=ROLES.__getitem__,
            placeholder="Choose how reports are compared with it",
        )
    second.text_input("Licence", key=_key("licence"), placeholder="CC BY 4.0")
    if not is_image:
        second.number_input("Warnings without an end expire after (hours)", 0.5, 8784.0, 24.0, key=_key("hours"))
    if is_image:
        _image_fields()
    st.text_input("Attribution", key=_key("attribution"), placeholder="Owner of the data, as they ask to be credited")
    if not is_image:
        st.text_area(
            "Field mapping (TOML, only for fields that are not recognised)", key=_key("mapping"), placeholder=_EXAMPLE
        )
    if st.button("Fetch and preview", type="primary", icon=":material/preview:"):
        with st.spinner("Fetching ...", show_time=True):
            _fetch(person)
        if _DRAFT in st.session_state:
            st.rerun()
    if problem := st.session_state.get(_key("problem")):
        stylesheet.error(problem)


def _fetch(person: Person) -> None:
    context = shell.context()
    views, stopping, settings = context.views, context.guards.stopping, context.settings
    try:
        source = _source()
        if source.kind is SourceKind.PICTURE:
            sample: LayerVersion | tuple[Recipe, RasterImage] = rasters.preview(
                views.rasters, stopping, settings, person, source
            )
        else:
            sample = preview(views, stopping, settings, context.clock(), person, source)
        st.session_state[_DRAFT] = (source, sample)
    except CrisismapError as problem:
        st.session_state[_key("problem")] = f"Nothing was changed. {sentence(problem)}"
        return
    st.session_state.pop(_key("problem"), None)


def _source() -> LayerSource:
    texts = {name: str(st.session_state.get(_key(name)) or "").strip() for name in _TEXTS}
    kind, format_id = st.session_state[_key("kind")]
    bbox, least, most = _image_entries() if kind is SourceKind.PICTURE else (None, 0, 19)
    return LayerSource(
        layer_id=texts["id"],
        title=texts["title"] or texts["id"].replace("-", " "),
        role=str(Role.CONTEXT if kind is SourceKind.PICTURE else st.session_state[_key("role")] or ""),
        kind=kind,
        format=format_id,
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


def _image_fields() -> None:
    left, right = st.columns(2)
    left.text_input(
        "Bounds: west, south, east, north",
        key=_key("picture"),
        placeholder="79.9, 12.7, 80.5, 13.4",
        help="In degrees. XYZ tiles need them, unless they cover the world; a WMS or WMTS states its own.",
    )
    right.slider("Zoom levels", 0, DEEPEST, (0, 19), key=_key("zooms"))


def _image_entries() -> tuple[Extent | None, int, int]:
    """Return the bounds and zoom levels of map images. Raise Invalid for bounds that cannot be read."""
    text = str(st.session_state.get(_key("picture")) or "").strip()
    least, most = st.session_state.get(_key("zooms")) or (0, 19)
    return (read_bbox(text) if text else None), int(least), int(most)


def _sample(source: LayerSource, sample: tuple[Recipe, RasterImage]) -> None:
    """Draw the sample tile and what is known about the images."""
    recipe, picture = sample
    tile = recipe.middle()
    box = ", ".join(f"{value:.3f}" for value in recipe.bounds)
    stylesheet.note(
        f"Map images, zoom {recipe.min_zoom} to {recipe.max_zoom}, west, south, east, north: {box}. They are drawn "
        f"under the reports and not compared with them. A tile is fetched when someone views it, and again after "
        f"{age(source.refresh_s)}."
    )
    st.image(picture.body, caption=f"Tile {tile.z}/{tile.x}/{tile.y}, in the middle of the bounds", width=256)


def _publish(person: Person, source: LayerSource) -> None:
    context = shell.context()
    try:
        with st.spinner("Saving and merging ..."):
            follow(context.store, context.views, context.clock(), person, source)
            health = fetch(person, source.layer_id)
    except CrisismapError as problem:
        stylesheet.error(f"Not saved: {sentence(problem)}")
        return
    _discard()
    failure = f" The first fetch failed: {health.error}" if health.error else ""
    title = f"“{source.title}” ({source.layer_id})"
    acting.keep_message("success", f"{title} is published and fetched automatically.{failure}")
    st.rerun()


def _discard() -> None:
    st.session_state.pop(_DRAFT, None)
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1


def _key(name: str) -> str:
    return f"source-{name}-{st.session_state.get(_NUMBER, 0)}"
