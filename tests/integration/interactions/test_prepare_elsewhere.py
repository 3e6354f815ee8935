"""Long bodies, which are prepared in a process of their own; a test pays a second for it to start."""

import asyncio
import os
import signal

import psutil
import pytest

from fhir_server.core.errors import Invalid, Overloaded
from fhir_server.definitions import Definitions, load_definitions
from fhir_server.interactions.prepare import Preparation, PrepareOptions
from tests.factories import patient
from tests.waiting import until

OPTIONS = PrepareOptions(digest_key=b"k" * 32, max_depth=10, max_number_characters=30)
LONG = "x" * 70_000


def workers() -> set[psutil.Process]:
    """Return the processes that this one started to prepare bodies."""
    return {child for child in psutil.Process().children() if any("spawn_main" in part for part in child.cmdline())}


async def test_a_long_body_is_prepared_to_the_same_content_under_the_same_limits(definitions: Definitions) -> None:
    body = patient("a", LONG)
    with Preparation(load_definitions(max_number_length=30), OPTIONS) as preparation:
        assert await preparation.content("Patient", body) == preparation.content_now("Patient", body)
        with pytest.raises(Invalid) as refused:
            await preparation.content("Patient", patient("a", LONG, gender=1))
        assert [issue.expression for issue in refused.value.issues] == [("Patient.gender",)]
        extension = b'"extension":[{"url":"urn:x","valueDecimal":%s}],"name"' % (b"1" * 31)
        with pytest.raises(Invalid):
            await preparation.content("Patient", body.replace(b'"name"', extension))
        with pytest.raises(Invalid):
            await preparation.content("Observation", body)


async def test_the_loop_goes_on_while_long_bodies_are_prepared(definitions: Definitions) -> None:
    with Preparation(definitions, OPTIONS) as preparation:
        preparing = [asyncio.create_task(preparation.content("Patient", patient("a", LONG))) for _ in range(8)]
        turns = 0
        while not all(task.done() for task in preparing):
            await asyncio.sleep(0.001)
            turns += 1
        assert turns > 10
        assert len({(await task).digest for task in preparing}) == 1


async def test_a_process_that_was_killed_is_told_and_replaced(definitions: Definitions) -> None:
    before = workers()
    with Preparation(definitions, OPTIONS) as preparation:
        await preparation.content("Patient", patient("a", LONG))
        (worker,) = workers() - before
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(Overloaded) as told:
            await preparation.content("Patient", patient("a", LONG))
        assert told.value.issues[0].code == "transient"
        found = await preparation.content("Patient", patient("a", LONG))
        assert found.id == "a"
    await until(lambda: not workers() - before)
