"""Job "search index": keeps the word index up to date, so that searches for similar reports need not wait for it."""

from __future__ import annotations

from threading import Event

from crisismap.core.privacy import Audience
from crisismap.services.runtime.views import Views


def update_search_index(views: Views, stopping: Event) -> None:
    """Index the new texts."""
    views.word_index.follow(views.situation.board(Audience.AGENCY), stopping.is_set)
