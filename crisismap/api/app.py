"""The API application: all routes except the desk's, and the OpenAPI document."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import BaseRoute

from crisismap import __version__
from crisismap.api import live, tile
from crisismap.api.http import problems
from crisismap.api.http.declared import EVERYWHERE
from crisismap.api.http.document import describe
from crisismap.api.routes import (
    audit,
    basemap,
    intake,
    labels,
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
    """Return the application; `pages` are the routes of the plain pages."""
    app = FastAPI(
        title="crisismap",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # the default page loads its script from a third party; web/ has its own page
        redoc_url=None,
        redirect_slashes=False,
        responses=EVERYWHERE,
    )
    problems.install(app)
    for module in (
        reports,
        photos,
        intake,
        requests,
        suggestions,
        print_sheet,
        shelters,
        offline_map,
        labels,
        layers,
        rasters,
        basemap,
        own_data,
        moderation,
        operation,
        maintenance,
        people,
        audit,
        tile,
        live,
    ):
        app.include_router(module.router)
    app.router.routes.extend(pages)
    describe(app)
    return app
