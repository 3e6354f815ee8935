"""From the driver's errors to the server's.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from types import TracebackType

import psycopg
from psycopg import errors
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from fhir_server.core.errors import Conflict, DeadlineExceeded, FhirError, Overloaded
from fhir_server.core.outcome import IssueType

STALE_DEFINITIONS = "NP001"


class StaleDefinitions(Conflict):
    """The definitions with which the set was prepared are no longer those of the database."""


class LostRace(Conflict):
    """Another transaction changed the same resource in between; the same set is worth another try."""

    code = IssueType.LOCK_ERROR


class translated:  # noqa: N801
    """Raises, at the end of a `with`, the server's error for what the driver raised inside.

    The driver's text is never repeated. An error that says our own statement is wrong passes unchanged: it is
    a fault of the server. It is a class because a generator costs several times as much on every read.
    """

    __slots__ = ()

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            known = translation_of(error)
            if known is not None:
                raise known from error


def translation_of(error: BaseException) -> FhirError | None:
    """Return the server's error for one of the driver or the pool, or None for every other."""
    match error:
        case PoolTimeout() | TooManyRequests():
            return Overloaded("Every database connection is busy; try again shortly.")
        case PoolClosed():
            return Overloaded("The server is shutting down; try again shortly.")
        case psycopg.Error():
            return _of(error)
    return None


def _of(error: psycopg.Error) -> FhirError | None:
    if error.sqlstate == STALE_DEFINITIONS:
        return StaleDefinitions("The definitions changed while the resource was being prepared; try again.")
    match error:
        case errors.QueryCanceled() | errors.IdleInTransactionSessionTimeout():
            return DeadlineExceeded("The database stopped work that took too long; nothing was stored.")
        case errors.DeadlockDetected() | errors.SerializationFailure() | errors.UniqueViolation():
            return LostRace("Another request changed the same resource at the same time; try again.")
        case errors.DiskFull():
            return Overloaded(
                "The database has no space left on its disk; nothing was stored.",
                retry_after=60,
                code=IssueType.NO_STORE,
            )
        case errors.ReadOnlySqlTransaction():
            return Overloaded("The database only reads at the moment; try again shortly.", code=IssueType.TRANSIENT)
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return Overloaded("The database cannot be reached; try again shortly.", code=IssueType.TRANSIENT)
    return None
