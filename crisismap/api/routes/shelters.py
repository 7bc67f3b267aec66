"""Shelters: all official ones, those nearest to a place, and those nearest to a request. The place is not stored."""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.answers import ShelterList
from crisismap.api.http.declared import answers
from crisismap.api.http.dependencies import Caller
from crisismap.api.http.query import PAGED, number_of, parameters
from crisismap.api.http.responses import UNSTORED, json_response, next_page
from crisismap.core import moment
from crisismap.core.errors import Invalid
from crisismap.rule_files import RuleFiles
from crisismap.services.around import shelters
from crisismap.services.around.route import Route
from crisismap.services.around.shelters import Shelter
from crisismap.services.lists.search import PlaceHit
from crisismap.services.runtime.views import Views
from crisismap.settings import Settings
from crisismap.situation.situation import Situation

PAGE = 100

router = APIRouter(tags=["shelters"])


@router.get("/api/v1/shelters", responses=answers(ShelterList))
def get_shelters(
    request: Request,
    person: Caller,
    params: Annotated[QueryParams, parameters("near", "lon", "lat", *PAGED)],
) -> Response:
    """Return the nearest open shelters with free places to `lon` and `lat` or `near` (text), else all by id."""
    context = bootstrap.current()
    limit = number_of("limit", params)
    place = _place(context.views, context.rules, context.settings, params)
    if place is None:
        begin, size = number_of("cursor", params) or 0, PAGE if limit is None else limit
        items, total = shelters.list_shelters(context.views, context.clock(), person, begin, size)
        link = next_page(request, str(begin + size) if begin + size < total else None)
        return _answer(context.views.situation, None, items, total, link)
    most = shelters.NEAREST if limit is None else limit
    if not 1 <= most <= PAGE:
        raise Invalid("limit", most, "out_of_range_near", most=PAGE)
    items = shelters.nearest_open(context.views, context.clock(), person, place.lon, place.lat, most)
    return _answer(context.views.situation, place, items, len(items), {})


@router.get("/api/v1/requests/{report_id}/shelters", responses=answers(ShelterList))
def get_shelters_of_request(report_id: str, person: Caller) -> Response:
    """Return the nearest open shelters with free places to the request's place as you may know it; none without one."""
    context = bootstrap.current()
    place, items = shelters.of_request(context.store, context.views, context.clock, person, report_id)
    return _answer(context.views.situation, place, items, len(items), {})


def _place(views: Views, rules: RuleFiles, settings: Settings, params: QueryParams) -> PlaceHit | None:
    names = [name for name in ("near", "lon", "lat") if name in params]
    if not names:
        return None
    if names == ["near"]:
        return shelters.whereabouts(views, rules, settings, params["near"])[0]
    if names != ["lon", "lat"]:
        raise Invalid(names[0], params[names[0]], "point_not_whole")
    lon, lat = (_degrees(name, params[name]) for name in ("lon", "lat"))
    return PlaceHit("coordinates", "", "longitude, latitude", lon, lat)


def _degrees(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise Invalid(name, text, "not_degrees") from None
    if not math.isfinite(value):
        raise Invalid(name, text, "not_finite")
    return value


def _answer(
    situation: Situation, place: PlaceHit | None, items: tuple[Shelter, ...], total: int, link: dict[str, str]
) -> Response:
    body = {
        "place": None if place is None else {"name": place.name or None, "lon": place.lon, "lat": place.lat},
        "items": [_item(each) for each in items],
        "total": total,
        "revision": situation.revision,
    }
    return json_response(body, UNSTORED | link)


def _item(each: Shelter) -> dict[str, Any]:
    facility = each.facility
    return {
        "layer": each.layer,
        "id": each.id,
        "name": each.name,
        "lon": each.lon,
        "lat": each.lat,
        "status": each.status,
        "open": each.open,
        "capacity": facility.capacity,
        "occupancy": facility.occupancy,
        "free": facility.free,
        "needs": facility.needs or None,
        "as_of": moment.rfc3339(each.as_of_ms),
        "people": [
            {
                "says": statement.status,
                "reports": statement.reports,
                "verified": statement.verified,
                "last_at": moment.rfc3339(statement.last_ms),
            }
            for statement in each.people
        ],
        "distance_m": None if each.distance_m is None else round(each.distance_m, 1),
        "direction": each.direction,
        "way": None if each.route is None else route_json(each.route),
    }


def route_json(route: Route) -> dict[str, Any]:
    """Return a route as JSON; its line is a GeoJSON geometry."""
    return {
        "by_road": route.by_road,
        "why": route.why or None,
        "distance_m": round(route.metres, 1),
        "start_m": round(route.start_m, 1),
        "end_m": round(route.end_m, 1),
        "avoided": route.avoided,
        "as_of": None if route.as_of_ms is None else moment.rfc3339(route.as_of_ms),
        "steps": [
            {"name": step.name or None, "distance_m": round(step.metres, 1), "direction": step.direction}
            for step in route.steps
        ],
        "geometry": {"type": "LineString", "coordinates": [[round(x, 6), round(y, 6)] for x, y in route.line]},
    }
