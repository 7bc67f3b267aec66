"""One visit of a plain page (person, language, form), and the route that passes it to a handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crisismap import bootstrap, i18n
from crisismap.core.errors import TooLarge
from crisismap.core.people.person import Person
from crisismap.core.text.local_time import readers_zone
from crisismap.core.text.storable import storable
from crisismap.services.accounts.session import COOKIE, person_of_cookie
from crisismap.services.intake.read_body import read_stream
from crisismap.services.runtime.context import Context
from crisismap.web import csrf
from crisismap.web.multipart import NO_UPLOAD, FormUpload, is_multipart, read_multipart

MAX_BODY = 512 * 1024  # bytes: 20,000 characters may each take 12 in a form
FORM_S = 60.0  # seconds for a form to arrive, also on a poor connection
MAX_VALUES = 300
LANG_COOKIE = "crisismap_lang"

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """The request as a handler needs it. `form` is empty unless a form was sent."""

    request: Request
    context: Context
    language: i18n.Language
    chose_language: bool
    person: Person
    guard: csrf.Guard
    form: Form
    upload: FormUpload = NO_UPLOAD

    @property
    def address(self) -> str:
        """Return the address of the client, for limits only; it is never stored."""
        return self.request.client.host if self.request.client else ""

    @property
    def secure(self) -> bool:
        """Return whether cookies are limited to encrypted connections."""
        return self.request.url.scheme == "https" or self.context.settings.public_url.startswith("https:")

    @property
    def base(self) -> str:
        """Return the URL of this server without the final slash: as set, else as the browser asked for it."""
        return self.context.settings.public_url or str(self.request.base_url).rstrip("/")

    @property
    def zone(self) -> tzinfo:
        """Return the incident's time zone, else UTC, which a script replaces by the phone's own."""
        return readers_zone(self.context.views.incident().time_zone)

    @property
    def has_token(self) -> bool:
        """Return whether the form came from a page that this server sent to this browser."""
        return self.guard.is_valid(self.form.get(csrf.FIELD, ""))

    @property
    def has_any_token(self) -> bool:
        """Return the same, or whether the form is a stranger's whose browser keeps no cookies."""
        return self.has_token or self.guard.is_valid_for_stranger(self.form.get(csrf.FIELD, ""))

    def parameter(self, name: str) -> str:
        """Return a parameter of the query, or an empty string."""
        return self.request.query_params.get(name, "")


Handler = Callable[[Visit], Response]
Failure = Callable[[Visit, Exception], Response]


def route(path: str, *, get: Handler, post: Handler | None = None, on_failure: Failure) -> Route:
    """Return the route of a page. Handlers run in a thread, and `on_failure` turns what they raise into a page."""

    async def endpoint(request: Request) -> Response:
        visit = await run_in_threadpool(_visit, request, {})
        try:
            if path != "/report" or request.method != "POST":  # a report is counted by its own limit only
                visit.context.guards.rates.request(visit.person, visit.address, visit.context.clock())
            if request.method == "POST" and post is not None:
                form, upload = await _read_form(request)
                visit = await run_in_threadpool(_visit, request, form, upload)
                return await run_in_threadpool(post, visit)
            return await run_in_threadpool(get, visit)
        except Exception as problem:
            return await run_in_threadpool(on_failure, visit, problem)

    return Route(path, endpoint, methods=["GET", "POST"] if post else ["GET"], include_in_schema=False)


def _visit(request: Request, form: Form, upload: FormUpload = NO_UPLOAD) -> Visit:
    context = bootstrap.current()
    selected = i18n.known_language(form.get("switch")) or i18n.known_language(request.query_params.get("lang"))
    cookie_language = i18n.known_language(request.cookies.get(LANG_COOKIE))
    code = selected or cookie_language or i18n.negotiate(request.headers.get("accept-language", ""))
    return Visit(
        request,
        context,
        i18n.languages()[code],
        selected is not None,
        person_of_cookie(context.store, context.clock(), request.cookies.get(COOKIE)),
        csrf.guard_of(request, context.settings.key("csrf")),
        form,
        upload,
    )


async def _read_form(request: Request) -> tuple[Form, FormUpload]:
    """Return the values of a form, without characters that no database stores, and its file."""
    kind = request.headers.get("content-type", "")
    if is_multipart(kind):
        pairs, upload = await read_multipart(kind, request.stream(), max_text=MAX_BODY, max_values=MAX_VALUES)
    else:
        pairs, upload = await _read_plain(request), NO_UPLOAD
    return {name: storable(value.replace("\r\n", "\n")) for name, value in pairs}, upload


async def _read_plain(request: Request) -> list[tuple[str, str]]:
    """Return the pairs of an application/x-www-form-urlencoded body."""
    body = await read_stream(request.stream(), MAX_BODY, FORM_S, "form")
    text = body.decode("ascii", "replace")
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_VALUES, errors="replace")
    except ValueError:
        raise TooLarge("form_too_many_values", most=MAX_VALUES) from None
