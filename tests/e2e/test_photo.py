"""A photo's way in a real browser: from a phone without JavaScript to the page of the code and to the desk."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import PageFactory, screenshot
from tests.e2e.desk import PATIENCE_MS, sign_in
from tests.e2e.test_plain_tasks import signed_in
from tests.photos import drawing, found, jpeg
from tests.processes import free_port
from tests.server import Server, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
WIDTH = "(picture) => picture.complete && picture.naturalWidth"


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("photo")) as started:
        yield started


def sent(page: Page, one: Server, photo: Path, words: str) -> str:
    """Report with a photo; the code."""
    page.goto(f"{one.url}/report")
    page.locator("label[for=category-rescue]").click()
    page.locator("#text").fill(words)
    page.locator("#photo").set_input_files(photo)
    screenshot(page, "plain-report-photo-390")
    page.locator("#send").click()
    return page.locator("#code").inner_text()


@pytest.mark.parametrize("javascript", [False, True], ids=["plain", "with javascript"])
def test_goes_from_a_phone_to_the_requester_and_to_the_desk(
    one: Server, page_factory: PageFactory, tmp_path: Path, javascript: bool
) -> None:
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(jpeg(drawing(1200, 900), orientation=6))
    words = f"see the photo {javascript}"
    phone = page_factory(width=390, height=844, javascript=javascript)
    code = sent(phone, one, photo, words)
    phone.goto(f"{one.url}/t/{code}")
    picture = phone.locator(".photos img")
    expect(picture).to_have_count(1)
    picture.scroll_into_view_if_needed()
    phone.wait_for_function(f"() => ({WIDTH})(document.querySelector('.photos img')) === 240")
    screenshot(phone, "plain-track-photo-390")
    page = page_factory()
    sign_in(one, page, name=f"Ravi {javascript}")
    page.locator(".row", has_text=words).locator(".open").first.click(timeout=PATIENCE_MS)
    thumb = page.locator(".cm-photos img")
    thumb.wait_for(timeout=PATIENCE_MS)
    page.wait_for_function(f"() => ({WIDTH})(document.querySelector('.cm-photos img')) === 240")
    screenshot(page, "desk-photo-1280")
    with page.context.expect_page() as opened:
        thumb.click()
    large = opened.value
    large.wait_for_load_state()
    assert large.evaluate(f"() => ({WIDTH})(document.querySelector('img'))") == 900


def test_says_that_a_photo_could_not_be_read(one: Server, page_factory: PageFactory, tmp_path: Path) -> None:
    photo = tmp_path / "IMG_0002.jpg"
    photo.write_bytes(b"no photo at all")
    page = page_factory(width=390, height=844)
    code = sent(page, one, photo, "with a broken photo")
    assert code
    expect(page.locator("main")).to_contain_text("we could not read the photo")
    screenshot(page, "plain-thanks-photo-unread-390")


class Wire:
    """What arrives at the server: a relay in front of it that keeps every form."""

    def __init__(self, url: str, port: int, forms: list[bytes]) -> None:
        self.url, self.port, self._forms = url, port, forms

    @property
    def photo(self) -> tuple[str, bytes]:
        """Name and bytes of the photo of the only form with one."""
        [form] = [form for form in self._forms if b'name="photo"' in form]
        boundary = form.partition(b"\r\n")[0]
        [part] = [part for part in form.split(boundary) if b'name="photo"' in part]
        head, _, body = part.partition(b"\r\n\r\n")
        return head.decode().partition('filename="')[2].partition('"')[0], body[:-2]


@contextmanager
def relay(server: Server) -> Iterator[Wire]:
    forms: list[bytes] = []

    class Relay(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.command == "POST":
                forms.append(body)
            behind = HTTPConnection("127.0.0.1", server.port, timeout=60)
            behind.request(self.command, self.path, body, {**dict(self.headers), "Connection": "close"})
            answer = behind.getresponse()
            content = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    port = free_port()
    with ThreadingHTTPServer(("127.0.0.1", port), Relay) as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        yield Wire(f"http://127.0.0.1:{port}", port, forms)
        listening.shutdown()


@pytest.fixture
def wire(one: Server) -> Iterator[Wire]:
    with relay(one) as made:
        yield made


def scene(width: int = 5712, height: int = 4284) -> Image.Image:
    """A picture with as much detail as a photo; the left half is red."""
    fine = Image.effect_noise((width // 2, height // 2), 60).resize((width, height))
    return Image.blend(drawing(width, height), Image.merge("RGB", [fine] * 3), 0.3)


@pytest.fixture(scope="module")
def phone_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 million pixels, taken upright: the sensor lay on its side. With all that a phone writes into it."""
    path = tmp_path_factory.mktemp("phone") / "IMG_0024.JPG"
    path.write_bytes(jpeg(scene(), orientation=6))
    assert path.stat().st_size > 4_000_000
    return path


def send(page: Page, wire: Wire, photo: Path) -> None:
    page.goto(f"{wire.url}/report")
    page.locator("label[for=category-rescue]").click()
    page.locator("#text").fill("on the roof")
    page.locator("#photo").set_input_files(photo)
    page.locator("#send").click()
    page.locator("#code").wait_for(timeout=60_000)


