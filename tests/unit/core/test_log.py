import io
import json
import logging
import logging.config
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fhir_server.core.errors import Invalid
from fhir_server.core.log import (
    ConsoleFormatter,
    JsonFormatter,
    RequestLine,
    log_request,
    log_slow_statement,
    logging_config,
)

LINE = RequestLine("r1", "GET", "read", 200, 1.23456, type="Patient")


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logger(stream: io.StringIO) -> Iterator[logging.Logger]:
    """A logger of its own that writes JSON to `stream`."""
    found = logging.Logger("test", logging.INFO)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    found.addHandler(handler)
    yield found
    handler.close()


def entry(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_request_is_one_line_of_json(logger: logging.Logger, stream: io.StringIO) -> None:
    log_request(logger, LINE)
    found = entry(stream)
    assert found.pop("time").endswith("Z")
    assert found == {
        "level": "info",
        "logger": "test",
        "message": "request",
        "request_id": "r1",
        "method": "GET",
        "interaction": "read",
        "status": 200,
        "ms": 1.23,
        "type": "Patient",
    }


@pytest.mark.parametrize(
    ("status", "level"), [(200, "info"), (404, "info"), (500, "error"), (503, "warning"), (504, "warning")]
)
def test_the_level_follows_the_status(logger: logging.Logger, stream: io.StringIO, status: int, level: str) -> None:
    log_request(logger, RequestLine("r1", "GET", "read", status, 1))
    assert entry(stream)["level"] == level


def test_a_level_that_is_not_wanted_costs_nothing(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.setLevel(logging.WARNING)
    log_request(logger, LINE)
    assert stream.getvalue() == ""


def test_a_slow_statement_is_logged_without_values(logger: logging.Logger, stream: io.StringIO) -> None:
    log_slow_statement(logger, "select_current", milliseconds=250.456, threshold=200)
    found = entry(stream)
    assert (found["level"], found["message"]) == ("warning", "slow statement")
    assert (found["statement"], found["ms"]) == ("select_current", 250.46)


def test_a_quick_statement_is_not_logged(logger: logging.Logger, stream: io.StringIO) -> None:
    log_slow_statement(logger, "select_current", milliseconds=199, threshold=200)
    assert stream.getvalue() == ""


def raised(*errors: Exception) -> Exception:
    """Return the last of `errors`, raised while the others were handled, the first innermost."""
    cause: Exception | None = None
    for error in errors:
        try:
            raise error from cause
        except type(error) as caught:
            cause = caught
    assert cause is not None
    return cause


def test_an_exception_is_logged_by_type_and_place_and_never_by_its_message(
    logger: logging.Logger, stream: io.StringIO
) -> None:
    fault = raised(ValueError("CPF 123"), RuntimeError("Maria"))
    log_request(logger, RequestLine("r1", "GET", "read", 500, 1), fault)
    found = entry(stream)["error"]
    assert [cause["type"] for cause in found] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert all(":" in cause["at"][0] and cause["at"][0].endswith(" raised") for cause in found)
    assert "CPF" not in stream.getvalue()
    assert "Maria" not in stream.getvalue()


def test_the_message_of_an_error_of_our_own_is_logged(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.error("failed", exc_info=raised(Invalid("The header is wrong.")))
    assert entry(stream)["error"][0]["message"] == "The header is wrong."


def test_a_line_feed_in_a_value_starts_no_line_in_json(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.info("one\ntwo", extra={"fields": {"name": "a\nb"}})
    found = entry(stream)
    assert (found["message"], found["name"]) == ("one\ntwo", "a\nb")


def console(record: Callable[[logging.Logger], None]) -> str:
    stream = io.StringIO()
    logger = logging.Logger("fhir_server.rest", logging.INFO)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ConsoleFormatter())
    logger.addHandler(handler)
    record(logger)
    return stream.getvalue()


def test_people_read_one_plain_line() -> None:
    text = console(lambda logger: log_request(logger, LINE))
    assert text.endswith(
        "INFO    fhir_server.rest: request request_id=r1 method=GET interaction=read status=200 ms=1.23 type=Patient\n"
    )


def test_people_see_where_a_fault_came_from() -> None:
    text = console(lambda logger: log_request(logger, LINE, raised(RuntimeError("Maria"))))
    assert "\n    builtins.RuntimeError at " in text
    assert "Maria" not in text


def test_a_line_feed_in_a_value_starts_no_line_for_people() -> None:
    text = console(lambda logger: logger.info("%s", "one\ntwo", extra={"fields": {"name": "a\x1b[2J"}}))
    assert text.count("\n") == 1
    assert "\x1b" not in text


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_configured_process_hears_itself_from_its_level_and_libraries_from_warnings(
    log_format: str,
) -> None:
    code = (
        "import logging; from fhir_server.core.log import configure_logging\n"
        f"configure_logging('info', {log_format!r})\n"
        "logging.getLogger('fhir_server.x').info('ours'); logging.getLogger('fhir_server.x').debug('no')\n"
        "logging.getLogger('library').info('no'); logging.getLogger('library').warning('theirs')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert "ours" in first
    assert "theirs" in second


def test_the_configuration_is_what_dict_config_takes() -> None:
    config = logging_config("debug", "json")
    assert config["loggers"]["fhir_server"]["level"] == "DEBUG"
    assert config["formatters"]["formatter"]["()"] is JsonFormatter
