"""A visit knows who came, in which language and with what; whatever goes wrong becomes a page."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response

from crisismap.services.accounts.session import COOKIE
from crisismap.services.runtime.context import Context
from crisismap.web.visit import LANG_COOKIE, MAX_VALUES, Visit, route
from tests.services.accounts.test_account import join


def told(visit: Visit) -> Response:
    if "boom" in visit.form:
        raise ZeroDivisionError
    return JSONResponse(
        {
            "person": visit.person.name,
            "lang": visit.language.code,
            "chose": visit.chose_language,
            "form": dict(visit.form),
            "file": len(visit.upload.body),
            "asked": visit.parameter("q"),
            "secure": visit.secure,
        }
    )


def failed(_visit: Visit, problem: Exception) -> Response:
    return Response(type(problem).__name__, 500)


def ask(method: str, path: str = "/x", base: str = "http://test", **more: object) -> httpx.Response:
    async def sent() -> httpx.Response:
        app = Starlette(routes=[route("/x", get=told, post=told, on_failure=failed)])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base) as client:
            return await client.request(method, path, **more)  # type: ignore[arg-type]

    return asyncio.run(sent())


def test_knows_whose_browser_it_is(context: Context) -> None:
    begun = join(context)
    assert ask("GET", headers={"Cookie": f"{COOKIE}={begun.secret}"}).json()["person"] == "Ravi"
    assert ask("GET", headers={"Cookie": f"{COOKIE}=x"}).json()["person"] == ""


@pytest.mark.parametrize(
    ("path", "cookie", "header", "lang", "chose"),
    [
        ("/x?lang=es", "en", "en", "es", True),
        ("/x", "es", "en", "es", False),
        ("/x", "", "es", "es", False),
        ("/x?lang=xx", "xx", "xx", "en", False),
    ],
)
def test_speaks_the_language_that_was_chosen_kept_or_preferred(
    context: Context, path: str, cookie: str, header: str, lang: str, chose: bool
) -> None:
    headers = {"Cookie": f"{LANG_COOKIE}={cookie}", "Accept-Language": header}
    answer = ask("GET", path, headers=headers).json()
    assert (answer["lang"], answer["chose"]) == (lang, chose)


def test_reads_a_form_with_and_without_a_file(context: Context) -> None:
    assert ask("POST", data={"text": "a\r\nb", "empty": ""}).json()["form"] == {"text": "a\nb", "empty": ""}
    answer = ask("POST", data={"text": "a"}, files={"photo": ("p.jpg", b"jpeg")}).json()
    assert (answer["form"], answer["file"]) == ({"text": "a"}, 4)


def test_makes_a_page_of_whatever_goes_wrong(context: Context) -> None:
    assert ask("POST", data={"boom": "1"}).text == "ZeroDivisionError"
    assert ask("POST", data={f"f{n}": "1" for n in range(MAX_VALUES + 1)}).text == "TooLarge"


def test_keeps_cookies_to_encrypted_connections_where_there_is_one(context: Context) -> None:
    assert ask("GET", base="https://test").json()["secure"] is True
    assert ask("GET", base="http://test").json()["secure"] is False
