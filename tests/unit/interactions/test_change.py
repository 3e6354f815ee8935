from datetime import UTC, datetime, timedelta

import pytest

from fhir_server.core.errors import Conflict, FhirError, Invalid, MethodNotAllowed, PreconditionFailed
from fhir_server.interactions.change import (
    ANY_VERSION,
    NO_PRECONDITION,
    Change,
    Decision,
    Effect,
    Given,
    Precondition,
    WriteRules,
    decide,
)
from fhir_server.interactions.content import Content
from fhir_server.storage.write import Head

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
PRESENT = Head(1, 3, NOON, deleted=False, digest=b"digest", meta_digest=b"meta")
DELETED = Head(1, 3, NOON, deleted=True, digest=None, meta_digest=None)

OPEN = WriteRules()
NO_CLIENT_IDS = WriteRules(update_create=False)
VERSIONED = WriteRules(versioned_update=frozenset({"Patient"}))

IF_MATCH_2 = Precondition(if_match=frozenset({"2"}))
IF_MATCH_3 = Precondition(if_match=frozenset({"3"}))
IF_MATCH_2_OR_3 = Precondition(if_match=frozenset({"2", "3"}))
IF_MATCH_ANY = Precondition(if_match=ANY_VERSION)
IF_NONE_MATCH_2 = Precondition(if_none_match=frozenset({"2"}))
IF_NONE_MATCH_3 = Precondition(if_none_match=frozenset({"3"}))
IF_NONE_MATCH_ANY = Precondition(if_none_match=ANY_VERSION)

CREATED = Decision(Effect.CREATED, 1)
REVIVED = Decision(Effect.CREATED, 4)
UPDATED = Decision(Effect.UPDATED, 4)
UNCHANGED = Decision(Effect.UNCHANGED, 3)
REMOVED = Decision(Effect.DELETED, 4)
NEVER_THERE = Decision(Effect.ABSENT, 0)
GONE_ALREADY = Decision(Effect.ABSENT, 3)


def change(
    method: str,
    precondition: Precondition = NO_PRECONDITION,
    *,
    digest: bytes = b"new digest",
    meta_digest: bytes | None = b"meta",
    given: Given | None = None,
) -> Change:
    content = Content("Patient", "a", None, b"{}", (), (), (), digest, meta_digest)
    return Change(method, "Patient", "a", None if method == "DELETE" else content, precondition, given)


POST, PUT, DELETE = change("POST"), change("PUT"), change("DELETE")
SAME = change("PUT", digest=b"digest")
OTHER_META = change("PUT", digest=b"digest", meta_digest=None)


@pytest.mark.parametrize(
    ("asked", "head", "rules", "expected"),
    [
        (POST, None, OPEN, CREATED),
        (POST, None, NO_CLIENT_IDS, CREATED),
        (POST, None, VERSIONED, CREATED),
        (PUT, None, OPEN, CREATED),
        (PUT, None, VERSIONED, CREATED),
        (PUT, PRESENT, OPEN, UPDATED),
        (PUT, PRESENT, NO_CLIENT_IDS, UPDATED),
        (PUT, DELETED, OPEN, REVIVED),
        (PUT, DELETED, NO_CLIENT_IDS, REVIVED),
        (PUT, DELETED, VERSIONED, REVIVED),
        (SAME, PRESENT, OPEN, UNCHANGED),
        (SAME, DELETED, OPEN, REVIVED),
        (SAME, None, OPEN, CREATED),
        (OTHER_META, PRESENT, OPEN, UPDATED),
        (DELETE, None, OPEN, NEVER_THERE),
        (DELETE, PRESENT, OPEN, REMOVED),
        (DELETE, PRESENT, VERSIONED, REMOVED),
        (DELETE, DELETED, OPEN, GONE_ALREADY),
    ],
)
def test_a_change_does_what_its_method_says(
    asked: Change, head: Head | None, rules: WriteRules, expected: Decision
) -> None:
    assert decide(asked, head, rules) == expected


