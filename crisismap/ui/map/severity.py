"""The style of warnings by severity: a more severe one has denser hatching and a wider outline."""

from __future__ import annotations

from typing import Any

from crisismap.core.layer.alert import CLEAR, SEVERITY
from crisismap.core.text import symbols
from crisismap.ui.map.map_expressions import chain

_DENSITY = {"Extreme": 220, "Severe": 170, "Moderate": 110, "Minor": 70}  # opacity of the hatching, of 255
_WIDTH = {"Extreme": 4.0, "Severe": 2.5, "Moderate": 1.5, "Minor": 1.0}  # pixels
_PLAIN_DENSITY, _PLAIN_WIDTH = 110, 1.0  # of a hazard that is not a warning


def density() -> str:
    """Return the opacity as a deck.gl expression; 0 for an all-clear."""
    opacities = {severity: str(opacity) for severity, opacity in _DENSITY.items()}
    by_severity = chain("properties.severity", opacities, str(_PLAIN_DENSITY))
    return f"(properties.status == '{CLEAR}' ? 0 : {by_severity})"


def width() -> str:
    """Return the outline's width as a deck.gl expression."""
    return chain("properties.severity", {name: f"{pixels:g}" for name, pixels in _WIDTH.items()}, f"{_PLAIN_WIDTH:g}")


def line(scale: float) -> list[Any]:
    """Return the outline's width, times `scale`, as a MapLibre expression."""
    steps = [part for severity, pixels in _WIDTH.items() for part in (severity, round(pixels * scale, 2))]
    return ["match", ["get", "severity"], *steps, round(_PLAIN_WIDTH * scale, 2)]


def hatching_svg(severity: str, dark: bool) -> str:
    """Return a square hatched as on the map, in a box of 64 units, for the legend."""
    step = list(SEVERITY).index(severity)
    colour, outline = symbols.palette(dark).hazard, 2.5 * _WIDTH[severity]
    lines = "".join(f"M{x} 60L{x + 56} 4" for x in range(-52, 61, (8, 11, 15, 20)[step]))
    return (
        f'<clipPath id="h{step}"><rect x="4" y="4" width="56" height="56"/></clipPath>'
        f'<path d="{lines}" stroke="{colour}" stroke-width="3" clip-path="url(#h{step})"/>'
        f'<rect x="6" y="6" width="52" height="52" fill="none" stroke="{colour}" stroke-width="{outline:g}"/>'
    )
