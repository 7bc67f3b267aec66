"""Situation: what the numbers say, each finding with its chart and its table; made to be read aloud and printed."""

from __future__ import annotations

from collections.abc import Hashable

from crisismap.ui.components import sheet, shell, situation_parts
from crisismap.ui.components.follow import AGES_MS, follow

shell.page("Situation")
sheet.apply()


def moment() -> Hashable:
    """What the page was made of."""
    now = shell.context()
    return shell.audience(), now.situation.revision, now.clock() // (10 * AGES_MS)


situation_parts.draw(shell.context(), shell.audience())
follow(moment)
