"""The Layers page: the official map data with its age and quality, and new versions of it."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial

import streamlit as st

from crisismap.core.layer.layer import Role
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.auto_refresh import AGES_MS, follow
from crisismap.ui.frame.wording import count_phrase
from crisismap.ui.layers import layer_card, layer_lifecycle
from crisismap.ui.layers.layer_from_url import add_from_url
from crisismap.ui.layers.layer_upload import upload
from crisismap.ui.requests import acting


def moment() -> Hashable:
    """Return what the page was drawn from."""
    now = shell.context()
    versions = tuple((v.layer.id, v.version) for v in now.views.situation.layers.values())
    health = tuple((f.source.layer_id, f.health.error, f.health.failures) for f in now.store.layers.sources())
    return versions, health, now.clock() // AGES_MS


shell.page("Layers")
person = shell.person()
if not person.roles:
    shell.require("layer.put", "Agencies manage the official layers.")
stylesheet.apply()
context = shell.context()
order = list(Role)
versions = sorted(
    context.views.situation.layers.values(), key=lambda v: (order.index(v.layer.role), v.layer.title.casefold())
)
acting.show_message()
if versions:
    stylesheet.finding(
        f"{count_phrase(len(versions), 'official layer')}",
        "Every report is compared with them: its area, the hazards at its location, the nearest open shelter.",
    )
else:
    stylesheet.empty(
        "No official layer yet",
        "Without one, reports have no area, no hazard and no nearest shelter. An agency can add one here from a file, "
        "or the operator with: crisismap import layer FILE --id ID --role area",
    )
if person.may("layer.put"):
    with st.expander("Add or replace a layer", expanded=not versions or "layer-draft" in st.session_state):
        upload(person)
    with st.expander("Add a layer from a URL", expanded="source-draft" in st.session_state):
        add_from_url(person)
sources = {each.source.layer_id: each for each in context.store.layers.sources()}
for version in versions:
    layer_id = version.layer.id
    followed_source = sources.pop(layer_id, None)
    life = layer_lifecycle.unlocated_html(version)
    if followed_source is not None:
        life = layer_lifecycle.source_html(followed_source, context.clock(), person) + life
    more = partial(layer_lifecycle.history, person, layer_id, followed_source)
    layer_card.card(version, versions, context.clock(), life=life, more=more)
for followed_source in sources.values():
    layer_lifecycle.empty_layer(person, followed_source)
follow(moment)
