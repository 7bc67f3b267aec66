"""The API as one application: every route that is not the desk's, and its OpenAPI document."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import BaseRoute

from crisismap import __version__
from crisismap.api.http import problems
from crisismap.api.http.declared import EVERYWHERE
from crisismap.api.http.document import describe
from crisismap.api.routes import (
    audit,
    basemap,
    intake,
    layers,
    maintenance,
    moderation,
    offline_map,
    operation,
    own_data,
    people,
    photos,
    print_sheet,
    rasters,
    reports,
    requests,
    shelters,
    suggestions,
)


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
        intake,
        requests,
        suggestions,
        print_sheet,
        shelters,
        offline_map,
        layers,
        rasters,
        basemap,
        own_data,
        moderation,
        operation,
        maintenance,
        people,
        audit,
    ):
        app.include_router(room.router)
    app.include_router(own_data.consent_router)
    app.router.routes.extend(pages)
    describe(app)
    return app
