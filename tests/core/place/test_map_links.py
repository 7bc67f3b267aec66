"""Links of map services and messengers: the pin, not the middle of the map, and nothing from other links."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.place.map_links import find_links

PINS = [
    "https://www.google.com/maps/place/X/@13.0400,80.2300,15z/data=!3m1!4b1!4m5!3m4!1s0x0:0x0!8m2!3d13.0312!4d80.2212",
    "https://www.google.com/maps/place/School+No.+4/@13.04,80.23,17z/data=!3m2!4m6!3d13.0312!4d80.2212!16s%2Fg%2F11?entry=ttu",
    "https://maps.google.com/maps?q=13.0312%2C80.2212&z=17&hl=en",
    "https://maps.google.com/?q=13.0312,80.2212",
    "https://maps.google.com/?q=loc:13.0312,80.2212&ll=13.04,80.23",
    "https://www.google.com/maps/search/?api=1&query=13.0312%2C80.2212",
    "https://www.google.com/maps/dir/?api=1&destination=13.0312,80.2212",
    "https://www.google.com/maps/search/13.0312,+80.2212?entry=tts",
    "https://www.google.co.in/maps/place/13.0312,80.2212/@13.04,80.23,15z",
    "https://www.google.com/maps/dir//13.0312,80.2212/@13.04,80.23,15z",
    "https://maps.apple.com/?ll=13.0312,80.2212&q=Dropped%20Pin&t=m",
    "https://maps.apple.com/?q=13.0312,80.2212&sll=13.04,80.23",
    "https://maps.apple.com/place?coordinate=13.0312,80.2212&name=Marked%20Location",
    "https://www.openstreetmap.org/?mlat=13.0312&mlon=80.2212",
    "https://www.openstreetmap.org/?mlon=80.2212&mlat=13.0312#map=17/13.0400/80.2300",
    "https://osmand.net/map?pin=13.0312,80.2212#15/13.04/80.23",
    "https://osmand.net/go?lat=13.0312&lon=80.2212&z=15",
    "https://waze.com/ul?ll=13.0312%2C80.2212&navigate=yes",
    "https://www.waze.com/live-map/directions?to=ll.13.0312%2C80.2212",
    "waze://?ll=13.0312,80.2212",
    "https://bing.com/maps?cp=13.0312~80.2212&lvl=16",
    "https://yandex.com/maps/?ll=80.23%2C13.04&pt=80.2212,13.0312&z=17",
    "https://share.here.com/l/13.0312,80.2212,School?z=16",
    "comgooglemaps://?q=13.0312,80.2212",
]


@pytest.mark.parametrize("link", PINS)
@pytest.mark.parametrize("text", ["{}", "we are here: {}. come", "location: {} (file attached)\nnext", "<{}>"])
def test_finds_the_pin_of_a_link(link: str, text: str) -> None:
    [place] = find_links(text.format(link))
    assert (float(place.lat), float(place.lon), place.is_pin) == (13.0312, 80.2212, True)
    assert place.link in link


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/maps/@13.04,80.23,15z",
        "https://www.google.com/maps/place/School/@13.04,80.23,15z",
        "https://www.openstreetmap.org/#map=17/13.04/80.23",
        "https://www.openstreetmap.org/way/1234#map=17/13.04/80.23&layers=N",
    ],
)
def test_takes_the_middle_of_the_map_only_where_there_is_no_pin(link: str) -> None:
    [place] = find_links(link)
    assert (float(place.lat), float(place.lon), place.is_pin) == (13.04, 80.23, False)


@pytest.mark.parametrize(
    "link",
    [
        "https://maps.app.goo.gl/AbC123",
        "https://example.org/news?id=13",
        "https://example.org/a/2026/11",
        "https://example.org/?q=school",
        "https://[::1",
        "13.0312,80.2212",
        "",
    ],
)
def test_finds_nothing_in_other_links(link: str) -> None:
    assert list(find_links(link)) == []


@given(text=st.text(max_size=80), name=st.sampled_from(["q", "ll", "mlat", "lat", "lon", "query"]))
def test_never_fails(text: str, name: str) -> None:
    for place in find_links(f"https://maps.example.org/?{name}={text} {text} https://{text}"):
        float(place.lat), float(place.lon)
