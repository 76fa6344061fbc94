"""A diagnosis → text for a terminal, and JSON."""

from __future__ import annotations

import textwrap

import msgspec

from gateproof.onboarding.diagnosis import Diagnosis
from gateproof.render.untrusted import json_document, plain


def json(diagnosis: Diagnosis) -> str:
    """As JSON: docs/reference/diagnosis.schema.json."""
    return json_document(msgspec.json.encode(diagnosis))


def text(diagnosis: Diagnosis, width: int = 100) -> str:
    """Every problem with its place, why it matters and what to do; then what could not be checked, and the count."""
    lines: list[str] = []
    for problem in diagnosis.problems:
        lines.append(f"✗ {problem.check}: {plain(problem.what)}")
        for name in ("where", "why", "next"):
            lines += _hanging(name, getattr(problem, name), width)
        lines.append("")
    for unchecked in diagnosis.unchecked:
        lines += [f"? {unchecked.check}: not checked", *_hanging("why", unchecked.why, width), ""]
    count = len(diagnosis.problems)
    found = f"{count} problem{'' if count == 1 else 's'}"
    lines.append(f"{found}; checked {', '.join(diagnosis.checked) or 'nothing'}")
    return "\n".join(lines) + "\n"


def _hanging(name: str, said: str, width: int) -> list[str]:
    return textwrap.wrap(
        plain(said),
        max(width, 60),
        initial_indent=f"  {name:<5}  ",
        subsequent_indent=" " * 9,
        break_on_hyphens=False,
        break_long_words=False,
    )
