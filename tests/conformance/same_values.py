"""Comparing resources by their values, numbers by their texts."""

import json
from typing import Any


class Number(str):
    """The text of a JSON number; never equal to a string of the same characters."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Tell whether `other` is a number of the same text."""
        return isinstance(other, Number) and str.__eq__(self, other)

    __hash__ = str.__hash__


def values_of(text: bytes) -> Any:
    """Return the JSON value in `text` with its numbers as `Number`."""
    return json.loads(text, parse_float=Number, parse_int=Number)


def without_what_the_server_sets(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a resource without id, meta.versionId and meta.lastUpdated, and without a meta that is then empty."""
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in ("versionId", "lastUpdated")}
    content = {name: value for name, value in resource.items() if name not in ("id", "meta")}
    return content | ({"meta": meta} if meta else {})
