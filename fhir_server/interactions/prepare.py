"""From submitted bytes to content that may be stored.

https://hl7.org/fhir/R4/validation.html
"""

import asyncio
import multiprocessing
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from fhir_server.core.errors import FhirError, Invalid, Overloaded
from fhir_server.core.outcome import Issue, IssueType
from fhir_server.definitions import Definitions, load_definitions
from fhir_server.interactions.content import Content, content_of
from fhir_server.validation.structure import StructuralValidator

_AT_ONCE = 64 * 1024
"""Bytes that are prepared within a few milliseconds; more go to another process."""


@dataclass(frozen=True, slots=True)
class PrepareOptions:
    """What preparing needs besides the definitions; travels to the other process."""

    digest_key: bytes
    max_depth: int
    max_number_characters: int


class Preparation:
    """Validates bodies and splits them into what is stored.

    A long body is prepared in a process of its own, started at the first one: the decoder holds the
    interpreter's lock, so a thread would not keep the event loop free.
    """

    def __init__(self, definitions: Definitions, options: PrepareOptions) -> None:
        self._definitions = definitions
        self._options = options
        self._validator = _validator(definitions, options)
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    async def content(self, resource_type: str, data: bytes) -> Content:
        """Validate `data` as a resource of this type and return what is stored of it.

        Raises Invalid, or Overloaded where the other process was killed.
        """
        if len(data) <= _AT_ONCE:
            return self.content_now(resource_type, data)
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_start,
                initargs=(self._options,),
            )
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._pool, _prepare, resource_type, data)
        except BrokenExecutor as error:
            self._pool = None
            raise Overloaded(
                "The process that prepares long bodies ended; try again shortly.", code=IssueType.TRANSIENT
            ) from error
        if isinstance(found, Content):
            return found
        raise Invalid("The resource is not valid.", issues=found)

    def content_now(self, resource_type: str, data: bytes) -> Content:
        """Do what `content` does, in this process whatever the length."""
        decoded = self._validator.decode(data, resource_type)
        return content_of(decoded, digest_key=self._options.digest_key)


def require_same_id(content: Content, resource_type: str, resource_id: str) -> None:
    """Raise Invalid unless the body carries the id of the URL, as an update must."""
    if content.id == resource_id:
        return
    why = "has no id" if content.id is None else "has another id than the URL"
    raise Invalid(
        f"The {resource_type} in the body {why}; an update needs the id of the URL in both places.",
        code=IssueType.REQUIRED if content.id is None else IssueType.VALUE,
        expression=(f"{resource_type}.id",),
    )


def _validator(definitions: Definitions, options: PrepareOptions) -> StructuralValidator:
    return StructuralValidator(definitions, max_depth=options.max_depth)


_here: list[Preparation] = []


def _start(options: PrepareOptions) -> None:
    """Make this process ready; runs once in the process of the pool, which has no other way to keep state."""
    definitions = load_definitions(max_number_length=options.max_number_characters)
    _here.append(Preparation(definitions, options))


def _prepare(resource_type: str, data: bytes) -> Content | tuple[Issue, ...]:
    """Return the content, or the issues: an exception of ours would not survive the way back."""
    try:
        return _here[0].content_now(resource_type, data)
    except FhirError as error:
        return error.issues
