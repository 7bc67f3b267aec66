"""/tasks: own claims and unanswered requests for people in the field; works without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import Response

from crisismap.core import moment
from crisismap.core.errors import Invalid, shorten
from crisismap.core.people.person import STRANGER
from crisismap.services.lists import nearby
from crisismap.services.lists.nearby import NearbyItem, NearbyQuery
from crisismap.services.runtime.context import audience_of
from crisismap.situation.board import counts
from crisismap.web.render import page, redirect
from crisismap.web.visit import Visit

MAX_SNIPPET = 160  # characters of the text
MAX_PAGE = 500
CHECK = "check"  # ?show=check: reports to check again, instead of requests


def show(visit: Visit) -> Response:
    """Show the person's own claims, then the nearest or the most urgent requests."""
    if visit.person == STRANGER:
        return sign_in_first(visit)
    near, error = visit.parameter("near"), ""
    try:
        origin = nearby.place_of(visit.context.views, near)
    except Invalid:
        origin, error = None, "task.near_unknown"
    views, now_ms, person, get = visit.context.views, visit.context.clock(), visit.person, visit.parameter
    query = NearbyQuery(origin, get("order") == "urgent", get("area"), _page_number(get("page")))
    checking = get("show") == CHECK
    if checking:
        found = nearby.checks(views, now_ms, person, query)
    else:
        found = nearby.requests(views, visit.context.rules, now_ms, person, query)
    return page(
        visit,
        "tasks.html",
        422 if error else 200,
        robots=False,
        packed=not visit.request.url.query,
        mine=[_line(visit, each) for each in nearby.own_claims(views, visit.context.rules, now_ms, person, origin)],
        found=[_line(visit, each) for each in found.items],
        total=found.total,
        older=_link(visit, page=str(query.page + 1)) if found.more else "",
        newer=_link(visit, page=str(query.page - 1)) if query.page > 1 else "",
        typed=near,
        around=origin,
        urgent=query.urgent,
        area=query.area,
        areas=_areas(visit),
        checking=checking,
        here_link=_link(visit, show="", page=""),
        check_link=_link(visit, show=CHECK, page=""),
        keep=query_of(list_parameters(visit)),
        error=visit.language(error) if error else "",
    )


def sign_in_first(visit: Visit) -> Response:
    """Redirect to the sign-in page, which leads back here."""
    url = visit.request.url
    here = f"{url.path}?{url.query}" if url.query and visit.request.method == "GET" else url.path
    return redirect(visit, f"/login?next={quote(here, safe='')}")


def list_parameters(visit: Visit) -> dict[str, str]:
    """Return the parameters that the links of the page repeat, so that the link back leads to the same list."""
    return {name: visit.parameter(name) for name in ("near", "order", "area", "show")}


def query_of(parameters: Mapping[str, str]) -> str:
    """Return the parameters that have a value as a query with its `?`; "" for none."""
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"?{query}" if query else ""


def _areas(visit: Visit) -> list[str]:
    """Return the names of the areas that have unanswered requests, and the chosen one."""
    situation = visit.context.views.situation
    rows = counts.by_area(situation, situation.board(audience_of(visit.person)), visit.context.clock())
    visible_rows = [row for row in rows if row["unanswered"] or row["name"] == visit.parameter("area")]
    return sorted({row["name"] for row in visible_rows if row["name"]})


def _line(visit: Visit, found: NearbyItem) -> dict[str, Any]:
    """Return one request or report of a list; `left_ms` is what remains of its claim, if anything."""
    record, now_ms = found.record, visit.context.clock()
    until = moment.parse(record.claim_until)[0] if record.claim_until else 0
    return {
        "record": record,
        "category": visit.language.category(record.category),
        "snippet": shorten(record.text or record.place or "", MAX_SNIPPET),
        "metres": found.metres,
        "left_ms": until - now_ms if until > now_ms else None,
    }


def _link(visit: Visit, **changed: str) -> str:
    return f"/tasks{query_of(list_parameters(visit) | changed)}"


def _page_number(text: str) -> int:
    return min(int(text), MAX_PAGE) if text.isascii() and text.isdecimal() and 0 < len(text) < 6 and int(text) else 1
