"""What the attacker of the tests filters by and types into the search boxes."""

from __future__ import annotations

from crisismap.core.people.person import STRANGER
from crisismap.services.lists.search import near_place, search
from crisismap.services.runtime.views import Views

FILTERS = {
    "category": ("rescue", "flooding", "water_food", "medical", "shelter", "transport", "other"),
    "area": tuple(f"Ward%20{n}" for n in range(14)),
    "state": ("open", "claimed", "answered", "open,claimed", "confirmed"),
    "status": ("unverified", "corroborated", "verified", "disputed"),
    "priority": ("P1", "P2", "P3", "P4"),
    "overdue": ("true",),
    "unplaced": ("true",),
    "limit": ("1", "5", "50"),
}
# Words of the secrets, of the layers and of the attacker's own reports, also misspelt: a correction names a word.
SEARCHED = (
    *("secret", "secrt", "words", "wrods", "hall", "hal", "help", "hlep", "seen", "can see", "canse"),
    *("Ward 3", "Wrad 3", "ward", "Rivr", "Full Hal", "9111000001", "a", "e", "🆘"),
)


def searched(views: Views, query: str) -> object:
    """What a search says to a stranger, with the requests around each place that it finds."""
    found = search(views, STRANGER, query)
    around = [near_place(views, STRANGER, place) for place in found.places]
    return found, [(each.queue.rows.tolist(), each.inside) for each in around]
