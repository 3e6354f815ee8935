"""From submitted bytes to content that may be stored.

https://hl7.org/fhir/R4/validation.html
"""

import asyncio
import gc
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Self

from fhir_server.core.errors import FhirError, Invalid
from fhir_server.core.other_process import OtherProcess
from fhir_server.core.outcome import Issue, IssueType
from fhir_server.definitions import Definitions, load_definitions
from fhir_server.interactions.content import Content, content_of
from fhir_server.validation.structure import StructuralValidator

_AT_ONCE = 32 * 1024
"""Bytes that are prepared within two milliseconds; more go to another process."""

_NAMED_TYPES = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]+)"')


@dataclass(frozen=True, slots=True)
class PrepareOptions:
    """What preparing needs besides the definitions; travels to the other process."""

    digest_key: bytes
    max_depth: int
    max_number_characters: int


class Preparation:
    """Validates bodies and splits them into what is stored.

    The event loop prepares what takes no time worth speaking of. A long body goes to `other_process`, where long work
    of others is welcome too. The first resource of a type and one that must be looked at closely go to a thread: that
    is work in Python, which lets the loop have its turns.
    """

    def __init__(self, definitions: Definitions, options: PrepareOptions) -> None:
        self._definitions = definitions
        self._options = options
        self._validator = StructuralValidator(definitions, max_depth=options.max_depth)
        # One thread, so that the loop has every second turn however many bodies are looked at.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="prepare")
        self.other_process = OtherProcess()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)
        self.other_process.__exit__(kind, value, trace)

    async def content(self, resource_type: str, data: bytes) -> Content:
        """Validate `data` as a resource of this type and return what is stored of it.

        Raises Invalid, or Overloaded where the other process was killed.
        """
        if len(data) > _AT_ONCE:
            return await self._content_from_process(resource_type, data)
        if self._is_familiar(resource_type, data):
            decoded = self._validator.accept(data, resource_type)
            if decoded is not None:
                return content_of(decoded, digest_key=self._options.digest_key)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._content_in_thread, resource_type, data)

    def content_now(self, resource_type: str, data: bytes) -> Content:
        """Do what `content` does, here and now whatever the length."""
        decoded = self._validator.decode(data, resource_type)
        return content_of(decoded, digest_key=self._options.digest_key)

    def _is_familiar(self, resource_type: str, data: bytes) -> bool:
        """Tell whether the decoders of the resource and of those in it are there already."""
        has_decoder = self._definitions.has_decoder
        if data.count(b'"resourceType"') < 2:
            return has_decoder(resource_type)
        return all(has_decoder(name.decode()) for name in _NAMED_TYPES.findall(data))

    def _content_in_thread(self, resource_type: str, data: bytes) -> Content:
        familiar = self._is_familiar(resource_type, data)
        try:
            return self.content_now(resource_type, data)
        finally:
            if not familiar and self._is_familiar(resource_type, data):
                # The new classes stay for good; the garbage collector would go through them all, again and again.
                gc.freeze()

    async def _content_from_process(self, resource_type: str, data: bytes) -> Content:
        found = await self.other_process.run(_prepare, self._options, resource_type, data)
        if isinstance(found, Content):
            return found
        raise Invalid("The resource is not valid.", issues=found)


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


@cache
def _preparation(options: PrepareOptions) -> Preparation:
    """Return what prepares in the other process, which has no other way to keep it."""
    return Preparation(load_definitions(max_number_length=options.max_number_characters), options)


def _prepare(options: PrepareOptions, resource_type: str, data: bytes) -> Content | tuple[Issue, ...]:
    """Return the content, or the issues: an exception of ours would not survive the way back."""
    try:
        return _preparation(options).content_now(resource_type, data)
    except FhirError as error:
        return error.issues
