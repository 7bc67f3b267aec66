"""track: what happened to my request, for whoever holds its code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crisismap.core.errors import NotFound
from crisismap.core.event import Event
from crisismap.core.identity import read_code
from crisismap.core.privacy import Audience
from crisismap.core.report import CurrentReport
from crisismap.services.context import Context


@dataclass(frozen=True, slots=True)
class Tracked:
    """The requester's own report, and what was done; by organisation, not by person."""

    current: CurrentReport
    area: str | None
    shelter: tuple[str, int] | None  # nearest open one and metres to it
    steps: tuple[tuple[Event, str], ...]  # event and who did it


def track(context: Context, code: str, address: str) -> Tracked:
    """The report of a code. Raises NotFound alike for all wrong codes, TooManyTries after ten in an hour."""
    record = _record(context, code, address)
    current = context.store.report(record["id"])
    nearest = record["nearest_shelter"]
    steps = tuple((event, _who(context, event.actor)) for event in context.store.timeline(current.seq))
    return Tracked(
        current,
        record["area"]["name"] if record["area"] else None,
        (nearest["name"], nearest["distance_m"]) if nearest else None,
        tuple(step for step in steps if step[0].verb != "contact.read"),
    )


def find(context: Context, code: str, address: str) -> str:
    """The id of the report of a code. Raises NotFound, TooManyTries as `track` does."""
    return str(_record(context, code, address)["id"])


def _record(context: Context, code: str, address: str) -> dict[str, Any]:
    now_ms = context.clock()
    context.code_tries.check(address, now_ms)
    board = context.situation.board(Audience.AGENCY)
    number = read_code(code)
    row = board.row_of_code(number) if number is not None else None
    if row is None:
        context.code_tries.failed(address, now_ms)
        raise NotFound("There is no report with this code.")
    [record] = context.features.records(board, board["seq"][row : row + 1] * 0 + row, now_ms)
    return record


def _who(context: Context, actor: str) -> str:
    person = context.situation.people.get(actor)
    return (person.org or "a team") if person else ""
