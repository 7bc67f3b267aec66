"""Query parameters as selections. Unknown parameters are refused, because an ignored filter misleads."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from starlette.datastructures import QueryParams

from crisismap.core import moment
from crisismap.core.errors import Invalid
from crisismap.core.place.place import read_bbox
from crisismap.situation.board.selection import Selection

SELECTING = frozenset(
    {"bbox", "since", "until", "category", "status", "state", "area", "priority", "overdue", "unplaced"}
)


def refuse_unknown(params: QueryParams, known: Collection[str]) -> None:
    """Raise Invalid with the name of any other parameter; the message lists `known` in order."""
    for name in params:
        if name not in known:
            raise Invalid(name, params[name], "unknown_parameter", known=list(known))


def selection_of(params: QueryParams, *, also: Iterable[str] = ()) -> Selection:
    """Return the selection. Raises Invalid with the wrong parameter; `also` names further allowed parameters."""
    refuse_unknown(params, sorted({*SELECTING, *also}))
    return Selection(
        bbox=read_bbox(params["bbox"]) if "bbox" in params else None,
        since=moment_of("since", params),
        until=moment_of("until", params),
        category=_list("category", params),
        status=_list("status", params),
        state=_list("state", params),
        area=_list("area", params),
        priority=tuple(_priority(value) for value in _list("priority", params)),
        overdue=_truth("overdue", params),
        unplaced=_truth("unplaced", params),
    )


def number_of(name: str, params: QueryParams) -> int | None:
    """Return a whole number, None if not given."""
    value = params.get(name)
    if value is None:
        return None
    if not value.isascii() or not value.isdecimal() or len(value) > 9:
        raise Invalid(name, value, "not_a_whole_number")
    return int(value)


def _list(name: str, params: QueryParams) -> tuple[str, ...]:
    values = [part for value in params.getlist(name) for part in value.split(",")]
    return tuple(sorted({part.strip() for part in values if part.strip()}))


def moment_of(name: str, params: QueryParams) -> int | None:
    """Return a moment in ms UTC, None if not given. Raises Invalid."""
    value = params.get(name)
    if value is None:
        return None
    try:
        # A plus sign in a query arrives as a space.
        return moment.parse(value.replace(" ", "+") if "T" in value else value)[0]
    except (ValueError, OverflowError):
        raise Invalid(name, value, "not_a_time") from None


def _priority(value: str) -> int:
    if value.upper() not in ("P1", "P2", "P3", "P4"):
        raise Invalid("priority", value, "not_a_priority")
    return int(value[1])


def _truth(name: str, params: QueryParams) -> bool:
    value = params.get(name, "false")
    if value not in ("true", "false"):
        raise Invalid(name, value, "not_a_truth")
    return value == "true"
