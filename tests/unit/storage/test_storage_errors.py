import psycopg
import pytest
from psycopg import errors
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from fhir_server.core.errors import DeadlineExceeded, FhirError, NotFound, Overloaded
from fhir_server.storage.errors import STALE_DEFINITIONS, LostRace, StaleDefinitions, translated


class Stale(psycopg.errors.RaiseException):
    sqlstate = STALE_DEFINITIONS


@pytest.mark.parametrize(
    ("raised", "expected", "code"),
    [
        (PoolTimeout("x"), Overloaded, "throttled"),
        (TooManyRequests("x"), Overloaded, "throttled"),
        (PoolClosed("x"), Overloaded, "throttled"),
        (Stale("x"), StaleDefinitions, "conflict"),
        (errors.QueryCanceled("x"), DeadlineExceeded, "timeout"),
        (errors.IdleInTransactionSessionTimeout("x"), DeadlineExceeded, "timeout"),
        (errors.DeadlockDetected("x"), LostRace, "lock-error"),
        (errors.SerializationFailure("x"), LostRace, "lock-error"),
        (errors.UniqueViolation("x"), LostRace, "lock-error"),
        (errors.DiskFull("x"), Overloaded, "no-store"),
        (errors.ReadOnlySqlTransaction("x"), Overloaded, "transient"),
        (errors.AdminShutdown("x"), Overloaded, "transient"),
        (errors.CannotConnectNow("x"), Overloaded, "transient"),
        (psycopg.OperationalError("x"), Overloaded, "transient"),
        (psycopg.InterfaceError("x"), Overloaded, "transient"),
    ],
)
def test_an_error_of_the_driver_becomes_one_of_the_server(
    raised: Exception, expected: type[FhirError], code: str
) -> None:
    with pytest.raises(expected) as told, translated():
        raise raised
    assert [issue.code for issue in told.value.issues] == [code]


@pytest.mark.parametrize("raised", [errors.UndefinedColumn("x"), errors.InsufficientPrivilege("x"), ValueError("x")])
def test_an_error_of_our_own_passes(raised: Exception) -> None:
    with pytest.raises(type(raised)) as told, translated():
        raise raised
    assert told.value is raised


def test_an_error_of_the_server_passes() -> None:
    with pytest.raises(NotFound), translated():
        raise NotFound("There is no Patient/a.")


def test_the_text_of_the_driver_is_not_repeated() -> None:
    with pytest.raises(LostRace) as told, translated():
        raise errors.UniqueViolation("Key (id)=(secret) already exists.")
    assert "secret" not in str(told.value)
    assert "secret" not in str(told.value.issues)


def test_a_full_disk_is_worth_another_try_after_a_minute() -> None:
    with pytest.raises(Overloaded) as told, translated():
        raise errors.DiskFull("x")
    assert told.value.retry_after == 60
