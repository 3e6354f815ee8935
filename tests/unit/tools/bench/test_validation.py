from tools.bench.validation import time_each


def test_every_text_is_worked_on_in_each_pass_and_once_before() -> None:
    seen: list[bytes] = []
    timing = time_each(seen.append, [b"one", b"three"], passes=2)
    assert seen == [b"one", b"three"] * 3
    assert timing.resources == 2
    assert timing.average_bytes == 4
    assert timing.microseconds >= 0
