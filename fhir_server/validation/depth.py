"""How deep the arrays and objects of a JSON text nest, without parsing it."""

import re

_ALL_BUT_BRACKETS_AND_QUOTES = bytes(set(range(256)) - set(b'[]{}"'))
_STRING = re.compile(rb'"[^"]*"')
_OPENING = b"[{"


def brackets_and_quotes(text: bytes) -> bytes:
    """Return the brackets and quotation marks of `text`, also those in its strings.

    An empty object shows as `{}`: any other object has a quotation mark after its bracket.
    """
    return text.translate(None, _ALL_BUT_BRACKETS_AND_QUOTES)


def nests_deeper(text: bytes, limit: int) -> bool:
    """Tell whether the JSON `text` nests more than `limit` arrays and objects in one another."""
    if text.count(b"{") + text.count(b"[") <= limit:
        return False
    brackets = _brackets(text)
    left, steps = brackets, 0
    # A step takes at most one level from any nest, so that few steps prove that there are few levels.
    while left and steps < limit:
        left = left.replace(b"[]", b"") if steps % 2 else left.replace(b"{}", b"")
        steps += 1
    return bool(left) and _depth(brackets) > limit


def _brackets(text: bytes) -> bytes:
    """Return the brackets of `text` that are not part of a string."""
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return _STRING.sub(b"", brackets_and_quotes(text).replace(b'""', b""))


def _depth(brackets: bytes) -> int:
    depth = deepest = 0
    for each in brackets:
        depth += 1 if each in _OPENING else -1
        deepest = max(deepest, depth)
    return deepest
