"""What all tests share: the plugins, each of which holds the fixtures of one concern."""

# One that uses another comes after it, or pytest could not rewrite the assertions of the other.
pytest_plugins = [
    "tests.plugins.servers",
    "tests.plugins.services",
    "tests.plugins.rows",
    "tests.plugins.process",
    "tests.plugins.fhir_client",
    "tests.plugins.databases",
]
