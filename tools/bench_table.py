"""Put the figures of a ``make bench`` run into the README.

Usage: make bench | .venv/bin/python tools/bench_table.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
_PLACE = re.compile(r"(<!-- bench -->\n).*?(<!-- end -->)", re.DOTALL)
# As benchmarks/measure.py prints a figure: name, ratio, aim and what was measured, in columns.
_FIGURE = re.compile(r"(.{52}) +([\d.]+) ×   (.{22}) (.*)")


def table(lines: Iterable[str]) -> str:
    """The figures among ``lines`` as a Markdown table; a line of text where there are none."""
    figures = [match for line in lines if (match := _FIGURE.fullmatch(line.rstrip("\n")))]
    if not figures:
        return "No figures are recorded yet.\n"
    rows = ["| what | ratio | aim | measured |", "| --- | --- | --- | --- |"]
    rows += [f"| {' | '.join(cell.strip() for cell in figure.groups())} |" for figure in figures]
    return "\n".join(rows) + "\n"


def place(readme: str, text: str) -> str:
    """``readme`` with ``text`` where the figures belong."""
    return _PLACE.sub(lambda match: f"{match[1]}{text}{match[2]}", readme)


if __name__ == "__main__":
    said = sys.stdin.readlines()
    sys.stdout.writelines(said)
    README.write_text(place(README.read_text(encoding="utf-8"), table(said)), encoding="utf-8")
