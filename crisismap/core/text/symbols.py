"""Colours and shapes of map symbols, for the map, the lists, the legend, the printed sheets and the exports.

A symbol is a shape, a colour and at most one badge, so that it can be read at 40 pixels: category is the shape,
priority the colour, state the fill; the badge is a clock for overdue, else a hand for claimed, else the priority's
digit. What else is known stands in the lists. All values are text and numbers; `svg`
draws one symbol in a 64 by 64 box, and the map's icon atlas consists of the same drawings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, as `#RRGGBB`. `priority[0]` is for reports that are information only."""

    priority: tuple[str, str, str, str, str]
    surface: str  # fill of a ring, and the halo between a symbol and the map
    ink: str  # drawn on a priority colour
    closed: str  # withdrawn, joined, unable to help
    water: str  # background of the map
    land: str
    border: str
    area: str  # official layers, muted, below the reports
    hazard: str
    shelter: str
    road: str
    road_closed: str
    context: str
    choice: str  # ring around the selection
    label: str  # names on the map


# Contrast 4.5:1 or better against the theme's surface; a test checks that and the three kinds of colour blindness.
LIGHT = Palette(
    priority=("#4B5E68", "#B3261E", "#B85400", "#0B5FA5", "#5F6B7A"),
    surface="#FFFFFF",
    ink="#FFFFFF",
    closed="#6F7880",
    water="#D3E0E8",
    land="#F6F4EF",
    border="#B9B4A8",
    area="#6E7780",
    hazard="#2F7FC1",
    shelter="#1E6B43",
    road="#8A8478",
    road_closed="#B3261E",
    context="#8C8676",
    choice="#111418",
    label="#39444D",
)
DARK = Palette(
    priority=("#A9BAC4", "#FF8A80", "#FFC266", "#7CC0FF", "#AEB8C4"),
    surface="#10151A",
    ink="#10151A",
    closed="#8A949C",
    water="#0E1A24",
    land="#1D242B",
    border="#46525C",
    area="#8B96A0",
    hazard="#4A93CF",
    shelter="#6FCF9B",
    road="#7C8288",
    road_closed="#FF8A80",
    context="#77808A",
    choice="#FFFFFF",
    label="#D3DAE0",
)


@dataclass(frozen=True, slots=True)
class SymbolShape:
    """One category's outline and its glyph; `word` names the outline in a legend and for a screen reader."""

    word: str
    plate: str  # SVG path in the 64 box
    glyph: str  # SVG path in its own box
    box: int  # size of the glyph's box, 15 for the paths of npm @mapbox/maki (CC0)
    size: float  # drawn width of the glyph in the 64 box
    line: float = 0.0  # stroke width in the glyph's box; 0 fills it
    dash: str = ""


_BED = (
    "M0.5,2.5C0.2,2.5,0,2.7,0,3v7.5v2C0,12.8,0.2,13,0.5,13S1,12.8,1,12.5V11h13v1.5c0,0.3,0.2,0.5,0.5,0.5"
    "s0.5-0.2,0.5-0.5v-2c0-0.3-0.2-0.5-0.5-0.5H1V3C1,2.7,0.8,2.5,0.5,2.5z M3.5,3C2.7,3,2,3.7,2,4.5l0,0"
    "C2,5.3,2.7,6,3.5,6l0,0C4.3,6,5,5.3,5,4.5l0,0C5,3.7,4.3,3,3.5,3L3.5,3z M7,4C5.5,4,5.5,5.5,5.5,5.5V7h-3"
    "C2.2,7,2,7.2,2,7.5v1C2,8.8,2.2,9,2.5,9H6h9V6.5C15,4,12.5,4,12.5,4H7z"
)
_CROSS = (
    "M7,1C6.4,1,6,1.4,6,2v4H2C1.4,6,1,6.4,1,7v1c0,0.6,0.4,1,1,1h4v4c0,0.6,0.4,1,1,1h1c0.6,0,1-0.4,1-1V9h4"
    "c0.6,0,1-0.4,1-1V7c0-0.6-0.4-1-1-1H9V2c0-0.6-0.4-1-1-1H7z"
)
_TAP = (
    "M6,1A2,2,0,0,0,4,3V6.5a.5.5,0,0,0,.5.5h2A.5.5,0,0,0,7,6.5v-2A.5.5,0,0,1,7.5,4H14V1ZM7,15H4"
    "a.5.5,0,0,1-.48-.38L2,8.62a.5.5,0,0,1,.365-.606A.558.558,0,0,1,2.5,8h6a.5.5,0,0,1,.514.485"
    "A.47.47,0,0,1,9,8.62l-1.5,6A.5.5,0,0,1,7,15ZM3.65,11H7.36l.5-2H3.14Z"
)

