"""What the signals to stop do while no worker runs yet."""

import signal

import pytest

from fhir_server.command_line.stopping import STOP_SIGNALS, stop_signals_end_the_process


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_ends_the_process_well_and_a_second_one_does_not_disturb(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    closed: list[bool] = []
    with pytest.raises(SystemExit) as ended:
        _work_that_is_interrupted_twice(number, closed)
    assert ended.value.code == 0
    assert closed == [True]
    assert signal.getsignal(number) == before


def _work_that_is_interrupted_twice(number: signal.Signals, closed: list[bool]) -> None:
    with stop_signals_end_the_process():
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(number)
            closed.append(True)
