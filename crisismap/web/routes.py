"""The routes of the plain pages, and the static files under /assets/."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

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
from crisismap.web.visit import route

TOP_PATHS = (
    "report",
    "shelters",
    "t",
    "tasks",
    "login",
    "logout",
)  # every address below these answers with a page, also an unknown one


def nowhere() -> Starlette:
    """Return an application that answers every address with the page for 404."""
    return Starlette(routes=[route("/{rest:path}", get=nothing_here, on_failure=failure_page)])


def routes() -> list[BaseRoute]:
    """Return the routes of all plain pages."""
    return [
        Mount("/assets", assets(), name="assets"),
        route("/report", get=report_page.show, post=report_page.send, on_failure=failure_page),
        route("/report/thanks/{code}", get=report_page.thanks, post=report_page.same, on_failure=failure_page),
        route("/shelters", get=shelters_page.show, post=shelters_page.find_shelters, on_failure=failure_page),
        route("/t", get=track_page.code_form, on_failure=failure_page),
        route("/t/{code}/photos/{name}", get=track_page.picture, on_failure=failure_page),
        route("/t/{code}", get=track_page.show, post=track_page.requester_action, on_failure=failure_page),
        route("/t/{code}/data", get=mine_page.show, post=mine_page.change, on_failure=failure_page),
        route("/t/{code}/data.json", get=mine_page.download, on_failure=failure_page),
        route("/tasks", get=tasks_page.show, on_failure=failure_page),
        route("/tasks/{id}", get=task_page.show, post=task_page.act, on_failure=failure_page),
        route("/login", get=sign_in_page.show, post=sign_in_page.sign_in, on_failure=failure_page),
        route("/login/account", get=account_page.show, post=account_page.send, on_failure=failure_page),
        route("/login/oidc", get=oidc_page.leave, on_failure=failure_page),
        route("/login/oidc/callback", get=oidc_page.finish_sign_in, on_failure=failure_page),
        route("/logout", get=sign_in_page.leave, post=sign_in_page.sign_out, on_failure=failure_page),
        route("/api/v1/docs", get=docs_page.show, on_failure=failure_page),
        *(route(f"/{first}/{{rest:path}}", get=nothing_here, on_failure=failure_page) for first in TOP_PATHS),
    ]
