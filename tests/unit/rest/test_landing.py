import json
from html.parser import HTMLParser

import pytest

from fhir_server.rest.landing import landing

LINKS = {"CapabilityStatement": "http://localhost/fhir/metadata", 'A <b> & "c"': "http://localhost/?a=1&b=2"}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Page(HTMLParser):
    """Gathers the links of a page with their words, and the tags that are open at its end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: dict[str, str] = {}
        self.language: str | None = None
        self._open: list[str] = []
        self._href: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html":
            self.language = dict(attrs)["lang"]
        if tag != "meta":
            self._open.append(tag)
        if tag == "a":
            self._href = dict(attrs)["href"]

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["a"]:
            self.links[data] = self._href or ""

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


def test_a_browser_gets_a_page_of_links() -> None:
    answer = landing(BROWSER, name="N & S", version="1.0", links=LINKS)
    headers = dict(answer.headers)
    assert headers["Content-Type"] == "text/html;charset=utf-8"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    page = Page(answer.body.decode())
    assert page.links == LINKS
    assert page.language == "en"
    assert b"N &amp; S" in answer.body


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "image/png", "text/html;q=0.1, */*"])
def test_everyone_else_gets_json(accept: str | None) -> None:
    answer = landing(accept, name="N", version="1.0", links=LINKS)
    assert dict(answer.headers) == {"Content-Type": "application/json;charset=utf-8", "Vary": "Accept"}
    assert json.loads(answer.body) == {
        "name": "N",
        "version": "1.0",
        "fhirVersion": "4.0.1",
        "links": LINKS,
    }
