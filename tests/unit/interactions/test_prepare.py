from collections.abc import Iterator

import pytest

from fhir_server.core.errors import Invalid
from fhir_server.definitions import Definitions
from fhir_server.interactions.prepare import Preparation, PrepareOptions, require_same_id
from tests.factories import patient

OPTIONS = PrepareOptions(digest_key=b"k" * 32, max_depth=100, max_number_characters=200)


@pytest.fixture
def preparation(definitions: Definitions) -> Iterator[Preparation]:
    with Preparation(definitions, OPTIONS) as made:
        yield made


async def test_a_short_body_is_prepared_here(preparation: Preparation) -> None:
    found = await preparation.content("Patient", patient("a"))
    assert found == preparation.content_now("Patient", patient("a"))


async def test_an_invalid_body_is_refused_with_its_issues(preparation: Preparation) -> None:
    with pytest.raises(Invalid) as refused:
        await preparation.content("Patient", patient("a", gender=1))
    assert [issue.expression for issue in refused.value.issues] == [("Patient.gender",)]


async def test_a_body_of_another_type_is_refused(preparation: Preparation) -> None:
    with pytest.raises(Invalid) as refused:
        await preparation.content("Observation", patient("a"))
    assert refused.value.issues


async def test_a_body_that_nests_too_deep_is_refused(definitions: Definitions) -> None:
    shallow = PrepareOptions(digest_key=b"k" * 32, max_depth=3, max_number_characters=200)
    with Preparation(definitions, shallow) as preparation:
        found = await preparation.content("Patient", b'{"resourceType":"Patient","name":[{"family":"x"}]}')
        assert found.body == b'{"name":[{"family":"x"}]}'
        with pytest.raises(Invalid):
            await preparation.content("Patient", b'{"resourceType":"Patient","name":[{"given":["x"]}]}')


def test_an_update_needs_the_id_of_its_url(preparation: Preparation) -> None:
    require_same_id(preparation.content_now("Patient", patient("a")), "Patient", "a")


@pytest.mark.parametrize(("resource_id", "code"), [(None, "required"), ("b", "value"), ("A", "value")])
def test_an_update_with_another_id_or_none_is_refused(
    preparation: Preparation, resource_id: str | None, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        require_same_id(preparation.content_now("Patient", patient(resource_id)), "Patient", "a")
    issue = refused.value.issues[0]
    assert (issue.code, issue.expression) == (code, ("Patient.id",))
    assert "'b'" not in issue.diagnostics
