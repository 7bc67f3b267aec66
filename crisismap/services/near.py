"""near: which unanswered requests may ask for the same as this one: the closest in place, or one named by its code."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from typing import Any

import numpy as np

from crisismap.core.errors import Invalid, NotFound
from crisismap.core.identity import id_bytes, id_text, read_code
from crisismap.core.person import Person
from crisismap.core.place import distance_m
from crisismap.core.privacy import Audience
from crisismap.services import look
from crisismap.services.context import Context, require

NEAR_M = 500.0
MOST = 8
_DEGREE_M = 111_195.0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One request nearby. `record` as `look.record` gives it; `minutes` between the two."""

    record: dict[str, Any]
    metres: float
    minutes: float


def neighbours(context: Context, person: Person, report_id: str) -> list[Neighbour]:
    """Those within NEAR_M that wait, the closest first; none for a report without a place. Raises NotFound."""
    require(person, "request.join")
    board = context.situation.board(Audience.AGENCY)
    row = board.row_of_id(id_bytes(report_id) or b"")
    if row is None:
        raise NotFound("There is no such report.")
    lon, lat, at = (float(board[name][row]) for name in ("lon", "lat", "received_at"))
    if np.isnan(lon):
        return []
    reach = NEAR_M / _DEGREE_M
    close = board.unanswered & (np.abs(board["lat"] - lat) <= reach)
    close &= np.abs(board["lon"] - lon) <= reach / max(0.01, cos(radians(lat)))
    rows = [other for other in np.flatnonzero(close).tolist() if other != row]
    metres = {r: distance_m(lon, lat, float(board["lon"][r]), float(board["lat"][r])) for r in rows}
    near = sorted((r for r in rows if metres[r] <= NEAR_M), key=lambda r: metres[r])[:MOST]
    records = look.records(context, board, near)
    return [
        Neighbour(record, metres[r], abs(float(board["received_at"][r]) - at) / 60_000)
        for r, record in zip(near, records, strict=True)
    ]


def by_code(context: Context, person: Person, code: str) -> str:
    """The id of the report that a tracking code belongs to. Raises Invalid for what is no code, NotFound."""
    require(person, "request.join")
    number = read_code(code)
    if number is None:
        raise Invalid("code", code, "a tracking code has 12 letters and numbers, such as 7K2M-9QXA-4TPC")
    board = context.situation.board(Audience.AGENCY)
    row = board.row_of_code(number)
    if row is None:
        raise NotFound("There is no report with this code.")
    return id_text(board.id_raw(row))
