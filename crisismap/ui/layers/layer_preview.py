"""Parts of a preview: which column was used for what, the first rows, and the difference to the replaced version."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import streamlit as st

from crisismap.core.errors import shorten
from crisismap.core.layer.difference import LayerDifference
from crisismap.core.layer.facility import facility_of
from crisismap.core.layer.gauge import DANGER, LEVEL, MEASURED, PREVIOUS, PREVIOUS_AT, UNIT, WARNING
from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.layer.population import people_of
from crisismap.layers.normalise.locate import MISSING
from crisismap.ui.frame import stylesheet
from crisismap.ui.frame.wording import count_phrase, number

_ROWS, _COLUMNS, _NAMES = 5, 8, 8
_FIELDS = frozenset({"id", "name", "code", "status", "valid_from", "valid_to", "place"})
_SCANNED = 1000  # features in which an example of each column is looked for
_MAX_CELL = 60  # characters
_FACILITY = {"capacity": "capacity", "occupancy": "occupancy", "said_free": "free places", "as_of_ms": "as of"}
_GAUGE = dict.fromkeys((*LEVEL, *UNIT, *MEASURED, *WARNING, *DANGER, *PREVIOUS, *PREVIOUS_AT), "water level and marks")
_LOSES: dict[Role, str] = {
    Role.AREA: "reports in it lose their area",
    Role.HAZARD: "reports in it no longer lie in a hazard, and rescues there lose priority",
    Role.SHELTER: "its shelters are no longer shown as the nearest",
    Role.TRANSPORT: "routes no longer use its roads",
    Role.CONTEXT: "its gauges and numbers are no longer shown with reports",
}


def columns_used(version: LayerVersion, role: Role | None) -> list[tuple[str, str, str]]:
    """Return each column of the file, what it is used for ("" for nothing), and an example value."""
    examples: dict[str, object] = {}
    for feature in version.features[:_SCANNED]:
        for name, value in feature.properties.items():
            if name != MISSING and examples.get(name) in (None, ""):
                examples[name] = value
    is_gauge = any(str(name).strip().lower() in LEVEL for name in examples)
    known: dict[str, list[str]] = {}
    for use, column in version.columns.used.items() if version.columns is not None else ():
        if use in _FIELDS or role is version.layer.role:  # the others depend on the role, which may not be chosen yet
            known.setdefault(column, []).append(use.replace("_", " "))
    found = []
    for name, value in {**dict.fromkeys(known), **examples}.items():
        uses = ", ".join(known.get(name, ())) or _use_by_role(name, value, role, is_gauge=is_gauge)
        found.append((name, uses, "" if value is None else shorten(value, _MAX_CELL)))
    return found


def _use_by_role(name: str, value: object, role: Role | None, *, is_gauge: bool) -> str:
    """Return what a column that is known by its name is used for with this role; "" for nothing."""
    properties = {name: value}
    if role is Role.SHELTER:
        facility = facility_of(properties)
        if facility.needs:
            return "needs"
        return next((label for member, label in _FACILITY.items() if getattr(facility, member) is not None), "")
    if role is Role.CONTEXT and is_gauge:
        return _GAUGE.get(name.strip().lower(), "")
    return "number of people" if role in (Role.AREA, Role.CONTEXT) and people_of(properties) is not None else ""


def columns(version: LayerVersion, role: Role | None, *, suggested: Role | None = None) -> None:
    """Draw which column is used for what, and which is not; without a role yet, as with the suggested one."""
    found = columns_used(version, role or suggested)
    unused = [name for name, use, _ in found if not use]
    place = f"{number(len(version.features) - version.unlocated)} of {count_phrase(len(version.features), 'feature')}"
    rows = [("(its shapes)", f"location of {place}", "")]
    rows += [(name, use or "not used: kept, and shown with the feature", example) for name, use, example in found]
    caption = f"{count_phrase(len(unused), 'column')} not used" if unused else "Every column is used"
    if role is None and suggested is not None:
        caption += f", if the role is {suggested}"
    st.markdown("**What was used for what**")
    stylesheet.table(("Column", "Used for", "For example"), rows, caption=caption)


def first_rows(version: LayerVersion) -> None:
    """Draw the first features with the columns of the file."""
    names = list(dict.fromkeys(n for f in version.features[:_ROWS] for n in f.properties if n != MISSING))
    rows = []
    for feature in version.features[:_ROWS]:
        values = (feature.properties.get(name) for name in names[:_COLUMNS])
        rows.append(tuple("" if value is None else shorten(value, _MAX_CELL) for value in values) or (feature.id,))
    more = f" and the first {_COLUMNS} of {count_phrase(len(names), 'column')}" if len(names) > _COLUMNS else ""
    caption = f"The first {len(rows)} of {count_phrase(len(version.features), 'feature')}{more}"
    st.markdown("**First rows**")
    stylesheet.table(names[:_COLUMNS] or ("Id",), rows, caption=caption)


def difference_table(found: LayerDifference, version: int) -> None:
    """Draw what differs from the version that would be replaced."""
    rows = [
        ("Features", *map(number, found.features)),
        ("With a location", *map(number, found.located)),
        ("Role", *(str(role) for role in found.roles)),
    ]
    rows += [(name.capitalize(), before or "-", after or "-") for name, (before, after) in found.metadata.items()]
    gone = len(found.removed)
    caption = f"By id: {number(found.added)} new, {number(found.changed)} changed, {number(gone)} no longer there"
    st.markdown(f"**Difference to version {version}, which it replaces**")
    stylesheet.table(("", "Now", "Then"), rows, caption=caption)


def losses(found: LayerDifference) -> Iterator[str]:
    """Yield what would be lost, as sentences; nothing where neither features go nor the role changes."""
    if found.changes_role:
        before, after = found.roles
        yield f"The role changes from {before} to {after}: {_LOSES[before]}."
    gone, of = len(found.removed), count_phrase(found.features[0], "feature")
    if gone:
        names = ", ".join(shorten(each.name or each.id, _MAX_CELL) for each in found.removed[:_NAMES])
        more = f" and {number(gone - _NAMES)} more" if gone > _NAMES else ""
        yield f"{number(gone)} of {of} would be gone: {names}{more}."
    elif found.loses_most:
        yield f"{number(found.lost)} of {of} would be gone."


def agreed(layer_id: str, found: LayerDifference, action: str, *, key: str) -> bool:
    """Draw what would be lost, and return whether the person agrees; a great loss needs the layer's id as a word."""
    lost = list(losses(found))
    if found.changes_role or found.loses_most:
        body = "".join(f"<p>{escape(each)}</p>" for each in lost)
        st.html(f'<div class="cm-loss" role="alert"><b>This loses much of the layer</b>{body}</div>')
        word = st.text_input(f"Type {layer_id} to confirm", key=key, autocomplete="off")
        return word.strip() == layer_id
    for each in lost:
        stylesheet.note(each)
    label = f"{action}, and lose {count_phrase(len(found.removed), 'feature')}"
    return not lost or st.checkbox(label, key=key)
