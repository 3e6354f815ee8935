"""One file per interaction: from a request to the interaction's function, and from its result to an answer."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from fhir_server.interactions.services import Services
from fhir_server.rest.handlers.capabilities import handle_capabilities
from fhir_server.rest.handlers.create import handle_create
from fhir_server.rest.handlers.delete import handle_delete
from fhir_server.rest.handlers.history import handle_history
from fhir_server.rest.handlers.read import handle_read, handle_vread
from fhir_server.rest.handlers.update import handle_update
from fhir_server.rest.message import Request, Response
from fhir_server.rest.options import RestOptions

Handler: TypeAlias = Callable[[Services, RestOptions, Request], Awaitable[Response]]

HANDLERS: Mapping[str, Handler] = {
    "capabilities": handle_capabilities,
    "read": handle_read,
    "vread": handle_vread,
    "create": handle_create,
    "update": handle_update,
    "delete": handle_delete,
    "history-instance": handle_history,
    "history-type": handle_history,
    "history-system": handle_history,
}
"""What answers each interaction that `places` names."""