@pytest.mark.parametrize(
    ("method", "head", "precondition", "expected"),
    [
        ("PUT", PRESENT, IF_MATCH_3, UPDATED),
        ("PUT", PRESENT, IF_MATCH_2_OR_3, UPDATED),
        ("PUT", PRESENT, IF_MATCH_ANY, UPDATED),
        ("PUT", PRESENT, IF_NONE_MATCH_2, UPDATED),
        ("PUT", DELETED, IF_MATCH_3, REVIVED),
        ("PUT", DELETED, IF_NONE_MATCH_ANY, REVIVED),
        ("PUT", DELETED, IF_NONE_MATCH_3, REVIVED),
        ("PUT", None, IF_NONE_MATCH_ANY, CREATED),
        ("PUT", None, IF_NONE_MATCH_2, CREATED),
        ("DELETE", PRESENT, IF_MATCH_3, REMOVED),
        ("DELETE", DELETED, IF_MATCH_3, GONE_ALREADY),
    ],
)
def test_a_change_whose_precondition_holds_is_done(
    method: str, head: Head | None, precondition: Precondition, expected: Decision
) -> None:
    assert decide(change(method, precondition), head, OPEN) == expected


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    ("head", "precondition"),
    [
        (PRESENT, IF_MATCH_2),
        (PRESENT, IF_NONE_MATCH_3),
        (PRESENT, IF_NONE_MATCH_ANY),
        (DELETED, IF_MATCH_2),
        (DELETED, IF_MATCH_ANY),
        (None, IF_MATCH_3),
        (None, IF_MATCH_ANY),
        (PRESENT, Precondition(if_match=frozenset())),
    ],
)
def test_a_change_whose_precondition_fails_is_refused(
    method: str, head: Head | None, precondition: Precondition
) -> None:
    with pytest.raises(PreconditionFailed, match=r"^Patient/a "):
        decide(change(method, precondition), head, OPEN)


def test_the_precondition_is_looked_at_before_anything_else() -> None:
    with pytest.raises(PreconditionFailed):
        decide(change("PUT", IF_MATCH_2, digest=b"digest"), PRESENT, VERSIONED)


@pytest.mark.parametrize(
    ("asked", "head", "rules", "error", "code"),
    [
        (PUT, None, NO_CLIENT_IDS, MethodNotAllowed, "not-supported"),
        (PUT, PRESENT, VERSIONED, Invalid, "required"),
        (PUT, PRESENT, WriteRules(versioned_update=frozenset({"*"})), Invalid, "required"),
        (SAME, PRESENT, VERSIONED, Invalid, "required"),
    ],
)
def test_a_change_against_the_rules_is_refused(
    asked: Change, head: Head | None, rules: WriteRules, error: type[FhirError], code: str
) -> None:
    with pytest.raises(error) as refused:
        decide(asked, head, rules)
    assert [issue.code for issue in refused.value.issues] == [code]


def test_versioned_update_concerns_its_types_alone() -> None:
    assert decide(PUT, PRESENT, WriteRules(versioned_update=frozenset({"Encounter"}))) == UPDATED
    assert decide(change("PUT", IF_MATCH_3), PRESENT, VERSIONED) == UPDATED


LATER = NOON + timedelta(milliseconds=1)


@pytest.mark.parametrize("rules", [OPEN, NO_CLIENT_IDS, VERSIONED])
@pytest.mark.parametrize(
    ("method", "head", "effect"),
    [
        ("PUT", None, Effect.CREATED),
        ("POST", None, Effect.CREATED),
        ("PUT", PRESENT, Effect.UPDATED),
        ("POST", PRESENT, Effect.UPDATED),
        ("PUT", DELETED, Effect.CREATED),
        ("DELETE", PRESENT, Effect.DELETED),
        ("DELETE", DELETED, Effect.DELETED),
    ],
)
def test_a_restored_version_keeps_its_number_whatever_the_settings(
    method: str, head: Head | None, effect: Effect, rules: WriteRules
) -> None:
    assert decide(change(method, given=Given(7, LATER)), head, rules) == Decision(effect, 7)


def test_a_restored_version_with_the_present_values_is_a_version() -> None:
    asked = change("PUT", digest=b"digest", given=Given(4, LATER))
    assert decide(asked, PRESENT, OPEN) == UPDATED


def test_a_deletion_restored_where_nothing_was_is_none() -> None:
    assert decide(change("DELETE", given=Given(2, NOON)), None, OPEN) == NEVER_THERE


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    "given",
    [
        Given(3, LATER),
        Given(1, LATER),
        Given(4, NOON),
        Given(4, NOON - timedelta(days=1)),
        Given(4, NOON + timedelta(microseconds=999)),
    ],
)
def test_a_restored_version_that_does_not_follow_is_a_conflict(method: str, given: Given) -> None:
    with pytest.raises(Conflict, match="version 3"):
        decide(change(method, given=given), PRESENT, OPEN)


@pytest.mark.parametrize(
    ("effect", "makes_version", "status"),
    [
        (Effect.CREATED, True, 201),
        (Effect.UPDATED, True, 200),
        (Effect.UNCHANGED, False, 200),
        (Effect.DELETED, True, 204),
        (Effect.ABSENT, False, 204),
    ],
)
def test_an_effect_has_a_status_and_makes_a_version_or_not(effect: Effect, makes_version: bool, status: int) -> None:
    decision = Decision(effect, 1)
    assert (decision.makes_version, decision.status) == (makes_version, status)
