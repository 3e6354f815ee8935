"""The code systems and extensions that the demo clinic speaks: FHIR's own, and Brazil's where it has one."""

TERMINOLOGIA = "https://terminologia.saude.gov.br/fhir/CodeSystem/"
"""Base of the national code systems."""

RNDS = "http://www.saude.gov.br/fhir/r4/CodeSystem/"
"""Base of the older national code systems, for the two whose codes differ: vaccination route and site."""

BR_CORE = "https://br-core.saude.gov.br/fhir/StructureDefinition/"
BR_IPS = "https://ips.saude.gov.br/fhir/StructureDefinition/"
HL7_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
HL7_PROFILE = "http://hl7.org/fhir/StructureDefinition/"

HL7_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
IDENTIFIER_TYPE = HL7_TERMINOLOGY + "v2-0203"
ROLE_CODE = HL7_TERMINOLOGY + "v3-RoleCode"
ACT_CODE = HL7_TERMINOLOGY + "v3-ActCode"
ACT_REASON = HL7_TERMINOLOGY + "v3-ActReason"

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
ATC = "http://www.whocc.no/atc"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"

SID = "https://saude.gov.br/fhir/sid/"
"""Base of the systems of national identifiers and professional registrations."""

CLINIC = "https://clinica-vila-esperanca.example/"
"""Base of the identifiers that the clinic gives itself; the domain is reserved for examples."""
