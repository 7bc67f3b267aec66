"""The photo of the plain form: kept when it can be read, and never in the way of the report."""

from __future__ import annotations

import io
import re
import uuid

import httpx
import pytest
from PIL import Image

from crisismap.core.report.photo import MAX_BYTES
from tests.photos import bomb, drawing, found, jpeg
from tests.server import Server
from tests.web.pages.test_report_page import stored
from tests.web.visitor import Visitor

SMALL = jpeg(drawing(64, 48))
UNREAD = "we could not read the photo"


def send(visitor: Visitor, photo: bytes, name: str = "IMG_0001.JPG", **values: str) -> Visitor:
    """Fill in the form, choose a file and send it, as a browser without JavaScript does."""
    visitor.open("/report")
    assert 'enctype="multipart/form-data"' in visitor.page.text
    form = visitor.form("/report") | {"category": "rescue"} | values
    form.pop("photo")
    files = {"photo": (name, photo, "application/octet-stream")}
    visitor.page = visitor.http.post("/report", data=form, files=files, follow_redirects=True)
    return visitor


def shown(visitor: Visitor) -> list[str]:
    """Addresses of the pictures on the page of the code."""
    visitor.open(f"/t/{visitor.code}")
    return re.findall(r'<img src="([^"]+)"', visitor.page.text)


def test_keeps_the_photo_and_shows_it_to_the_requester(visitor: Visitor, site: Server):
    words = f"line one\nline two {uuid.uuid4()} நீர் \U0001f6f6"
    send(visitor, SMALL, text=words, lat="13.06", lon="80.25")
    assert visitor.page.status_code == 200
    assert UNREAD not in visitor.text
    stored(site, words)
    [small] = shown(visitor)
    for address in (small, small.replace("-small", "")):
        answer = visitor.http.get(address)
        assert answer.headers["content-type"] == "image/jpeg"
        assert "no-store" in answer.headers["cache-control"]
        assert Image.open(io.BytesIO(answer.content)).size == (64, 48)
        assert found(answer.content) == []
    with Visitor(site.url) as other, httpx.Client(base_url=site.url, trust_env=False) as stranger:
        other.report(category="rescue", text="another one")
        assert stranger.get(re.sub("/t/[^/]+/", "/t/AAAA-BBBB-CCCC/", small)).status_code == 404
        assert stranger.get(re.sub("/t/[^/]+/", f"/t/{other.code}/", small)).status_code == 404


NO_PHOTOS = {
    "words": b"this is no photo",
    "cut off": SMALL[:600],
    "bomb": bomb(),
    "too large": jpeg(planted=False) + bytes(MAX_BYTES),
    "much too large": jpeg(planted=False) + bytes(30 << 20),
}


@pytest.mark.parametrize("photo", NO_PHOTOS.values(), ids=NO_PHOTOS)
def test_never_loses_a_report_for_a_bad_photo(visitor: Visitor, site: Server, photo: bytes):
    words = f"help {uuid.uuid4()}"
    send(visitor, photo, text=words)
    assert visitor.page.status_code == 200
    assert UNREAD in visitor.text
    assert visitor.code in visitor.text
    stored(site, words)
    assert shown(visitor) == []


def test_takes_a_report_without_a_photo(visitor: Visitor, site: Server):
    words = f"no photo {uuid.uuid4()}"
    send(visitor, b"", name="", text=words)
    assert visitor.page.status_code == 200
    assert UNREAD not in visitor.text
    stored(site, words)


def test_keeps_one_photo_however_often_it_is_sent(visitor: Visitor):
    visitor.open("/report")
    form = visitor.form("/report") | {"category": "rescue", "text": f"twice {uuid.uuid4()}"}
    form.pop("photo")
    for _ in range(2):
        visitor.page = visitor.http.post("/report", data=form, files={"photo": ("a.jpg", SMALL)}, follow_redirects=True)
    assert len(shown(visitor)) == 1


def test_asks_for_the_photo_again_when_something_else_was_wrong(visitor: Visitor):
    send(visitor, SMALL, category="", text="which category")
    assert visitor.page.status_code == 422
    assert "Please choose the photo again" in visitor.text
    assert visitor.form("/report")["text"] == "which category"


@pytest.mark.parametrize(
    "body", [b"", b"no form", b"--x\r\n", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb']
)
def test_answers_a_broken_form_with_a_page(visitor: Visitor, body: bytes):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = visitor.http.post("/report", content=body, headers=headers)
    assert answer.status_code == 400
    assert "<h1>" in answer.text
    assert (
        visitor.http.post("/report", content=body, headers={"Content-Type": "multipart/form-data"}).status_code == 400
    )


def test_takes_no_form_of_endless_words_or_values(visitor: Visitor):
    many = {f"f{number}": "x" for number in range(400)}
    assert visitor.http.post("/report", data=many, files={"photo": ("a.jpg", SMALL)}).status_code == 413
    long = {"text": "x" * 600_000}
    assert visitor.http.post("/report", data=long, files={"photo": ("a.jpg", SMALL)}).status_code == 413


ADVICE = {
    "words": (b"this is no photo", "This is not a photo that we can read"),
    "video": (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  " + bytes(100), "This is not a photo that we can read"),
    "too many pixels": (bomb(), "more than 25 MB or 65 million pixels"),
    "too many bytes": (jpeg(planted=False) + bytes(26 << 20), "more than 25 MB or 65 million pixels"),
    "cut off": (jpeg()[:1000], "damaged or incomplete"),
}


@pytest.mark.parametrize("case", ADVICE)
def test_says_why_the_photo_was_not_kept_and_what_to_do(visitor: Visitor, case: str):
    photo, advice = ADVICE[case]
    send(visitor, photo, text=f"roof {uuid.uuid4()}")
    assert UNREAD in visitor.text
    assert advice in visitor.text
    assert "go back and send the form again" in visitor.text
    assert visitor.http.get(str(visitor.page.url).replace("photo=", "photo=<b>x")).text.count(UNREAD) == 0


def test_the_form_can_be_sent_again_with_another_photo(visitor: Visitor):
    """As the page advises: the report is counted once and has the photo."""
    visitor.open("/report")
    form = visitor.form("/report") | {"category": "rescue", "text": f"roof {uuid.uuid4()}"}
    form.pop("photo")
    codes = set()
    for photo in (b"this is no photo", SMALL):
        files = {"photo": ("a.jpg", photo)}
        visitor.page = visitor.http.post("/report", data=form, files=files, follow_redirects=True)
        codes.add(visitor.code)
    assert len(codes) == 1
    assert UNREAD not in visitor.text
    assert "-small.jpg" in visitor.open(f"/t/{visitor.code}").page.text


def test_keeps_a_photo_of_24_million_pixels(visitor: Visitor):
    send(visitor, jpeg(drawing(5712, 4284), planted=False), text=f"roof {uuid.uuid4()}")
    assert UNREAD not in visitor.text
