"""Problems of policies → text, JSON, or GitHub Actions workflow commands."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gateproof.engines.linting.interface import Level, Problem
from gateproof.render.untrusted import encodable, json_document, plain, workflow_data, workflow_property

VERSION = 1
"""Raised when a field of the JSON changes its meaning or goes away; new fields do not raise it."""


def text(problems: Sequence[Problem], policies: int) -> str:
    """A line each, and a last one that counts."""
    lines = [f"{plain(_place(each))}: {each.level} {each.code}: {plain(each.message)}" for each in problems]
    return "\n".join((*lines, _counted(problems, policies), ""))


def json(problems: Sequence[Problem], policies: int) -> str:
    """One object: ``version``, ``policies`` (how many), ``problems``: file, line (or null), level, code, message."""
    found = [
        {
            "file": encodable(each.file),
            "line": each.line or None,
            "level": each.level,
            "code": each.code,
            "message": each.message,
        }
        for each in problems
    ]
    return json_document(msgspec.json.encode({"version": VERSION, "policies": policies, "problems": found}))


def github(problems: Sequence[Problem], policies: int) -> str:
    """One command a problem, which GitHub shows as an annotation on its line."""
    lines = []
    for each in problems:
        line = f",line={each.line}" if each.line else ""
        place = f"file={workflow_property(each.file)}{line},title={workflow_property(each.code)}"
        lines.append(f"::{each.level} {place}::{workflow_data(each.message)}")
    return "\n".join((*lines, _counted(problems, policies), ""))


def _place(problem: Problem) -> str:
    return f"{problem.file}:{problem.line}" if problem.line else problem.file


def _counted(problems: Sequence[Problem], policies: int) -> str:
    errors = sum(each.level is Level.ERROR for each in problems)
    named = f"{policies} {'policy' if policies == 1 else 'policies'}"
    return f"{named}: {errors} errors, {len(problems) - errors} warnings" if problems else f"{named}: nothing to say"
