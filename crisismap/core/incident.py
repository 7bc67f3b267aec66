"""The incident of a deployment: its name, its place, its emergency number and its time zone."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from crisismap.core.errors import Invalid
from crisismap.core.place.place import Extent, read_bbox
from crisismap.core.text.local_time import zone_of

MAX_NAME = 120  # characters
UNNAMED = "Unnamed incident"
_NUMBER = re.compile(r"[+*#]?\d[\d ()/*#-]{0,28}")


class Incident(msgspec.Struct, frozen=True):
    """An incident; unknown members are empty. `place` is the initial map box: west, south, east, north in degrees.

    `time_zone` is a name of the IANA database, in which everybody reads times.
    """

    name: str = ""
    emergency_number: str = ""
    place: Extent | None = None
    time_zone: str = ""


def incident_from(name: str, emergency_number: str, place: str, time_zone: str = "") -> Incident:
    """Return the incident of four texts. Raises Invalid naming the one that is not accepted."""
    name, number, place = " ".join(name.split()), emergency_number.strip(), place.strip()
    if len(name) > MAX_NAME or any(unicodedata.category(c) == "Cc" for c in name):
        raise Invalid("name", name, "incident_name_wrong", most=MAX_NAME)
    if number and not _NUMBER.fullmatch(number):
        raise Invalid("emergency_number", number, "not_a_phone_number")
    return Incident(name, number, read_place(place), read_time_zone(time_zone.strip()))


def read_time_zone(text: str) -> str:
    """Return the name of a time zone, or an empty text. Raises Invalid."""
    try:
        if text:
            zone_of(text)
    except Invalid as problem:
        raise Invalid("time_zone", text, problem.code) from None
    return text


def read_place(text: str) -> Extent | None:
    """Return the box of `west,south,east,north`; None for an empty text. Raises Invalid."""
    try:
        box = read_bbox(text) if text else None
    except Invalid as problem:
        raise Invalid("place", text, problem.code) from None
    if box is not None and (box[0] == box[2] or box[1] == box[3]):
        raise Invalid("place", text, "bbox_without_size")
    return box


def place_text(place: Extent | None) -> str:
    """Return a box in the form that `read_place` reads."""
    return ",".join(f"{value:g}" for value in place) if place is not None else ""
