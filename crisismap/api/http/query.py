"""Query parameters: what each means, and selections read from them.

Unknown parameters are refused, because an ignored filter misleads; so a route takes all of them as one dependency.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from inspect import Parameter, Signature
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.datastructures import QueryParams

from crisismap.core import moment
from crisismap.core.errors import Invalid
from crisismap.core.place.place import read_bbox
from crisismap.core.priority import read_priority
from crisismap.situation.board.selection import Selection

SELECTING = frozenset(
    {"bbox", "since", "until", "category", "status", "state", "area", "priority", "need", "overdue", "unplaced"}
)

PAGED = ("limit", "cursor")
AFTER = "after"  # every route below /api/v1/ that reads takes it; `api/front.py` waits before it dispatches

_MEANING = {
    "bbox": "west,south,east,north in degrees; west > east spans 180 degrees",
    "since": "observed at this time (RFC 3339) or later",
    "until": "observed before this time",
    "category": "one or more, with commas",
    "status": "verification; one or more, with commas",
    "state": "of the request; one or more, with commas",
    "area": "codes or names of areas, with commas",
    "priority": "P1 to P4; one or more, with commas",
    "need": "asks, may, information, offer; one or more, with commas; for staff",
    "overdue": "true: only requests past their due time",
    "unplaced": "true: only reports without a location",
    "limit": "maximum number of items",
    "cursor": "from the Link header of the page before",
    "bom": "true: CSV begins with a byte order mark, so that Excel reads it as UTF-8",
    "audience": "public or agency; the caller's own when left out",
    "verb": "one or more, with commas",
    "actor": "the id of who did it; empty: a stranger",
    "subject": "the id of what it was done to",
    "near": "a place: its name, or two numbers",
    "lon": "of a place, in degrees",
    "lat": "of a place, in degrees",
    "at": "a past time (RFC 3339): as it was known, or counted, then",
    "version": "the number of a stored version, instead of the newest",
    "v": "the revision, so that addresses differ when the content does",
    "marks": "any state of the reports: names then keep clear of their symbols",
    "which": "waiting for review, or decided",
    AFTER: "a receipt's revision: the answer is of that one or a later one",
}


def parameters(*names: str, others: bool = False) -> Any:
    """Return a dependency that declares query parameters and returns the query.

    Raises Invalid for any other parameter, unless `others` are ignored.
    """

    async def read(request: Request, **_declared: str | None) -> QueryParams:
        if not others:
            refuse_unknown(request.query_params, names)
        return request.query_params

    declared = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str, Query(description=_MEANING[name])],
        )
        for name in (*names, AFTER)
    ]
    request = Parameter("request", Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    read.__signature__ = Signature([request, *declared])  # type: ignore[attr-defined]
    return Depends(read)


def selecting(*also: str) -> dict[str, Any]:
    """Return `openapi_extra` of a route that reads its query by `selection_of`.

    A dependency would cost the list of requests 90 us of its 730: FastAPI reads each of the ten parameters by itself.
    """
    names = sorted({*SELECTING, *also, AFTER})
    return {
        "parameters": [
            {"name": name, "in": "query", "description": _MEANING[name], "schema": {"type": "string"}} for name in names
        ]
    }


def refuse_unknown(params: QueryParams, known: Collection[str]) -> None:
    """Raise Invalid with the name of any other parameter; the message lists `known` in order."""
    for name in params:
        if name not in known and name != AFTER:
            raise Invalid(name, params[name], "unknown_parameter", known=list(known))


def selection_of(params: QueryParams, *, also: Iterable[str] = ()) -> Selection:
    """Return the selection. Raises Invalid with the wrong parameter; `also` names further allowed parameters."""
    refuse_unknown(params, sorted({*SELECTING, *also}))
    return Selection(
        bbox=read_bbox(params["bbox"]) if "bbox" in params else None,
        since=moment_of("since", params),
        until=moment_of("until", params),
        category=list_of("category", params),
        status=list_of("status", params),
        state=list_of("state", params),
        area=list_of("area", params),
        priority=tuple(read_priority(value) for value in list_of("priority", params)),
        need=list_of("need", params),
        overdue=truth_of("overdue", params),
        unplaced=truth_of("unplaced", params),
    )


def number_of(name: str, params: QueryParams) -> int | None:
    """Return a whole number, None if not given."""
    value = params.get(name)
    if value is None:
        return None
    if not value.isascii() or not value.isdecimal() or len(value) > 9:
        raise Invalid(name, value, "not_a_whole_number")
    return int(value)


def list_of(name: str, params: QueryParams) -> tuple[str, ...]:
    """Return the values of a parameter, given once or more, with commas; sorted, each once."""
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


def truth_of(name: str, params: QueryParams) -> bool:
    """Return true or false, false if not given. Raises Invalid."""
    value = params.get(name, "false")
    if value not in ("true", "false"):
        raise Invalid(name, value, "not_a_truth")
    return value == "true"
