"""A visitor without JavaScript: reads forms as a browser does, fills them in and sends them."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx

from tests.server import Server


def invite(site: Server, name: str = "Asha", role: str = "agency", org: str = "City Relief") -> str:
    """The secret of a fresh invitation, as the command line gets it."""
    body = {"name": name, "role": role, "org": org}
    answer = httpx.post(f"{site.url}/api/v1/people", json=body, headers=site.auth, trust_env=False)
    return str(answer.json()["invitation"])


class _Forms(HTMLParser):
    """Collects what every form of a page would send, by its action, and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self.said: list[str] = []
        self._form = ""
        self._area = ""
        self._choice = ""
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            # Two forms of one page may have the same address: the one that only asks is known as "get /address".
            asks = told.get("method") != "post" and told["action"] in self.forms
            self._form = f"get {told['action']}" if asks else told["action"]
            self.forms[self._form] = {}
        elif tag == "textarea":
            self._area = told["name"]
            self.forms[self._form][self._area] = ""
        elif tag == "select":
            self._choice = told["name"]
        elif tag == "option" and "selected" in told:
            self.forms[self._form][self._choice] = told["value"]
        elif tag == "input" and self._form:
            if told.get("type") in ("radio", "checkbox") and "checked" not in told:
                return
            self.forms[self._form][told["name"]] = told.get("value", "")
        elif tag in ("script", "style"):
            self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""
        elif tag == "textarea":
            # A browser drops the line break that follows the tag.
            form = self.forms[self._form]
            form[self._area] = form[self._area].removeprefix("\n")
            self._area = ""
        elif tag in ("script", "style"):
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[self._form][self._area] += data
        elif not self._hidden:
            self.said.append(data)


class Visitor:
    """One browser; `page` is what it shows now."""

    def __init__(self, url: str, **headers: str) -> None:
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=30, headers=headers)
        self.page = httpx.Response(204)

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def open(self, address: str) -> Visitor:
        """Go there, and on wherever it leads."""
        self.page = self.http.get(address, follow_redirects=True)
        return self

    def form(self, action: str) -> dict[str, str]:
        """What a form would send as it stands."""
        return _read(self.page.text).forms[action]

    def form_token(self) -> dict[str, str]:
        """The token that a form of the account's page carries."""
        return {"csrf_token": self.open("/login/account").form("/login/account")["csrf_token"]}

    def send(self, action: str, follow: bool = True, **values: str) -> Visitor:
        """Fill in a form of the page and send it."""
        self.page = self.http.post(action, data=self.form(action) | values, follow_redirects=follow)
        return self

    def report(self, **values: str) -> Visitor:
        """Open the report page, fill it in and send it."""
        return self.open("/report").send("/report", **values)

    @property
    def text(self) -> str:
        """What the page says."""
        return " ".join("".join(_read(self.page.text).said).split())

    @property
    def code(self) -> str:
        """The tracking code of the page after sending."""
        return str(self.page.url.path).rpartition("/")[2]


def _read(html: str) -> _Forms:
    reader = _Forms()
    reader.feed(html)
    return reader
