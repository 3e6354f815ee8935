"""What all tests share: the plugins, each of which holds the fixtures of one concern."""

pytest_plugins = ["tests.plugins.process", "tests.plugins.servers"]
