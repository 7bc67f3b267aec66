"""Job "search index": keeps the indexes of words and names up to date, so that nobody who searches waits for them."""

from __future__ import annotations

from threading import Event

from crisismap.core.privacy import Audience
from crisismap.services.lists.search import index_places
from crisismap.services.runtime.views import Views


def update_search_index(views: Views, stopping: Event) -> None:
    """Index the new texts and the names of changed layers."""
    views.word_index.follow(views.situation.board(Audience.AGENCY), stopping.is_set)
    index_places(views)
    for audience, index in views.searched.items():
        index.follow(views.situation.board(audience), stopping.is_set)
