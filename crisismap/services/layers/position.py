"""The check of a new version's position against the incident's place and the other layers."""

from __future__ import annotations

from crisismap.core.errors import Invalid
from crisismap.core.layer import position
from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import extent_of_layers


def judged(views: Views, version: LayerVersion) -> tuple[LayerVersion, Invalid | None]:
    """Return the version as `checked` does, and why it is misplaced, for a person who may take it all the same."""
    try:
        return checked(views, version), None
    except Invalid as refusal:
        return checked(views, version, confirmed=True), refusal


def checked(
    views: Views, version: LayerVersion, source: LayerSource | None = None, *, confirmed: bool = False
) -> LayerVersion:
    """Return the version, with warnings of features that lie far away. Raises Invalid when all of it is misplaced.

    What a person has `confirmed` is not refused, and has the same warnings.

    The layer's own older version tells nothing: it may be the misplaced one. Feeds of warnings are of whole countries,
    so that those may be far away but not swapped.
    """
    others = {key: each for key, each in views.situation.layers.items() if key != version.layer.id}
    references = [box for box in (views.incident().place, extent_of_layers(others)) if box is not None]
    areas = [each for each in others.values() if each.layer.role is Role.AREA]
    may_be_far = source is not None and source.kind is SourceKind.FEED
    return position.checked(version, references, areas, may_be_far=may_be_far, confirmed=confirmed)
