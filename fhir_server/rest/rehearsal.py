"""What the first requests would otherwise have to wait for, and the event loop with them."""

from fhir_server.interactions.services import Services
from fhir_server.rest.capability_statement import Mode
from fhir_server.rest.handlers.capabilities import offered
from fhir_server.rest.options import RestOptions
from fhir_server.rest.subset import Subset, Summary
from fhir_server.rest.view import View


def rehearse(services: Services, options: RestOptions) -> None:
    """Make what is made once: the classes of the datatypes, and what the server says of itself."""
    # Through its extensions a resource without elements of its own brings all datatypes.
    services.definitions.decoder("Basic")
    statement = offered(services, options, mode=Mode.FULL, base_url="")
    View(subset=Subset(Summary.TRUE)).shown(statement.text, services.definitions)