SHAPES: Mapping[str, SymbolShape] = MappingProxyType(
    {
        "drop": SymbolShape(
            "drop",
            "M32 10C38 18 48 27 48 36A16 14.5 0 0 1 16 36C16 27 26 18 32 10Z",
            "M1 5q2.2-2.6 4.3 0t4.3 0 4.3 0M1 10.5q2.2-2.6 4.3 0t4.3 0 4.3 0",
            15,
            21,
            line=2,
        ),
        "shelter": SymbolShape("house", "M32 12L50 27V49H14V27Z", _BED, 15, 22),
        "road": SymbolShape(
            "square",
            "M18 15H46a3 3 0 0 1 3 3V46a3 3 0 0 1-3 3H18a3 3 0 0 1-3-3V18a3 3 0 0 1 3-3Z",
            "M5 1H10L13.5 14H1.5ZM7 2.5V5H8V2.5ZM6.9 6.5V9H8.1V6.5ZM6.7 10.5V13H8.3V10.5Z",
            15,
            24,
        ),
        "lifebuoy": SymbolShape(
            "circle",
            "M32 14.5a17.5 17.5 0 1 1 0 35a17.5 17.5 0 1 1 0-35Z",
            "M7.5 2.5a5 5 0 1 1 0 10a5 5 0 1 1 0-10Z",
            15,
            25,
            line=3.6,
            dash="5.6 2.254",
        ),
        "cross": SymbolShape("cross", "M22.5 14H41.5V22.5H50V41.5H41.5V50H22.5V41.5H14V22.5H22.5Z", _CROSS, 15, 22),
        "tap": SymbolShape("hexagon", "M22.5 15.5H41.5L51 32 41.5 48.5H22.5L13 32Z", _TAP, 15, 21),
        "dot": SymbolShape(
            "diamond",
            "M32 12.5L51.5 32 32 51.5 12.5 32Z",
            "M7.5 4a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7Z",
            15,
            20,
        ),
    }
)
CATEGORY_SHAPES: Mapping[str, str] = MappingProxyType(
    {
        "flooding": "drop",
        "shelter": "shelter",
        "transport": "road",
        "rescue": "lifebuoy",
        "medical": "cross",
        "water_food": "tap",
        "other": "dot",
    }
)
LOOKS: Mapping[str, str] = MappingProxyType(
    {
        "open": "filled",
        "claimed": "hand",
        "answered": "ring",
        "confirmed": "tick",
        "withdrawn": "closed",
        "joined": "closed",
        "cannot_meet": "closed",
    }
)
OUTLINES: Mapping[str, str] = MappingProxyType({"disputed": "split"})
STALE_OPACITY = 0.5
CELL = 64

SHELTER_STATUSES = ("open", "full", "closed")

_PRIORITIES = (0, 1, 2, 3, 4)
_UNANSWERED = ("filled", "hand")
_DASHES = {"split": "38 12", "solid": ""}
_DIGITS = {
    1: "M-2.4-2.6L.8-5V5",
    2: "M-3-2.4a3.1 3.1 0 1 1 5.3 1.9L-3.1 5H3.4",
    3: "M-3.2-5H2.8L-.4-1a3.1 3.1 0 1 1-3 4.4",
    4: "M1.8 5V-5L-3.8 2.2H4",
}


