"""The API as one application: every route that is not the desk's, and its OpenAPI document."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import BaseRoute

from crisismap import __version__
from crisismap.api import (
    area_map,
    audit,
    basemap,
    layers,
    mine,
    moderation,
    operation,
    people,
    photos,
    pictures,
    problems,
    reports,
    requests,
    sheet,
    shelters,
    suggestions,
    upkeep,
)
from crisismap.api.declared import EVERYWHERE
from crisismap.api.document import describe


def make_api(pages: list[BaseRoute]) -> FastAPI:
    """The application; `pages` are the plain pages' routes."""
    app = FastAPI(
        title="crisismap",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # the stock page fetches its script from elsewhere; web/ has one of our own
        redoc_url=None,
        redirect_slashes=False,
        default_response_class=Response,  # media types are declared: answers are encoded by us
        responses=EVERYWHERE,
    )
    problems.install(app)
    for room in (
        reports,
        photos,
        requests,
        suggestions,
        sheet,
        shelters,
        area_map,
        layers,
        pictures,
        basemap,
        mine,
        moderation,
        operation,
        upkeep,
        people,
        audit,
    ):
        app.include_router(room.router)
    app.include_router(mine.consent_router)
    app.router.routes.extend(pages)
    describe(app)
    return app
