"""/shelters: the nearest open shelters with room, for everybody; works without JavaScript, and stores nothing.

The place travels in the body of a form, so that it is in no address, no log and no history of a proxy. Nothing is
changed here, so the form needs no token.
"""

from __future__ import annotations

from starlette.responses import Response

from crisismap.core.errors import Invalid
from crisismap.services.around import shelters
from crisismap.services.lists.search import MAX_QUERY, PlaceHit
from crisismap.web.render import page, phone_link
from crisismap.web.visit import Visit

# Values that people report, by the rules, to the keys of their sentences.
WORDS = {
    "open": "shelters.open_word",
    "available": "shelters.available_word",
    "full": "shelters.full_word",
    "closed": "shelters.closed_word",
}
DIRECTIONS = {
    "north": "shelters.d_north",
    "north-east": "shelters.d_north_east",
    "east": "shelters.d_east",
    "south-east": "shelters.d_south_east",
    "south": "shelters.d_south",
    "south-west": "shelters.d_south_west",
    "west": "shelters.d_west",
    "north-west": "shelters.d_north_west",
}


def show(visit: Visit) -> Response:
    """Show the form, and with `near` in the address (a link that somebody made) the shelters too."""
    return _answer(visit, visit.asked("near"), "")


def find_shelters(visit: Visit) -> Response:
    """Show the shelters nearest to the typed place (`near`), or to the place that was chosen for it (`at`)."""
    typed, chosen = visit.form.get("near", ""), visit.form.get("at", "")
    # The form repeats the chosen place with the text that it was chosen for; another text must not use it.
    stands = visit.form.get("of", typed) == typed
    return _answer(visit, typed, chosen if stands else "")


def _answer(visit: Visit, typed: str, chosen: str) -> Response:
    context, error = visit.context, ""
    spots: tuple[PlaceHit, ...] = ()
    if chosen.strip() or typed.strip():
        place = chosen if chosen.strip() else typed
        try:
            spots = shelters.whereabouts(context.views, context.rules, context.settings, place)
        except Invalid:
            error = "task.near_unknown"
    spot = spots[0] if spots else None
    number = visit.context.views.incident().emergency_number
    return page(
        visit,
        "shelters.html",
        422 if error else 200,
        robots=False,
        packed=not typed and not chosen,
        typed=typed[:MAX_QUERY],
        chosen=chosen if spot is not None else "",
        spot=spot,
        others=spots[1:],
        found=shelters.nearest_open(context.views, context.clock(), visit.person, spot.lon, spot.lat)
        if spot is not None
        else (),
        loaded=shelters.has_shelters(context.views.situation),
        number=phone_link(number) if number else None,
        error=visit.language(error) if error else "",
        claims={claim: visit.language(key) for claim, key in WORDS.items()},
        directions={word: visit.language(key) for word, key in DIRECTIONS.items()},
        now_ms=context.clock(),
    )
