from dataclasses import replace

from tools.bench.results import Results, Target, targets


def by_name(results: Results) -> dict[str, Target]:
    return {target.name: target for target in targets(results)}


def test_rates_are_compared_with_the_least_that_is_wanted(results: Results) -> None:
    found = by_name(results)
    assert found["read"].met
    assert not found["update"].met


def test_reads_are_compared_with_a_bare_application_that_selects(results: Results) -> None:
    target = by_name(results)["read ÷ bare ASGI with one select"]
    assert target.found == 3500 / 4500
    assert target.met


def test_creates_are_compared_with_pgbench_of_equal_bytes(results: Results) -> None:
    target = by_name(results)["create ÷ pgbench -N of equal bytes"]
    assert target.found == 1200 / 2500
    assert target.met


def test_the_slowest_answers_are_compared_with_the_median_of_pgbench(results: Results) -> None:
    target = by_name(results)["read, p99 against 4 × median of pgbench -N"]
    assert (target.found, target.bound, target.met) == (10.0, 12.0, True)
    measured = results.measurements
    slow = replace(measured.loads["read"], p99_ms=12.1)
    slower = replace(results, measurements=replace(measured, loads={**measured.loads, "read": slow}))
    assert not by_name(slower)["read, p99 against 4 × median of pgbench -N"].met


def test_a_single_wrong_answer_misses_a_target(results: Results) -> None:
    measured = results.measurements
    wrong = replace(measured.loads["mix"], errors={"read 404": 1})
    changed = replace(results, measurements=replace(measured, loads={**measured.loads, "mix": wrong}))
    assert by_name(results)["wrong answers"].met
    assert not by_name(changed)["wrong answers"].met
