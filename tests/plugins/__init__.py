"""Fixtures by concern, registered in `tests/conftest.py`."""
