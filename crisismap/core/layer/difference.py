"""The difference between two versions of a layer: what a new one would change, and what it would lose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from crisismap.core.errors import WouldLose
from crisismap.core.layer.layer import Feature, LayerVersion, Role, geometries

MOST_NAMES = 5  # lost features that are named
_METADATA = ("title", "licence", "attribution")


@dataclass(frozen=True, slots=True)
class LayerDifference:
    """Counts of features and what else differs; pairs are before and after. `matched_by`: what tells features apart."""

    roles: tuple[Role, Role]
    features: tuple[int, int]
    located: tuple[int, int]  # features with a geometry
    added: int
    changed: int
    removed: tuple[Feature, ...]  # that the new version does not have
    metadata: dict[str, tuple[str, str]]  # title, licence and attribution where they differ
    matched_by: str = "id"

    @property
    def changes_role(self) -> bool:
        """Return whether reports would be merged with it in another way."""
        return self.roles[0] is not self.roles[1]

    @property
    def loses_most(self) -> bool:
        """Return whether more than half of the features would be lost."""
        before, after = self.features
        return 2 * after < before

    @property
    def lost(self) -> int:
        """Return how many features fewer there would be."""
        return max(0, self.features[0] - self.features[1])


def difference(old: LayerVersion, new: LayerVersion) -> LayerDifference:
    """Return what `new` changes if it replaces `old`."""
    by = "name" if _are_told_apart_by_name(old.features, new.features) else "id"
    before, after = _content(old.features, by), _content(new.features, by)
    return LayerDifference(
        (old.layer.role, new.layer.role),
        (len(old.features), len(new.features)),
        (len(old.features) - old.unlocated, len(new.features) - new.unlocated),
        added=len(after.keys() - before.keys()),
        changed=sum(before[each] != after[each] for each in before.keys() & after.keys()),
        removed=tuple(feature for feature in old.features if getattr(feature, by) not in after),
        metadata={
            name: (getattr(old.layer, name), getattr(new.layer, name))
            for name in _METADATA
            if getattr(old.layer, name) != getattr(new.layer, name)
        },
        matched_by=by,
    )


def require_no_loss(old: LayerVersion, new: LayerVersion) -> None:
    """Raise WouldLose if `new` has another role than `old`, or less than half of its features."""
    found = difference(old, new)
    details = {
        "layer": old.layer.id,
        "role_before": str(found.roles[0]),
        "role_after": str(found.roles[1]),
        "features_before": found.features[0],
        "features_after": found.features[1],
        "lost": found.lost,
        "names": [feature.name or feature.id for feature in found.removed[:MOST_NAMES]],
    }
    if found.changes_role:
        raise WouldLose("role_would_change", **details)
    if found.loses_most:
        raise WouldLose("features_would_be_lost", **details)


def _are_told_apart_by_name(old: Sequence[Feature], new: Sequence[Feature]) -> bool:
    """Return whether names match features better than ids, which are only numbers of rows where a file has none."""
    names_before, names_after = ({f.name for f in features} for features in (old, new))
    if "" in names_before | names_after or len(names_before) < len(old) or len(names_after) < len(new):
        return False
    ids_before, ids_after = ({f.id for f in features} for features in (old, new))
    by_name, by_id = len(names_before & names_after), len(ids_before & ids_after)
    numbered = [f.id for f in new] == [str(row) for row in range(1, len(new) + 1)]
    return by_name > by_id or (by_name == by_id > 0 and numbered)


def _content(listed: Sequence[Feature], by: str) -> dict[str, tuple[object, ...]]:
    """Return what each feature says, by what tells it apart."""
    shapes = shapely.to_wkb(geometries(listed))
    return {
        getattr(f, by): (f.name, f.code, f.status, f.valid_from_ms, f.valid_to_ms, f.properties, shape)
        for f, shape in zip(listed, shapes, strict=True)
    }
