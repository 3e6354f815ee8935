import pytest

from tools.bench.answer import AnswerError, whole_answer


def test_an_answer_is_awaited_until_its_body_is_whole() -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    for length in range(len(whole)):
        assert whole_answer(whole[:length]) is None
    answer = whole_answer(whole)
    assert answer is not None
    assert answer.status == 200


def test_an_answer_without_content_needs_no_length() -> None:
    answer = whole_answer(b'HTTP/1.1 204 No Content\r\nETag: W/"2"\r\n\r\n')
    assert answer is not None
    assert answer.status == 204


def test_a_chunked_answer_ends_with_its_last_chunk() -> None:
    begin = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    assert whole_answer(begin) is None
    assert whole_answer(begin + b"0\r\n\r\n") is not None


def test_a_header_is_found_whatever_the_case_of_its_name() -> None:
    answer = whole_answer(b"HTTP/1.1 201 Created\r\nLOCATION: /fhir/Patient/1\r\ncontent-length: 0\r\n\r\n")
    assert answer is not None
    assert answer.header(b"location") == b"/fhir/patient/1"
    assert answer.header(b"etag") == b""


@pytest.mark.parametrize(
    "received",
    [
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
    ],
)
def test_what_is_no_single_answer_is_refused(received: bytes) -> None:
    with pytest.raises(AnswerError):
        whole_answer(received)
