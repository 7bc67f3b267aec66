"""Pages from templates: escaped, with the headers that every plain page needs, and the page for each refusal."""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import Mapping
from datetime import tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crisismap.core import moment
from crisismap.core.errors import CrisismapError, NotFound, Stale, TooLarge, TooManyTries, Unavailable, WrongState
from crisismap.core.moment import MINUTE_MS, YEAR_S
from crisismap.core.report.photo import MAX_BYTES, MAX_PIXELS
from crisismap.files import asset
from crisismap.i18n import Language, languages
from crisismap.problems import sentence
from crisismap.web import csrf
from crisismap.web.visit import LANG_COOKIE, Visit

HERE = Path(__file__).parent
# Why a photo was not kept, as the person who sent it understands it.
_PHOTO_PROBLEMS = {
    **dict.fromkeys(("photo_too_large", "photo_too_many_pixels", "too_many_bytes", "photo_needs_memory"), "too_large"),
    **dict.fromkeys(("not_a_photo", "photo_kind_unread", "photo_is_a_video", "photo_empty"), "kind"),
    "photos_busy": "busy",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Vary": "Cookie, Accept-Language, Accept-Encoding",
}
NO_ROBOTS = {"X-Robots-Tag": "noindex, nofollow"}
_SMALLEST_PACKED = 1000  # bytes
SITUATION_S = 3.0  # a page is shown even when the map takes longer than this
log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        asset=asset,
        rich=rich,
        own_zone=own_zone,
        duration=duration,
        clock_time=clock_time,
        clock_until=clock_until,
        distance=distance,
    )
    # `bdi` keeps the writing direction of a person's text inside a sentence.
    environment.filters.update(
        bdi=Markup("<bdi>{}</bdi>").format, strong=Markup("<strong>{}</strong>").format, dial=dial
    )
    return environment


def rich(language: Language, key: str, /, **values: object) -> Markup:
    """Return a sentence whose values may be the project's own markup; everything else is escaped."""
    return Markup(escape(language(key))).format(**values)  # noqa: S704 - escaped first


