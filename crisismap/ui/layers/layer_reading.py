"""The form of a preview that names other columns or another encoding, so that the file is read again."""

from __future__ import annotations

from functools import partial

import streamlit as st

from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.layers.normalise.mapping import LayerMapping, parse_layer_mapping
from crisismap.ui.layers.layer_words import use_label

# The mapping's keys for uses of columns; what a role does not read is not offered.
_FIELDS = {"name": "name_field", "id": "id_field", "code": "code_field", "status": "status_field"}
_BY_ROLE = {
    Role.SHELTER: {
        "capacity": "capacity_field",
        "occupancy": "occupancy_field",
        "free_places": "free_field",
        "needs": "needs_field",
        "as_of": "as_of_field",
    },
    Role.CONTEXT: {
        "water_level": "level_field",
        "measured_at": "measured_field",
        "warning_level": "warning_field",
        "danger_level": "danger_field",
        "population_count": "population_field",
    },
    Role.AREA: {"population_count": "population_field"},
    Role.HAZARD: {"valid_from": "valid_from", "valid_to": "valid_to"},
}
_GUESSED = "as guessed"


def form(version: LayerVersion, mapping: LayerMapping, *, key: str) -> LayerMapping | None:
    """Draw the columns to choose for what the role of the version reads; return the mapping to read it again with."""
    if version.columns is None:
        return None
    names = version.columns.file.names
    values: dict[str, str] = {}
    with st.expander("Something is wrong? Choose the columns and the encoding"), st.form(key, border=False):
        sides = st.columns(3)
        for at, (use, field) in enumerate({**_FIELDS, **_BY_ROLE.get(version.layer.role, {})}.items()):
            given = getattr(mapping, field)
            options = ["", *names]
            label = use_label(use)
            chosen = sides[at % 3].selectbox(
                label[:1].upper() + label[1:],
                options,
                index=options.index(given) if given in options else 0,
                key=f"{key}-{field}",
                format_func=partial(_option, _guess(version, use)),
            )
            values[field] = str(chosen or "")
        values["encoding"] = st.text_input(
            "Encoding", mapping.encoding, key=f"{key}-encoding", placeholder="as guessed; for example cp1256, latin-1"
        ).strip()
        is_pressed = st.form_submit_button("Read it again", icon=":material/refresh:")
    if not is_pressed:
        return None
    tables = mapping.tables()
    layer = {**tables.get("layer", {}), **values}
    return parse_layer_mapping({**tables, "layer": {name: text for name, text in layer.items() if text}}, "form")


def _option(guess: str, name: str) -> str:
    return name or guess


def _guess(version: LayerVersion, use: str) -> str:
    column = version.columns.used.get(use) if version.columns is not None else None
    return f"{_GUESSED}: {column}" if column else f"{_GUESSED}: none"
