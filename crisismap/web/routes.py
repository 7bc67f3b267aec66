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
from crisismap.web.render import failed, nothing_here
from crisismap.web.static_files import assets
from crisismap.web.visit import route

OWN = (
    "report",
    "shelters",
    "t",
    "tasks",
    "login",
    "logout",
)  # every address below these answers with a page, also an unknown one


def nowhere() -> Starlette:
    """Return an application that answers every address with the page for 404."""
    return Starlette(routes=[route("/{rest:path}", get=nothing_here, failed=failed)])


def routes() -> list[BaseRoute]:
    """Return the routes of all plain pages."""
    return [
        Mount("/assets", assets(), name="assets"),
        route("/report", get=report_page.show, post=report_page.send, failed=failed),
        route("/report/thanks/{code}", get=report_page.thanks, post=report_page.same, failed=failed),
        route("/shelters", get=shelters_page.show, post=shelters_page.find_shelters, failed=failed),
        route("/t", get=track_page.code_form, failed=failed),
        route("/t/{code}/photos/{name}", get=track_page.picture, failed=failed),
        route("/t/{code}", get=track_page.show, post=track_page.requester_action, failed=failed),
        route("/t/{code}/data", get=mine_page.show, post=mine_page.change, failed=failed),
        route("/t/{code}/data.json", get=mine_page.download, failed=failed),
        route("/tasks", get=tasks_page.show, failed=failed),
        route("/tasks/{id}", get=task_page.show, post=task_page.act, failed=failed),
        route("/login", get=sign_in_page.show, post=sign_in_page.sign_in, failed=failed),
        route("/login/account", get=account_page.show, post=account_page.send, failed=failed),
        route("/login/oidc", get=oidc_page.leave, failed=failed),
        route("/login/oidc/callback", get=oidc_page.finish_sign_in, failed=failed),
        route("/logout", get=sign_in_page.leave, post=sign_in_page.sign_out, failed=failed),
        route("/api/v1/docs", get=docs_page.show, failed=failed),
        *(route(f"/{first}/{{rest:path}}", get=nothing_here, failed=failed) for first in OWN),
    ]
