from collections.abc import Mapping

import pytest

from fhir_server.core.context import Context
from fhir_server.core.errors import Invalid, NotSupported
from fhir_server.rest.message import Request, Response, printable
from fhir_server.rest.places import INSTANCE
from fhir_server.rest.prefer import Handling, Preferences
from fhir_server.rest.view import PLAIN


def request(query: Mapping[str, tuple[str, ...]], handling: Handling | None = None) -> Request:
    return Request(
        method="GET",
        place=INSTANCE,
        interaction="read",
        type="Patient",
        id="a",
        version_id="",
        query=query,
        headers={},
        body=b"",
        base_url="http://127.0.0.1/fhir",
        context=Context(),
        preferences=Preferences(handling=handling),
        view=PLAIN,
    )


def test_a_parameter_given_once_has_a_value() -> None:
    assert request({"_count": ("5",)}).single("_count") == "5"


def test_a_parameter_that_is_absent_or_empty_has_none() -> None:
    assert request({}).single("_count") is None
    assert request({"_count": ("",)}).single("_count") is None


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(Invalid, match="_count is given more than once"):
        request({"_count": ("5", "5")}).single("_count")


@pytest.mark.parametrize("handling", [None, Handling.STRICT])
def test_an_unknown_parameter_is_refused_with_those_that_are_known(handling: Handling | None) -> None:
    with pytest.raises(NotSupported, match=r"read does not know the parameter name; it knows .*_since"):
        request({"name": ("Silva",)}, handling).require_known_parameters(frozenset({"_since"}))


def test_an_unknown_parameter_is_passed_over_where_the_client_is_lenient() -> None:
    request({"name": ("Silva",)}, Handling.LENIENT).require_known_parameters(frozenset())


@pytest.mark.parametrize("name", ["_format", "_pretty", "_summary", "_elements", "_since"])
def test_general_and_known_parameters_are_accepted(name: str) -> None:
    request({name: ("x",)}).require_known_parameters(frozenset({"_since"}))


def test_a_value_in_the_place_of_a_name_is_not_repeated() -> None:
    with pytest.raises(NotSupported) as told:
        request({"12345678909": ("",)}).require_known_parameters(frozenset())
    assert "12345678909" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("_since", "_since"), ("birth-date", "birth-date"), ("123", ""), ("é", ""), ("a=b", ""), ("", "")],
)
def test_only_what_looks_like_a_name_is_shown(name: str, shown: str) -> None:
    assert printable(name) == (shown or "(unreadable name)")


def test_an_answer_is_empty_unless_told_otherwise() -> None:
    assert (Response(204).body, Response(204).headers) == (b"", ())