@dataclass(frozen=True, slots=True)
class Symbol:
    """What one symbol shows. `look`: one of LOOKS or `none` (information only); `outline`: solid or split."""

    shape: str = "dot"
    priority: int = 0
    look: str = "none"
    overdue: bool = False
    outline: str = "solid"

    @property
    def key(self) -> str:
        """Return the name in the icon atlas: letters, digits and dashes, valid in a URL and an expression."""
        return f"{self.shape}-P{self.priority}-{self.look}-{'late' if self.overdue else 'due'}-{self.outline}"


def of_report(
    category: str,
    *,
    priority: int = 0,
    state: str = "",
    overdue: bool = False,
    verification: str = "",
    shapes: Mapping[str, str] = CATEGORY_SHAPES,
) -> Symbol:
    """Return the symbol of a report or request, from its own values; unknown values get the plainest symbol.

    `shapes` is category to shape: the `icon` of its file, for categories that were added.
    """
    look = LOOKS.get(state, "none")
    known = priority if priority in _PRIORITIES else 0
    return Symbol(
        shape=shape_of(category, shapes),
        priority=0 if look == "none" else known,
        look=look,
        overdue=overdue and look in _UNANSWERED,
        outline=OUTLINES.get(verification, "solid"),
    )


def shape_of(category: str, shapes: Mapping[str, str] = CATEGORY_SHAPES) -> str:
    """Return the shape of a category; the dot for an unknown name."""
    shape = shapes.get(category, "dot")
    return shape if shape in SHAPES else "dot"


def all_symbols() -> Iterator[Symbol]:
    """Yield every symbol, in a fixed order: the content of the icon atlas."""
    for shape in SHAPES:
        for outline in _DASHES:
            yield Symbol(shape, 0, "none", False, outline)
            for priority in _PRIORITIES:
                for look in dict.fromkeys(LOOKS.values()):
                    yield Symbol(shape, priority, look, False, outline)
                    if look in _UNANSWERED:
                        yield Symbol(shape, priority, look, True, outline)


def official_shelter(status: str, *, dark: bool = False) -> str:
    """Return a shelter on the official map: a square; filled open, half full, struck through closed."""
    colours = palette(dark)
    main, surface = colours.shelter, colours.surface
    square = 'x="18" y="18" width="28" height="28" rx="2"'
    halo = f'<rect x="15" y="15" width="34" height="34" rx="4" fill="{surface}"/>'
    if status == "open":
        house = f'<path d="M32 21L43 30V42H35V35H29V42H21V30Z" fill="{surface}"/>'
        return f'{halo}<rect {square} fill="{main}"/>{house}'
    frame = f'<rect {square} fill="{surface}" stroke="{main}" stroke-width="3"/>'
    if status == "full":
        return f'{halo}{frame}<rect x="18" y="32" width="28" height="14" fill="{main}"/>'
    return f"{halo}{frame}{_stroke('M21 21L43 43M43 21L21 43', main, 3)}"


def palette(dark: bool = False) -> Palette:
    """Return the colours of a theme."""
    return DARK if dark else LIGHT


