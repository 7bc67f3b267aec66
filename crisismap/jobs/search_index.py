"""Job "search index": keeps the word indexes up to date, so that nobody who searches needs to wait for them."""

from __future__ import annotations

from threading import Event

from crisismap.core.privacy import Audience
from crisismap.services.runtime.views import Views


def update_search_index(views: Views, stopping: Event) -> None:
    """Index the new texts."""
    views.word_index.follow(views.situation.board(Audience.AGENCY), stopping.is_set)
    for audience, index in views.searched.items():
        index.follow(views.situation.board(audience), stopping.is_set)
