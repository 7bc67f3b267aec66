"""/tasks: own claims and unanswered requests for people in the field; works without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.responses import Response

from crisismap.core import moment
from crisismap.core.errors import Invalid
from crisismap.core.people.person import STRANGER
from crisismap.i18n import Language
from crisismap.services.lists import nearby, read
from crisismap.services.lists.nearby import NearbyItem, NearbyQuery
from crisismap.situation.record.record import Record
from crisismap.web.render import page, redirect
from crisismap.web.visit import Visit

NO_ROBOTS = {"X-Robots-Tag": "noindex, nofollow"}
MAX_SNIPPET = 160  # characters of the text
MAX_PAGE = 500
CHECK = "check"  # ?show=check: reports to check again, instead of requests


@dataclass(frozen=True, slots=True)
class Line:
    """One request or report in a list."""

    id: str
    priority: str | None
    category: str
    people: int | None
    snippet: str
    metres: float | None
    area: str
    waiting_ms: int
    overdue: bool
    placed: bool
    claimed_by: str
    left_ms: int | None  # of the claim


def show(visit: Visit) -> Response:
    """Show the person's own claims, then the nearest or the most urgent requests."""
    if visit.person == STRANGER:
        return sign_in_first(visit)
    typed, error = visit.asked("near"), ""
    try:
        around = nearby.spot(visit.context.views.situation, typed)
    except Invalid:
        around, error = None, "task.near_unknown"
    wish = NearbyQuery(around, visit.asked("order") == "urgent", visit.asked("area"), _page_number(visit.asked("page")))
    checking = visit.asked("show") == CHECK
    if checking:
        found = nearby.checks(visit.context.views, visit.context.clock(), visit.person, wish)
    else:
        found = nearby.requests(visit.context.views, visit.context.rules, visit.context.clock(), visit.person, wish)
    response = page(
        visit,
        "tasks.html",
        422 if error else 200,
        packed=not visit.request.url.query,
        mine=lines(
            visit,
            nearby.own_claims(visit.context.views, visit.context.rules, visit.context.clock(), visit.person, around),
        ),
        found=lines(visit, found.found),
        total=found.total,
        older=_link(visit, page=str(wish.page + 1)) if found.more else "",
        newer=_link(visit, page=str(wish.page - 1)) if wish.page > 1 else "",
        typed=typed,
        around=around,
        urgent=wish.urgent,
        area=wish.area,
        areas=areas(visit),
        checking=checking,
        here_link=_link(visit, show="", page=""),
        check_link=_link(visit, show=CHECK, page=""),
        keep=keep(visit),
        error=visit.words(error) if error else "",
    )
    response.headers.update(NO_ROBOTS)
    return response


def sign_in_first(visit: Visit) -> Response:
    """Redirect to the sign-in page, which leads back here."""
    url = visit.request.url
    here = f"{url.path}?{url.query}" if url.query and visit.request.method == "GET" else url.path
    return redirect(visit, f"/login?next={quote(here, safe='')}")


def keep(visit: Visit) -> str:
    """Return the query that the links of the page repeat, so that the link back leads to the same list."""
    query = {name: visit.asked(name) for name in ("near", "order", "area", "show") if visit.asked(name)}
    return f"?{urlencode(query)}" if query else ""


def lines(visit: Visit, found: tuple[NearbyItem, ...]) -> list[Line]:
    """Return the lines of records, in the language of the page."""
    return [_line(visit.context.clock(), visit.words, each) for each in found]


def areas(visit: Visit) -> list[str]:
    """Return the names of the areas that have unanswered requests."""
    counted = read.situation(visit.context.views, visit.context.clock(), visit.person)["by_area"]
    names = {
        row["name"] for row in counted if row["name"] and (row["unanswered"] or row["name"] == visit.asked("area"))
    }
    return sorted(names)


def _line(now_ms: int, t: Language, found: NearbyItem) -> Line:
    record: Record = found.record
    until = moment.parse(record.claim_until)[0] if record.claim_until else 0
    snippet = " ".join((record.text or record.place or "").split())
    return Line(
        id=record.id,
        priority=record.priority,
        category=t.category(record.category),
        people=record.people,
        snippet=snippet if len(snippet) <= MAX_SNIPPET else snippet[: MAX_SNIPPET - 1] + "…",
        metres=found.metres,
        area=record.area.name if record.area else "",
        waiting_ms=record.waiting_s * 1000,
        overdue=record.overdue,
        placed=record.lon is not None,
        claimed_by=record.claimed_by or "",
        left_ms=until - now_ms if until > now_ms else None,
    )


def _link(visit: Visit, **changed: str) -> str:
    parameters = {name: visit.asked(name) for name in ("near", "order", "area", "show")} | changed
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"/tasks?{query}" if query else "/tasks"


def _page_number(text: str) -> int:
    return min(int(text), MAX_PAGE) if text.isascii() and text.isdecimal() and 0 < len(text) < 6 and int(text) else 1
