"""The routes of the plain pages, and the static files under /assets/."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from crisismap.web.pages import (
    account_page,
    docs_page,
    mine_page,
    oidc_page,
    report_page,
    shelters_page,
    sign_in_page,
    task_page,
    tasks_page,
    track_page,
)
from crisismap.web.render import failure_page, nothing_here
from crisismap.web.static_files import assets
from crisismap.web.visit import Handler, route

TOP_PATHS = (
    "report",
    "shelters",
    "t",
    "tasks",
    "login",
    "logout",
)  # every address below these answers with a page, also an unknown one


def _page(path: str, *, get: Handler, post: Handler | None = None) -> Route:
    return route(path, get=get, post=post, on_failure=failure_page)


def nowhere() -> Starlette:
    """Return an application that answers every address with the page for 404."""
    return Starlette(routes=[_page("/{rest:path}", get=nothing_here)])


def routes() -> list[BaseRoute]:
    """Return the routes of all plain pages."""
    return [
        Mount("/assets", assets(), name="assets"),
        _page("/report", get=report_page.show, post=report_page.send),
        _page("/report/thanks/{code}", get=report_page.thanks, post=report_page.same),
        _page("/shelters", get=shelters_page.show, post=shelters_page.find_shelters),
        _page("/t", get=track_page.code_form),
        _page("/t/{code}/photos/{name}", get=track_page.picture),
        _page("/t/{code}", get=track_page.show, post=track_page.requester_action),
        _page("/t/{code}/data", get=mine_page.show, post=mine_page.change),
        _page("/t/{code}/data.json", get=mine_page.download),
        _page("/tasks", get=tasks_page.show),
        _page("/tasks/{id}", get=task_page.show, post=task_page.act),
        _page("/login", get=sign_in_page.show, post=sign_in_page.sign_in),
        _page("/login/account", get=account_page.show, post=account_page.send),
        _page("/login/oidc", get=oidc_page.leave),
        _page("/login/oidc/callback", get=oidc_page.finish_sign_in),
        _page("/logout", get=sign_in_page.leave, post=sign_in_page.sign_out),
        _page("/api/v1/docs", get=docs_page.show),
        *(_page(f"/{first}/{{rest:path}}", get=nothing_here) for first in TOP_PATHS),
    ]
