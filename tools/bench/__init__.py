"""The benchmark: drives a fresh server with load and compares it with what the machine itself can do."""
