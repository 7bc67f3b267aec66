"""People affected by a hazard layer: the estimate for each feature, on the Layers page."""

from __future__ import annotations

import streamlit as st

from crisismap.core.layer.layer import Role
from crisismap.core.layer.population import EXAMPLES
from crisismap.core.moment import MINUTE_MS
from crisismap.services.layers.affected import FEW, Affected, AffectedLayer, affected
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.session_cache import cached
from crisismap.ui.frame.wording import ago, count_phrase, number

_ROWS = 50


def show(layer_id: str) -> None:
    """Draw the estimate below the versions of a hazard layer, when it is switched on."""
    views, now_ms = shell.context().views, shell.context().clock()
    if views.situation.layers[layer_id].layer.role is not Role.HAZARD:
        return
    if not st.toggle("Show the estimate of people affected", key=f"layer-people-{layer_id}"):
        return
    versions = tuple((each.layer.id, each.version) for each in views.situation.layers.values())
    key = (layer_id, versions, now_ms // MINUTE_MS)  # each minute, because warnings begin and end
    result = cached(f"layer-people-found-{layer_id}", key, lambda: affected(views, layer_id, now_ms))
    if not result.features:
        stylesheet.finding(
            "No population figures for this layer",
            f"No loaded area layer covers it and gives a population, in a property such as {EXAMPLES}.",
        )
        return
    total = count_phrase(len(result.features), "feature")
    stylesheet.finding(
        f"{total} in force with an estimate, most people first",
        "Each area counts in proportion to the share of its ground that is covered. Features may overlap, so they are "
        "not added up.",
    )
    rows = [
        (each.name, _figure(each), f"{round(each.covered * 100)} %", _source(each, now_ms))
        for each in result.features[:_ROWS]
    ]
    stylesheet.table(("Feature", "People", "Covered by figures", "Source"), rows, caption=_caption(result, layer_id))


def _figure(each: Affected) -> str:
    return f"fewer than {FEW}" if 0 < each.people < FEW else f"about {number(each.people)}" if each.people else "none"


def _source(each: Affected, now_ms: int) -> str:
    return f"{each.source.layer.title}, loaded {ago(each.source.moment_ms, now_ms)}"


def _caption(found: AffectedLayer, layer_id: str) -> str:
    phrases = []
    if found.unknown:
        phrases.append(f"{count_phrase(found.unknown, 'feature')} without population figures")
    if len(found.features) > _ROWS:
        phrases.append(f"{number(len(found.features) - _ROWS)} more at /api/v1/layers/{layer_id}/people")
    if found.left_out:
        phrases.append(f"{count_phrase(found.left_out, 'feature')} not estimated")
    return "; ".join(phrases)
