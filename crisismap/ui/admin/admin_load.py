"""Load: what waits and what is refused now, because it is too much for the machine."""

from __future__ import annotations

from crisismap.core.people.person import Person
from crisismap.services.runtime.admission import WorkState
from crisismap.services.runtime.context import require
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.wording import count_phrase

_HEADS = ("Work", "Now", "Waiting", "Refused since start", "Status")
_LABELS = {"exports": "Exports and printed sheets", "tiles": "Map tiles", "lists": "Lists"}


def draw(admin: Person) -> None:
    """Draw one row for each class of work, in the order in which they wait."""
    require(admin, "metrics.read")
    context = shell.context()
    admission = context.guards.admission
    states = admission.states()
    held = [_LABELS[state.kind].lower() for state in states if state.held]
    stylesheet.finding(
        f"Held back: {', '.join(held)}" if held else "Nothing is held back",
        "When it is too much, exports wait first, then tiles, then lists. Reports, answers and this desk never wait.",
    )
    writes = count_phrase(context.store.upkeep.waiting, "report or change", "reports or changes")
    stylesheet.table(
        _HEADS,
        [_row(state) for state in states],
        caption=f"The server reacts {admission.lag_ms / 1000:.2f} s late. {writes} to be stored.",
    )


def _row(state: WorkState) -> tuple[str, ...]:
    status = "held back" if state.held else "full" if state.waiting else ""
    return _LABELS[state.kind], str(state.running), str(state.waiting), str(state.refused), status
