import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.rest.trace_context import RequestIds, request_ids, trace_context

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{PARENT}-01"


def numbered(size: int) -> bytes:
    return bytes(range(1, size + 1))


def test_a_request_in_a_trace_gets_a_span_of_its_own() -> None:
    span = trace_context(GIVEN, "vendor=1", random=numbered)
    assert span.traceparent == f"00-{TRACE}-0102030405060708-01"
    assert (span.parent_id, span.tracestate, span.sampled) == (PARENT, "vendor=1", True)


def test_a_request_without_a_trace_begins_one() -> None:
    span = trace_context(None, "vendor=1", random=numbered)
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-00", span.traceparent)
    assert (span.parent_id, span.tracestate) == (None, None)


@pytest.mark.parametrize(
    "header",
    [
        "",
        GIVEN.upper(),
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"{GIVEN}-more",
        f"{GIVEN}0",
        f"00-{TRACE}-{PARENT}",
        f" {GIVEN}",
    ],
)
def test_an_unreadable_traceparent_begins_a_new_trace(header: str) -> None:
    span = trace_context(header, "vendor=1")
    assert span.parent_id is None
    assert span.tracestate is None
    assert span.trace_id != TRACE


@pytest.mark.parametrize("header", [f"01-{TRACE}-{PARENT}-01", f"cc-{TRACE}-{PARENT}-09-what-comes-later"])
def test_a_later_version_is_read_as_far_as_it_is_known(header: str) -> None:
    span = trace_context(header, random=numbered)
    assert span.traceparent == f"00-{TRACE}-0102030405060708-01"


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("a=1", True),
        ("a=1, tenant@vendor=2 ,,b=x y", True),
        ("", False),
        ("a", False),
        ("A=1", False),
        ("a=1,a=2", False),
        ("a=1=2", False),
        (",".join(f"k{n}=1" for n in range(33)), False),
        ("a=" + "x" * 520, False),
    ],
)
def test_a_tracestate_is_handed_on_where_it_is_well_formed(header: str, kept: bool) -> None:
    assert trace_context(GIVEN, header).tracestate == (header if kept else None)


def test_spans_differ() -> None:
    assert len({trace_context(GIVEN).span_id for _ in range(100)}) == 100
    assert len({trace_context(None).trace_id for _ in range(100)}) == 100


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_headers_that_go_out_are_always_well_formed(traceparent: str, tracestate: str) -> None:
    span = trace_context(traceparent, tracestate)
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", span.traceparent)


UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_a_request_without_id_gets_one() -> None:
    found = request_ids(None)
    assert UUID.fullmatch(found.request_id)
    assert found.correlation_id is None


def test_the_id_of_the_client_is_used() -> None:
    assert request_ids("abc-123", "flow/7") == RequestIds("abc-123", "flow/7")


def test_an_id_that_cannot_be_used_comes_back_as_correlation_id() -> None:
    found = request_ids("{id}")
    assert UUID.fullmatch(found.request_id)
    assert found.correlation_id == "{id}"
    assert request_ids("{id}", "flow").correlation_id == "flow"


@pytest.mark.parametrize("value", ["", "a b", "a\r\nSet-Cookie: x", "é", "x" * 300])
def test_what_no_header_may_hold_is_never_repeated(value: str) -> None:
    found = request_ids(value, value)
    assert UUID.fullmatch(found.request_id)
    assert found.correlation_id is None
