"""The interactions of FHIR's RESTful API as plain async functions that know no HTTP.

https://hl7.org/fhir/R4/http.html
"""
