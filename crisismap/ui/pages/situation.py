"""The Situation page: findings with their charts and tables, made to be presented and printed."""

from __future__ import annotations

from collections.abc import Hashable

from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.auto_refresh import AGES_MS, follow
from crisismap.ui.numbers import situation_parts

shell.page("Situation")
stylesheet.apply()


def moment() -> Hashable:
    """Return what the page was drawn from."""
    now = shell.context()
    return shell.audience(), now.views.situation.revision, now.clock() // (10 * AGES_MS)


situation_parts.draw(shell.audience())
follow(moment)
