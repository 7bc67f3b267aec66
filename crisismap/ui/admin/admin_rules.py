"""Rules and people: which rules people overrule, by reason and language."""

from __future__ import annotations

from crisismap.core.people.person import Person
from crisismap.services.requests.overrulings import overrulings
from crisismap.ui.frame import shell, stylesheet

_HEADS = ("Reason of the rules", "Language", "Overruled to", "Decisions", "Overruled")
_DIRECTIONS = 3  # in a row, the most frequent


def draw(admin: Person) -> None:
    rows = overrulings(shell.context().store, admin)
    if not rows:
        stylesheet.empty("No decisions yet", "Here you see which rules people overrule, once they have decided.")
        return
    stylesheet.finding("Rules and people", "Decisions of staff and senders against what the rules heard.")
    stylesheet.note(
        "Mend a rule that is often overruled in data/rules/need.toml, data/needs or data/rules/priority.toml, in a "
        "copy of data. Then try the copy with `crisismap rules test FOLDER`."
    )
    lines = [
        (
            row.reason or "no rule",
            row.lang or "unknown",
            ", ".join(f"{direction} ({number})" for direction, number in row.directions.most_common(_DIRECTIONS)),
            str(row.decisions),
            str(row.overruled),
        )
        for row in rows
    ]
    stylesheet.table(_HEADS, lines, caption="Most overruled first.", numbers=2, height_px=480)
