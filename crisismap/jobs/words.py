"""words: keeps the word index up with the reports, so that who asks for similar ones need not wait for it."""

from __future__ import annotations

from crisismap.core.privacy import Audience
from crisismap.services.runtime.context import Context


def index_words(context: Context) -> None:
    """Read what is new."""
    context.views.word_index.follow(context.views.situation.board(Audience.AGENCY), context.guards.stopping.is_set)
