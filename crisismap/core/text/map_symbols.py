"""The symbols of clusters, and everything that the map's icon atlas holds."""

from __future__ import annotations

from collections.abc import Iterator

from crisismap.core.text.symbols import SHELTER_STATUSES, all_symbols, drawing, official_shelter, palette

RING_PARTS = 8
_RADIUS = 24.0  # of the middle of a ring in the 64 box
_WIDTH = 8.0
_QUIET = 0.72  # size on the map of what asks for nothing


def all_rings() -> Iterator[str]:
    """Yield every ring of a cluster: parts of P1 to P4, RING_PARTS together, as digits; "" for none unanswered."""
    yield ""
    for first in range(RING_PARTS + 1):
        for second in range(RING_PARTS + 1 - first):
            for third in range(RING_PARTS + 1 - first - second):
                yield f"{first}{second}{third}{RING_PARTS - first - second - third}"


def cluster_key(ring: str) -> str:
    """Return the name of a cluster's symbol in the icon atlas."""
    return f"cluster-{ring}"


def cluster(ring: str, *, dark: bool = False) -> str:
    """Return the disc of many reports, for a number: its ring has the colours of P1 to P4 by their parts.

    Without a ring, a small grey one: nobody in it waits for an answer.
    """
    colours = palette(dark)
    if not ring:
        return (
            f'<circle cx="32" cy="32" r="19" fill="{colours.surface}" stroke="{colours.context}" stroke-width="2.5"/>'
        )
    halo = f'<circle cx="32" cy="32" r="{_RADIUS + _WIDTH / 2 + 2:g}" fill="{colours.surface}"/>'
    arcs, before = [], 0
    for priority, digit in enumerate(ring, 1):
        parts = int(digit)
        if parts:
            # A hundredth more than its part, so that no light shows between two arcs.
            dash = f"{parts + 0.01:g} {RING_PARTS}" if parts < RING_PARTS else "none"
            arcs.append(
                f'<circle cx="32" cy="32" r="{_RADIUS:g}" fill="none" stroke="{colours.priority[priority]}" '
                f'stroke-width="{_WIDTH:g}" pathLength="{RING_PARTS}" stroke-dasharray="{dash}" '
                f'stroke-dashoffset="{-before:g}" transform="rotate(-90 32 32)"/>'
            )
        before += parts
    return halo + "".join(arcs)


def sheet(*, dark: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the content of the icon atlas as (key, SVG fragment), in a fixed order."""
    for symbol in all_symbols():
        drawn = drawing(symbol, dark=dark)
        yield symbol.key, _quiet(drawn) if symbol.look == "none" else drawn
    for ring in all_rings():
        yield cluster_key(ring), cluster(ring, dark=dark)
    for status in SHELTER_STATUSES:
        yield f"official-shelter-{status}", official_shelter(status, dark=dark)


def _quiet(drawn: str) -> str:
    return f'<g transform="translate(32 32) scale({_QUIET:g}) translate(-32 -32)">{drawn}</g>'
