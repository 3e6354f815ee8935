"""NeonPro FHIR Server: an HL7 FHIR R4 (4.0.1) server."""

__version__ = "0.1.0"