def rgb(colour: str) -> Rgb:
    """Return `#RRGGBB` as three numbers 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def letter(priority: int) -> str:
    """Return `P1` to `P4`, empty for a report that is information only."""
    return f"P{priority}" if priority in (1, 2, 3, 4) else ""


def drawing(symbol: Symbol, *, dark: bool = False) -> str:
    """Return a symbol as an SVG fragment filling the 64 by 64 box; it never contains text of reports."""
    colours = palette(dark)
    main = colours.closed if symbol.look == "closed" else colours.priority[symbol.priority]
    shape = SHAPES[symbol.shape]
    plate = _plate(shape, main, colours, look=symbol.look, outline=symbol.outline)
    glyph = _glyph(shape, colours.ink if symbol.look in ("filled", "none") else main)
    return plate + glyph + _only_badge(symbol, main, colours)


def _only_badge(symbol: Symbol, main: str, colours: Palette) -> str:
    """Return the most important of what a badge can say; of a request that is over nothing but its confirmation."""
    if symbol.overdue:
        inside = _stroke("M0-4.6V0L3.2 2.4", main, 2.3)
    elif symbol.look == "hand":
        inside = _hand_glyph(main)
    elif symbol.look == "tick":
        inside = _stroke("M-4 .4L-1.2 3.4 4.2-3.2", main, 2.6)
    elif symbol.look not in ("closed", "none") and symbol.priority:
        inside = _stroke(_DIGITS[symbol.priority], main, 2.3)
    else:
        return ""
    return _badge(51, 13, main, colours, inside)


def svg(symbol: Symbol, *, size: int = 32, dark: bool = False, title: str = "") -> str:
    """Return an SVG image of `size` CSS pixels; `title` is escaped, without one it is hidden from screen readers."""
    name = f'role="img" aria-label="{escape(title, quote=True)}"' if title else 'aria-hidden="true"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 64 64" {name}>'
        f"{drawing(symbol, dark=dark)}</svg>"
    )


def _plate(shape: SymbolShape, main: str, colours: Palette, *, look: str, outline: str) -> str:
    surface = f'fill="{colours.surface}" stroke="{colours.surface}"'
    halo = f'<path d="{shape.plate}" {surface} stroke-width="7" stroke-linejoin="round"/>'
    dash = f' pathLength="100" stroke-dasharray="{_DASHES[outline]}"' if _DASHES[outline] else ""
    if look == "hand":  # between the filled one of what nobody has and the ring of what was answered
        tint = f'<path d="{shape.plate}" fill="{main}" fill-opacity="0.3"/>'
        return f'{halo}{tint}<path d="{shape.plate}" fill="none" stroke="{main}" stroke-width="4"{dash}/>'
    if look in ("filled", "none") and dash:
        # The plate is smaller inside a broken outline, so that both stay readable at 24 pixels.
        inner = 'transform="translate(32 32) scale(0.78) translate(-32 -32)"'
        return (
            f'{halo}<path {inner} d="{shape.plate}" fill="{main}"/>'
            f'<path d="{shape.plate}" fill="none" stroke="{main}" stroke-width="3"{dash}/>'
        )
    if look in ("filled", "none"):
        return f'{halo}<path d="{shape.plate}" fill="{main}" stroke="{main}" stroke-width="3" stroke-linejoin="round"/>'
    return f'{halo}<path d="{shape.plate}" fill="none" stroke="{main}" stroke-width="4"{dash}/>'


def _glyph(shape: SymbolShape, ink: str) -> str:
    scale = shape.size / shape.box
    corner = 32 - shape.size / 2
    # The visual centre of a drop and of a house is low.
    low = {"drop": 4.0, "house": 4.5}.get(shape.word, 0.0)
    place = f'transform="translate({corner:g} {corner + low:g}) scale({scale:.4g})"'
    if shape.line:
        dash = f' stroke-dasharray="{shape.dash}"' if shape.dash else ' stroke-linecap="round"'
        return f'<path {place} d="{shape.glyph}" fill="none" stroke="{ink}" stroke-width="{shape.line:g}"{dash}/>'
    return f'<path {place} d="{shape.glyph}" fill="{ink}" fill-rule="evenodd"/>'


def _badge(x: float, y: float, main: str, colours: Palette, inside: str) -> str:
    return (
        f'<g transform="translate({x:g} {y:g})"><circle r="11" fill="{colours.surface}"/>'
        f'<circle r="9.4" fill="{colours.surface}" stroke="{main}" stroke-width="2"/>{inside}</g>'
    )


def _stroke(path: str, colour: str, width: float) -> str:
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _hand_glyph(colour: str) -> str:
    fingers = _stroke("M-3.3.5V-3.6M-1.1.5V-5.4M1.1.5V-5.4M3.3.5V-4", colour, 1.7)
    return f'{fingers}<path d="M-4.1 0H4.1V2a4.1 4 0 0 1-8.2 0L-6-1.4z" fill="{colour}"/>'
