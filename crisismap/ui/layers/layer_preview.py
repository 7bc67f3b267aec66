"""Parts of a preview: which column was used for what, the first rows, the difference, and the consent to a loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import streamlit as st

from crisismap.core.errors import shorten
from crisismap.core.layer.difference import LayerDifference
from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.layers.normalise.column_words import is_other_name
from crisismap.layers.normalise.locate import MISSING
from crisismap.ui.frame import stylesheet
from crisismap.ui.frame.wording import count_phrase, number
from crisismap.ui.layers.layer_words import role_name, use_label

_ROWS, _COLUMNS, _NAMES = 5, 12, 8
_SCANNED = 1000  # features in which an example of each column is looked for
_MAX_CELL = 60  # characters
_LOSES: dict[Role, str] = {
    Role.AREA: "reports in it lose their area",
    Role.HAZARD: "reports in it no longer lie in a hazard, and rescues there lose priority",
    Role.SHELTER: "its shelters are no longer shown as the nearest",
    Role.TRANSPORT: "routes no longer use its roads",
    Role.CONTEXT: "its gauges and numbers are no longer shown with reports",
}


def columns_used(version: LayerVersion) -> list[tuple[str, str, str]]:
    """Return each column of the file, what it is used for ("" for nothing), and an example; the used ones first."""
    columns = version.columns
    if columns is None:  # the format prescribes them
        return []
    examples: dict[str, object] = {}
    for feature in version.features[:_SCANNED]:
        for name, value in feature.properties.items():
            if examples.get(name) in (None, ""):
                examples[name] = value
    found = []
    for name, uses in columns.uses.items():
        labels = [use_label(use) for use in uses]
        if not uses and is_other_name(name):
            labels = ["other names"]
        example = examples.get(name)
        found.append((name, ", ".join(labels), "" if example is None else shorten(example, _MAX_CELL)))
    return sorted(found, key=lambda row: (not row[1], row[0] not in columns.doubtful))


def columns(version: LayerVersion, *, role_is_suggested: bool = False) -> None:
    """Draw which column is used for what with the role of the version, and which is not."""
    st.markdown("**What is used for what**")
    place = version.columns.file.place if version.columns else ()
    located = f"{number(len(version.features) - version.unlocated)} of {count_phrase(len(version.features), 'feature')}"
    source = f"the columns {' and '.join(place)}" if place else "the shapes in the file"
    stylesheet.note(f"The location of {located} comes from {source}.")
    if version.columns is None:
        return
    doubtful, rows = version.columns.doubtful, columns_used(version)
    used = sum(bool(use) for _, use, _ in rows)
    role = f" if the role is {role_name(version.layer.role)}" if role_is_suggested else ""
    stylesheet.note(f"{number(used)} of {count_phrase(len(rows), 'column')} are used{role}; the others are kept.")
    table = [
        (name, use or (f"not used, looks like {doubtful[name]}" if name in doubtful else "not used"), example)
        for name, use, example in rows
    ]
    stylesheet.table(("Column", "Used for", "For example"), table)


def first_rows(version: LayerVersion) -> None:
    """Draw the first features with the columns of the file, the used ones first."""
    names = [name for name, _, _ in columns_used(version)] or list(
        dict.fromkeys(n for f in version.features[:_ROWS] for n in f.properties if n != MISSING)
    )
    rows = []
    for feature in version.features[:_ROWS]:
        values = (feature.properties.get(name) for name in names[:_COLUMNS])
        rows.append(tuple("" if value is None else shorten(value, _MAX_CELL) for value in values) or (feature.id,))
    more = f", with {_COLUMNS} of {count_phrase(len(names), 'column')}" if len(names) > _COLUMNS else ""
    st.markdown("**First rows**")
    stylesheet.note(f"The first {len(rows)} of {count_phrase(len(version.features), 'feature')}{more}.")
    stylesheet.table(names[:_COLUMNS] or ("Id",), rows)


def difference_table(found: LayerDifference, version: int) -> None:
    """Draw what differs from the version that would be replaced."""
    rows = [
        ("Features", *map(number, found.features)),
        ("With a location", *map(number, found.located)),
        ("Role", *map(role_name, found.roles)),
    ]
    rows += [(name.capitalize(), before or "-", after or "-") for name, (before, after) in found.metadata.items()]
    gone = len(found.removed)
    counts = f"{number(found.added)} new, {number(found.changed)} changed, {number(gone)} no longer there"
    st.markdown(f"**Difference to version {version}, which it replaces**")
    stylesheet.table(("", f"Version {version}, now", "After"), rows, caption=f"By {found.matched_by}: {counts}")


def losses(found: LayerDifference) -> Iterator[str]:
    """Yield what would be lost, as sentences; nothing where neither features go nor the role changes."""
    if found.changes_role:
        before, after = found.roles
        yield f"The role changes from {role_name(before)} to {role_name(after)}: {_LOSES[before]}."
    gone, of = len(found.removed), count_phrase(found.features[0], "feature")
    if gone:
        names = ", ".join(shorten(each.name or each.id, _MAX_CELL) for each in found.removed[:_NAMES])
        more = f" and {number(gone - _NAMES)} more" if gone > _NAMES else ""
        yield f"{number(gone)} of {of} would be gone: {names}{more}."
    elif found.loses_most:
        yield f"{number(found.lost)} of {of} would be gone."


def red_box(title: str, sentences: Sequence[str]) -> None:
    """Draw what is wrong or would be lost, so that nobody passes over it."""
    body = "".join(f"<p>{escape(each)}</p>" for each in sentences)
    st.html(f'<div class="cm-loss" role="alert"><b>{escape(title)}</b>{body}</div>')


def needs_word(found: LayerDifference | None) -> bool:
    """Return whether a replacement needs a typed word: it changes the role, or loses more than half."""
    return found is not None and (found.changes_role or found.loses_most)


def confirmed(
    layer_id: str,
    found: LayerDifference | None,
    label: str,
    *,
    key: str,
    misplaced: bool = False,
    disabled: bool = False,
) -> bool:
    """Draw what would be lost and the button; return whether it was pressed by a person who agrees.

    A great loss, and a layer that is `misplaced`, need the layer's id as a typed word; a small loss needs a tick.
    """
    lost = list(losses(found)) if found is not None else []
    if needs_word(found):
        red_box("This loses much of the layer", lost)
    else:
        for each in lost:
            stylesheet.note(each)
    if not needs_word(found) and not misplaced:
        agrees = True
        if lost and found is not None:
            agrees = st.checkbox(f"Lose {count_phrase(len(found.removed), 'feature')}", key=key)
        return st.button(label, type="primary", key=f"{key}-press", disabled=disabled or not agrees)
    with st.form(f"{key}-form", border=False):
        word = st.text_input(f"Type {layer_id} to confirm", key=key, autocomplete="off")
        is_pressed = st.form_submit_button(label, type="primary", key=f"{key}-press", disabled=disabled)
    is_right = word.strip() == layer_id
    if is_pressed and not is_right:
        stylesheet.error(f"Nothing was changed: type {layer_id} into the field above, then press again.")
    return is_pressed and is_right
