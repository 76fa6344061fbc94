"""Watching runs again on changes and on nothing else, and ends when it is interrupted."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateproof.cli.watching import repeat
from gateproof.errors import UsageError


def script(*steps: Callable[[], object]) -> Callable[[float], None]:
    """A sleep that takes a step each time, and is interrupted at the end."""
    waiting = list(steps)

    def sleep(seconds: float) -> None:
        assert seconds > 0
        if not waiting:
            raise KeyboardInterrupt
        waiting.pop(0)()

    return sleep


def nothing() -> None:
    pass


def test_it_runs_once_and_then_on_changes(tmp_path: Path) -> None:
    file = tmp_path / "a.rego"
    file.write_text("package a")
    runs: list[str] = []

    def change() -> None:
        file.write_text("package a\nx := 1")
        os.utime(file, ns=(1, 1))

    sleep = script(
        nothing,
        change,
        nothing,
        lambda: (tmp_path / "b.rego").write_text("package b"),
        nothing,
        lambda: (tmp_path / ".hidden").mkdir(),
        file.unlink,
    )
    counted: list[int] = []

    def run() -> None:
        runs.append(file.read_text() if file.exists() else "gone")
        counted.append(len(os.listdir(tmp_path)))

    repeat([str(tmp_path)], run, sleep=sleep)
    assert runs == ["package a", "package a\nx := 1", "package a\nx := 1", "gone"]
    assert counted == [1, 1, 2, 2]


def test_errors_are_told_and_end_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run() -> None:
        raise UsageError("nothing here", hint="look elsewhere")

    repeat([str(tmp_path), "/no/such/place"], run, sleep=script(nothing))
    assert capsys.readouterr().err == "error: nothing here\nnext:  look elsewhere\n"


def test_a_bug_ends_nothing_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs: list[int] = []

    def run() -> None:
        runs.append(1)
        raise ValueError("odd")

    repeat([str(tmp_path)], run, sleep=script(lambda: (tmp_path / "a").write_text("")))
    assert len(runs) == 2
    assert capsys.readouterr().err.count("error: internal: ValueError: odd") == 2


def test_what_changed_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "a.rego", tmp_path / "data.json"
    steps = (
        lambda: first.write_text(""),
        lambda: (first.write_text("package a"), second.write_text("{}")),
        first.unlink,
        lambda: (tmp_path / "\x1b[31m").write_text(""),
    )
    repeat([str(tmp_path)], nothing, sleep=script(*steps))
    lines = capsys.readouterr().err.splitlines()
    assert lines[:3] == [f"--- new: {first}", f"--- changed: {first} and 1 more", f"--- gone: {first}"]
    assert "\x1b" not in lines[3]


def test_what_it_writes_is_not_watched(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    runs: list[int] = []

    def run() -> None:
        runs.append(1)
        report.write_text("x" * len(runs))

    repeat([str(tmp_path)], run, but=[str(tmp_path / "." / "report.xml")], sleep=script(nothing, nothing))
    assert len(runs) == 1
