"""FHIR's own definitions, compiled from the official package: what everything else is driven by."""

from fhir_server.definitions.registry import Definitions, load_definitions

__all__ = ["Definitions", "load_definitions"]
