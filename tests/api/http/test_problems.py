"""A refusal is one problem document: its status, its code, its sentence in the caller's language, never internals."""

from __future__ import annotations

import asyncio

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from crisismap.api.http.problems import (
    MEDIA_TYPE,
    RETRY_AFTER_S,
    STATUS,
    TITLE,
    headers_of,
    install,
    language_of,
    method_not_allowed,
    problem_of,
    refusal,
)
from crisismap.core.errors import KINDS, NotSignedIn, TooManyTries, Unavailable
from crisismap.i18n import languages

TRIES = TooManyTries("too_many_tries", retry_after_s=41)


def test_has_the_members_of_the_standard_and_the_code_and_details_of_the_reason() -> None:
    document = problem_of(TRIES)
    assert document["type"] == "urn:crisismap:problem:too-many"
    assert (document["status"], document["code"], document["retry_after_s"]) == (429, "too_many_tries", 41)
    assert document["title"] == TITLE["too-many"]
    assert document["detail"]
    assert "too_many_tries" not in document["detail"]


def test_says_it_in_the_language_that_was_asked_for() -> None:
    english, spanish = (problem_of(TRIES, languages()[code])["detail"] for code in ("en", "es"))
    assert english != spanish
    scope = {"type": "http", "headers": [(b"accept-language", b"xx, es;q=0.5")]}
    assert language_of(scope).code == "es"
    assert language_of({"type": "http", "headers": []}).code == "en"
    answer = refusal(TRIES, languages()["es"])
    assert (answer.headers["content-language"], answer.headers["vary"]) == ("es", "Accept-Language")
    assert msgspec.json.decode(answer.body)["detail"] == spanish


def test_tells_how_to_go_on_in_headers() -> None:
    assert headers_of(TRIES) == {"Retry-After": "41"}
    assert headers_of(Unavailable("program_ending")) == {"Retry-After": RETRY_AFTER_S}
    assert headers_of(NotSignedIn("not_signed_in"))["WWW-Authenticate"].startswith("Bearer")
    assert method_not_allowed("GET, HEAD").headers["allow"] == "GET, HEAD"


def test_has_a_status_for_every_kind_of_refusal() -> None:
    assert {each.kind for each in KINDS} <= STATUS.keys()
    assert all(400 <= status < 600 for status in STATUS.values())


@pytest.fixture
def app() -> FastAPI:
    one = FastAPI()
    install(one)

    @one.get("/number/{value}")
    def number(value: int) -> int:
        return 100 // value

    @one.put("/number/{value}")
    def refuse(value: int) -> None:
        raise TRIES

    return one


def ask(app: FastAPI, method: str, path: str) -> httpx.Response:
    async def sent() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path)

    return asyncio.run(sent())


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("PUT", "/number/1", 429, "too_many_tries"),
        ("GET", "/number/x", 422, "not_as_expected"),
        ("GET", "/nothing", 404, "no_page"),
        ("GET", "/number/0", 500, "nothing_kept"),
    ],
)
def test_answers_every_error_of_an_app(app: FastAPI, method: str, path: str, status: int, code: str) -> None:
    answer = ask(app, method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    assert answer.json()["code"] == code
    assert "ZeroDivisionError" not in answer.text


def test_names_every_method_that_a_path_has(app: FastAPI) -> None:
    answer = ask(app, "POST", "/number/1")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "PUT"}