def test_a_photo_of_24_megapixels_arrives_small_and_upright(
    wire: Wire, page_factory: PageFactory, phone_photo: Path
) -> None:
    page = page_factory(width=390, height=844)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    send(page, wire, phone_photo)
    name, body = wire.photo
    assert name == "IMG_0024.jpg"
    assert len(body) < phone_photo.stat().st_size / 4
    assert set(found(body)) <= {b"ICC_PROFILE"}, "where, when and with which phone it was taken stays on the phone"
    with Image.open(io.BytesIO(body)) as arrived:
        assert (arrived.format, arrived.size) == ("JPEG", (1920, 2560))
        top, bottom = arrived.getpixel((960, 300)), arrived.getpixel((960, 2260))
    assert top[0] > top[2] + 60 and bottom[2] > bottom[0] + 60  # type: ignore[index]
    assert "could not read the photo" not in page.locator("main").inner_text()
    assert refused == [], "the policy of the plain pages holds"


def test_a_photo_arrives_whole_without_javascript(wire: Wire, page_factory: PageFactory, phone_photo: Path) -> None:
    send(page_factory(width=390, height=844, javascript=False), wire, phone_photo)
    assert wire.photo == (phone_photo.name, phone_photo.read_bytes())


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(scene(2400, 1800)).save(out, quality=90)
    return out.getvalue()


def tight() -> bytes:
    """A JPEG of few pixels in so poor a quality that encoding it again makes it larger."""
    out = io.BytesIO()
    scene(2560, 1920).save(out, "JPEG", quality=35)
    return out.getvalue()


AS_IT_IS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "HEIC, which Chromium cannot decode": ("IMG_1.HEIC", heic),
    "no picture": ("IMG_2.jpg", lambda: b"no photo at all " * 40_000),
    "cut off in its head": ("IMG_3.jpg", lambda: b"\xff\xd8\xff\xe0" + bytes(500_000)),
    "small already": ("IMG_4.jpg", lambda: jpeg(drawing(1600, 1200))),
    "not smaller when shrunk": ("IMG_5.jpg", tight),
}


@pytest.mark.parametrize("case", AS_IT_IS)
def test_a_photo_that_cannot_be_shrunk_arrives_as_it_is(
    wire: Wire, page_factory: PageFactory, tmp_path: Path, case: str
) -> None:
    name, make = AS_IT_IS[case]
    (tmp_path / name).write_bytes(make())
    send(page_factory(width=390, height=844), wire, tmp_path / name)
    assert wire.photo == (name, (tmp_path / name).read_bytes())


@pytest.mark.parametrize(
    "phone",
    ["createImageBitmap = () => new Promise(() => {})", "delete globalThis.createImageBitmap", "DataTransfer = null"],
    ids=["never done", "old", "old too"],
)
def test_a_report_never_waits_long_for_its_photo(
    wire: Wire, page_factory: PageFactory, tmp_path: Path, phone: str
) -> None:
    photo = tmp_path / "IMG_1.jpg"
    photo.write_bytes(jpeg(scene(2600, 1950)))
    page = page_factory(width=390, height=844)
    page.add_init_script(phone)
    begun = time.monotonic()
    send(page, wire, photo)
    assert time.monotonic() - begun < 20
    assert wire.photo == (photo.name, photo.read_bytes())


def test_a_photo_chosen_in_place_of_another_is_the_one_that_arrives(
    wire: Wire, page_factory: PageFactory, tmp_path: Path, phone_photo: Path
) -> None:
    second = tmp_path / "second.png"
    scene(1400, 900).save(second)
    page = page_factory(width=390, height=844)
    page.goto(f"{wire.url}/report")
    page.locator("label[for=category-rescue]").click()
    page.locator("#text").fill("on the roof")
    page.locator("#photo").set_input_files(phone_photo)
    page.locator("#photo").set_input_files(second)
    page.wait_for_function("() => document.getElementById('photo').files[0].name === 'second.jpg'")
    page.locator("#send").dblclick()
    page.locator("#code").wait_for()
    with Image.open(io.BytesIO(wire.photo[1])) as arrived:
        assert arrived.size == (1400, 900)


def test_the_photo_of_an_answer_arrives_small_with_the_button_that_was_pressed(
    one: Server, wire: Wire, page_factory: PageFactory, phone_photo: Path
) -> None:
    report = {"category": "rescue", "text": "six people on the mill", "lon": 80.25, "lat": 13.06}
    assert httpx.post(f"{one.url}/api/v1/reports", json=report, trust_env=False).status_code == 201
    page = signed_in(one, page_factory, javascript=True)
    page.goto(f"{wire.url}/tasks")  # cookies know no ports
    page.get_by_text("six people on the mill").click()
    page.get_by_role("button", name="Claim request").click()
    page.locator("#note").fill("all six brought to the school")
    page.locator("#photo").set_input_files(phone_photo)
    page.get_by_role("button", name="Mark as answered").click()
    expect(page.locator(".big-word")).to_have_text("A team says it is done", timeout=60_000)
    expect(page.locator(".photos img")).to_have_count(1)
    with Image.open(io.BytesIO(wire.photo[1])) as arrived:
        assert arrived.size == (1920, 2560)
