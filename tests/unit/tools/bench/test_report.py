from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tools.bench.report import BEGIN, END, markdown, show, write_docs
from tools.bench.results import Results


def test_the_report_holds_every_scenario_ceiling_and_target(results: Results) -> None:
    text = markdown(results)
    for expected in (
        "| read | 3,500 |",
        "| bare ASGI response with one select | 4,500 |",
        "| pgbench -N | 4,000 |",
        "| update | 700/s | ≥ 800/s | not met |",
        "fsync on",
        "2026-01-31, abc",
    ):
        assert expected in text


def test_the_terminal_shows_the_same_numbers(results: Results) -> None:
    shown = StringIO()
    show(results, Console(file=shown, width=200))
    text = shown.getvalue()
    assert "3,500" in text
    assert "not met" in text


def test_results_replace_the_former_ones_and_nothing_else(results: Results, tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", encoding="utf-8")
    write_docs(results, page)
    write_docs(results, page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Before\n\n{BEGIN}\n")
    assert text.endswith(f"{END}\n\nAfter.\n")
    assert "old" not in text
    assert text.count("| read | 3,500 |") == 1


def test_a_page_without_a_place_for_results_is_left_alone(results: Results, tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("# Other", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the marks"):
        write_docs(results, page)
    assert page.read_text(encoding="utf-8") == "# Other"
