import httpx
import pytest
from starlette.responses import PlainTextResponse

from fhir_server.rest.cors import with_cors

ORIGIN = "https://app.example.org"
ANSWER = PlainTextResponse("ok", headers={"ETag": 'W/"1"'})


def client(origins: list[str]) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(with_cors(ANSWER, origins))
    return httpx.AsyncClient(transport=transport, base_url="http://server")


def test_without_origins_the_application_is_left_alone() -> None:
    assert with_cors(ANSWER, []) is ANSWER


async def test_an_allowed_origin_may_send_the_headers_of_fhir() -> None:
    async with client([ORIGIN]) as http:
        answer = await http.options(
            "/fhir/Patient/1",
            headers={
                "Origin": ORIGIN,
                "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "if-match,prefer,content-type",
            },
        )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers


async def test_an_allowed_origin_may_read_the_headers_of_fhir() -> None:
    async with client([ORIGIN]) as http:
        answer = await http.get("/fhir/Patient/1", headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert {"ETag", "Location", "X-Request-Id"} <= set(answer.headers["access-control-expose-headers"].split(", "))


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
async def test_another_origin_is_told_nothing(method: str) -> None:
    async with client([ORIGIN]) as http:
        answer = await http.request(
            method,
            "/fhir/Patient/1",
            headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"},
        )
    assert "access-control-allow-origin" not in answer.headers
