"""Figures of a benchmark run become the README's table."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from benchmarks import measure
from tools import bench_table


def test_a_reported_figure_is_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    measure.report("conftest / gateproof: process, 20,000 resources", 3.14159, "aim at 3", "conftest 9 s")
    said = capsys.readouterr().out + "checkov is not installed (make peers): left out\n"
    assert bench_table.table(said.splitlines(keepends=True)).splitlines()[2:] == [
        "| conftest / gateproof: process, 20,000 resources | 3.14 | aim at 3 | conftest 9 s |"
    ]


def test_the_table_stands_in_its_place() -> None:
    readme = "before\n<!-- bench -->\nold\n<!-- end -->\nafter\n"
    assert bench_table.place(readme, "new\n") == "before\n<!-- bench -->\nnew\n<!-- end -->\nafter\n"


def test_the_readme_has_the_place() -> None:
    readme = bench_table.README.read_text(encoding="utf-8")
    assert "a table of this test" in bench_table.place(readme, "a table of this test\n")


def test_no_figures_are_no_table() -> None:
    assert bench_table.table(["nothing\n"]) == "No figures are recorded yet.\n"
