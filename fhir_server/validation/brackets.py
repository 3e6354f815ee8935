"""What the brackets of a JSON text tell, without parsing it."""

import re

_ALL_BUT_BRACKETS_AND_QUOTES = bytes(set(range(256)) - set(b'[]{}"'))
_STRING = re.compile(rb'"[^"]*"')
_OPENING = b"[{"
_STEPS = 24


def is_bracketed_well(text: bytes, max_depth: int) -> bool:
    """Tell whether `text`, which may be JSON, has no empty object and does not nest deeper than `max_depth`."""
    marks = text.translate(None, _ALL_BUT_BRACKETS_AND_QUOTES)
    # An object that is not empty has the quotation mark of its first name after its bracket.
    if b"{}" in marks and b"{}" in _without_strings(text):
        return False
    return marks.count(b"{") + marks.count(b"[") <= max_depth or not nests_deeper(text, max_depth)


def nests_deeper(text: bytes, limit: int) -> bool:
    """Tell whether `text`, which may be JSON, nests more than `limit` arrays and objects in one another."""
    if text.count(b"{") + text.count(b"[") <= limit:
        return False
    brackets = _without_strings(text).replace(b"'", b"")
    left, steps = brackets, 0
    # A step takes at most one level from any nest, so that few steps prove that there are few levels. Most resources
    # need few; where they do not suffice, counting is cheaper than more of them.
    while left and steps < min(limit, _STEPS):
        left = left.replace(b"[]", b"") if steps % 2 else left.replace(b"{}", b"")
        steps += 1
    return bool(left) and _is_deeper(brackets, limit)


def _without_strings(text: bytes) -> bytes:
    """Return the brackets of `text` that are not part of a string, and an apostrophe where strings are."""
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = text.translate(None, _ALL_BUT_BRACKETS_AND_QUOTES)
    return _STRING.sub(b"'", marks.replace(b'""', b"'"))


def _is_deeper(brackets: bytes, limit: int) -> bool:
    depth = 0
    for each in brackets:
        depth += 1 if each in _OPENING else -1
        if depth > limit:
            return True
    return False
