"""Plain pages carry the incident's name, as text, once there is one."""

from __future__ import annotations

import httpx

from tests.server import Server, StartServer

NAME = "Flood <b>of</b> December"


def test_shows_the_name_in_the_title_and_above_the_page(server: StartServer) -> None:
    one = server(env={"CRISISMAP_INCIDENT_NAME": NAME, "CRISISMAP_DEFAULT_PLACE": "80.1,12.9,80.4,13.2"})
    shown = "Flood &lt;b&gt;of&lt;/b&gt; December"
    with httpx.Client(base_url=one.url, trust_env=False, timeout=30) as client:
        for path in ("/report", "/t", "/shelters", "/login", "/nowhere"):
            text = client.get(path).text
            assert f"· {shown}</title>" in text, path
            assert f"<bdi>{shown}</bdi>" in text, path
            assert "<b>of</b>" not in text, path


def test_shows_the_programs_own_name_before_there_is_one(site: Server) -> None:
    text = httpx.get(f"{site.url}/report", trust_env=False).text
    assert 'class="incident"' not in text
    assert "Unnamed" not in text