def duration(language: Language, ms: int) -> str:
    """Return a time span in its largest unit, rounded down, at least a minute."""
    minutes = max(1, ms // MINUTE_MS)
    if minutes < 90:
        return _unbroken(language("common.minutes", n=minutes))
    if minutes < 48 * 60:
        return _unbroken(language("common.hours", n=minutes // 60))
    return _unbroken(language("common.days", n=minutes // (24 * 60)))


def distance(language: Language, metres: float) -> str:
    """Return metres below a kilometre, at least 10, else kilometres with one decimal."""
    if metres < 995:
        return _unbroken(language("common.metres", n=max(10, round(metres / 10) * 10)))
    return _unbroken(language("common.kilometres", n=format_decimal(metres / 1000, "0.0", language.locale)))


def _unbroken(text: str) -> str:
    """Keep a number on one line with its unit."""
    return text.replace(" ", "\u00a0")


def own_zone(language: Language, name: str) -> Markup:
    """Return the name of the zone that a script replaces by the phone's own, with the times of the page."""
    locale = f"{str(language.locale).replace('_', '-')}-u-nu-latn"  # digits as in the rest of the page
    return Markup('<bdi id="time-zone" data-locale="{}">{}</bdi>').format(locale, name)


def clock_time(language: Language, ms: int, now_ms: int, zone: tzinfo) -> Markup:
    """Return how long ago, and when in the reader's zone, which the page names once."""
    ago = (
        language("common.ago", time=duration(language, now_ms - ms))
        if now_ms - ms >= MINUTE_MS
        else language("common.now")
    )
    return Markup("{} · {}").format(ago, moment_of(language, ms, zone))


def clock_until(language: Language, ms: int, now_ms: int, zone: tzinfo) -> Markup:
    """Return when something is due, and in how long; once it has passed, only when."""
    if ms <= now_ms:
        return moment_of(language, ms, zone)
    return Markup("{} ({})").format(
        moment_of(language, ms, zone), language("common.within", time=duration(language, ms - now_ms))
    )


def moment_of(language: Language, ms: int, zone: tzinfo) -> Markup:
    """Return a time as an element that a script may show in the phone's own zone."""
    text = language.date_time(ms, zone)
    return Markup('<time datetime="{}"><bdi>{}</bdi></time>').format(moment.rfc3339(ms), text)


def page(
    visit: Visit, template: str, status: int = 200, *, packed: bool = False, robots: bool = True, **values: Any
) -> Response:
    """Return a page. `packed`: it may be compressed, because it does not show sent text beside a secret (BREACH).

    `robots`: search engines may list it.
    """
    incident = visit.context.views.incident()
    html = (
        _templates()
        .get_template(template)
        .render(
            t=visit.language,
            languages=_switcher(visit),
            made_up=visit.context.views.made_up,
            incident=incident.name,
            zone=visit.zone,
            zone_name=visit.language.time_zone(visit.zone, visit.context.clock()),
            zone_is_fixed=bool(incident.time_zone),
            csrf_token=visit.guard.token(without_cookies=visit.request.method == "POST"),
            person=visit.person,
            here=visit.request.url.path,
            **values,
        )
    )
    body = html.encode()
    headers = dict(_HEADERS) if robots else _HEADERS | NO_ROBOTS
    if packed and len(body) >= _SMALLEST_PACKED and "gzip" in visit.request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return with_cookies(visit, HTMLResponse(body, status, headers))


def redirect(visit: Visit, address: str) -> Response:
    """Redirect to another plain page."""
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return with_cookies(visit, RedirectResponse(address, 303, headers))


def with_cookies(visit: Visit, response: Response) -> Response:
    """Set the cookies of the chosen language and of the form token."""
    if visit.chose_language:
        set_cookie(visit, response, LANG_COOKIE, visit.language.code, YEAR_S)
    if visit.guard.new:
        set_cookie(visit, response, csrf.COOKIE, visit.guard.cookie, None)
    return response


def set_cookie(visit: Visit, response: Response, name: str, value: str, max_age_s: int | None) -> None:
    """Set a cookie that no script can read and no other site can send."""
    response.set_cookie(name, value, max_age_s, path="/", secure=visit.secure, httponly=True, samesite="lax")


def failure_page(visit: Visit, problem: Exception) -> Response:
    """Return the page for the exception that a handler raised."""
    t = visit.language
    if isinstance(problem, TooManyTries):
        key = "error.busy" if "limit" in problem.details else "track.too_many"
        text = t(key, time=time_to_wait(t, problem))
        return retry_later(page(visit, "message.html", 429, title=t("error.busy_title"), text=text), problem)
    if isinstance(problem, NotFound):
        return page(visit, "message.html", 404, title=t("error.not_found_title"), text=t("error.not_found"))
    match problem:
        case TooLarge():
            status, text = 413, t("error.too_big")
        case Unavailable():
            status, text = 503, t("error.broken")
        case CrisismapError():
            status, text = 400, sentence(problem, t)
        case _:
            log.error("unexpected error on a page", exc_info=problem)
            status, text = 500, t("error.broken")
    return page(visit, "message.html", status, title=t("error.broken_title"), text=text)


def refusal_of(problem: CrisismapError) -> tuple[str, int]:
    """Return the sentence and the status of a refusal that every form may meet. Raises any other problem."""
    match problem:
        case Stale():
            return "error.stale", 412
        case WrongState():
            return "error.not_now", 409
        case Unavailable():
            return "error.unavailable_here", 503
    raise problem


def photo_problem(problem: CrisismapError) -> str:
    """Return why a photo was not kept: a name of the catalogue's table `photo_problem`."""
    cause = problem.details.get("problem", problem)
    return _PHOTO_PROBLEMS.get(cause.code if isinstance(cause, CrisismapError) else problem.code, "damaged")


def photo_advice(language: Language, name: str) -> str:
    """Return why a photo was not kept and what to do, by a name of `photo_problem`; "" for any other text."""
    if name not in {*_PHOTO_PROBLEMS.values(), "damaged"}:
        return ""
    return language(f"photo_problem.{name}", most=str(MAX_BYTES >> 20), pixels=str(MAX_PIXELS // 1_000_000))


def time_to_wait(language: Language, problem: TooManyTries) -> str:
    """Return after which time one may try again, in whole minutes."""
    return duration(language, int(problem.details["retry_after_s"]) * 1000 + 59_999)


def retry_later(response: Response, problem: TooManyTries) -> Response:
    """Return the response with the header that says when one may try again."""
    response.headers["Retry-After"] = str(problem.details["retry_after_s"])
    return response


def nothing_here(visit: Visit) -> Response:
    """Raise NotFound, for addresses without a page."""
    raise NotFound("no_page")


def phone_link(number: str) -> Markup:
    """Return a link that dials an emergency number."""
    return Markup('<a class="call" href="tel:{}">{}</a>').format(dial(number), number)


def dial(number: str) -> str:
    """Return the characters of a phone number that a phone dials."""
    return re.sub(r"[^\d+*#]", "", number)


def _switcher(visit: Visit) -> list[Mapping[str, str]]:
    """Return every language, with the address of this page in that language."""
    url = visit.request.url
    return [
        {
            "code": code,
            "name": language.name,
            "address": f"{url.path}?{url.include_query_params(lang=code).query}",
        }
        for code, language in languages().items()
    ]
