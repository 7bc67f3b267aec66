"""/shelters: the nearest open shelters with free places, for everybody; works without JavaScript, and stores nothing.

The place travels in the body of a form, so that it is in no address, no log and no history of a proxy. Nothing is
changed here, so the form needs no token.
"""

from __future__ import annotations

from starlette.responses import Response

from crisismap.core.errors import Invalid
from crisismap.core.place.geodesy import DIRECTIONS
from crisismap.services.around import shelters
from crisismap.services.lists.search import MAX_QUERY, PlaceHit
from crisismap.web.render import page, phone_link
from crisismap.web.visit import Visit

STATUSES = ("open", "available", "full", "closed")  # values that people report, by the rules


def show(visit: Visit) -> Response:
    """Show the form, and with `near` in the address (a link that somebody made) the shelters too."""
    return _answer(visit, visit.parameter("near"), "")


def find_shelters(visit: Visit) -> Response:
    """Show the shelters nearest to the typed place (`near`), or to the place that was chosen for it (`at`)."""
    near, selected = visit.form.get("near", ""), visit.form.get("at", "")
    # The form repeats the chosen place with the text that it was chosen for; another text must not use it.
    is_current = visit.form.get("of", near) == near
    return _answer(visit, near, selected if is_current else "")


def _answer(visit: Visit, near: str, selected: str) -> Response:
    context, t, error = visit.context, visit.language, ""
    places: tuple[PlaceHit, ...] = ()
    if selected.strip() or near.strip():
        place = selected if selected.strip() else near
        try:
            places = shelters.whereabouts(context.views, context.rules, context.settings, place)
        except Invalid:
            error = "task.near_unknown"
    chosen_place = places[0] if places else None
    number = context.views.incident().emergency_number
    return page(
        visit,
        "shelters.html",
        422 if error else 200,
        robots=False,
        packed=not near and not selected,
        typed=near[:MAX_QUERY],
        chosen=selected if chosen_place is not None else "",
        spot=chosen_place,
        others=places[1:],
        found=shelters.nearest_open(context.views, context.clock(), visit.person, chosen_place.lon, chosen_place.lat)
        if chosen_place is not None
        else (),
        loaded=shelters.has_shelters(context.views.situation),
        number=phone_link(number) if number else None,
        error=t(error) if error else "",
        claims={status: t(f"shelters.{status}_word") for status in STATUSES},
        directions={word: t(f"shelters.d_{word.replace('-', '_')}") for word in DIRECTIONS},
        now_ms=context.clock(),
    )
