"""What `gateproof init` proposes → text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from gateproof.onboarding.snippets import Snippet
from gateproof.onboarding.starter import Choice
from gateproof.onboarding.weeks import Progress, Week
from gateproof.render.untrusted import block, plain

_MARKS = {Progress.DONE: "✓", Progress.NEXT: "→", Progress.CHECK: "?", Progress.NOT_YET: "–"}


def choices(chosen: Sequence[Choice]) -> str:
    """The policies to begin with, and why each."""
    column = max(len(choice.policy.id) for choice in chosen)
    lines = ["Three policies to begin with", ""]
    lines += [f"  {plain(choice.policy.id):{column}}  {plain(choice.why)}" for choice in chosen]
    return "\n".join(lines) + "\n"


def change(diff: str, notes: Iterable[str]) -> str:
    """A diff, and what it leaves to its reader."""
    return "\n".join([*block(diff), *(f"note: {plain(note)}" for note in notes)]) + "\n"


def snippet(offered: Snippet) -> str:
    """A file that could be made, or lines that could be added to one."""
    head = f"For {plain(offered.path)}, where it puts the gate to work:"
    notes = (f"  note: {plain(note)}" for note in offered.notes)
    return "\n".join([head, "", *(f"  {line}".rstrip() for line in block(offered.text)), *notes]) + "\n"


def week(planned: Week, width: int = 100) -> str:
    """A week's steps: what is done first, then what is next, with why and how."""
    lines = [f"Week {planned.number}: {planned.title}"]
    for step in planned.steps:
        lines += ["", f"{_MARKS[step.progress]} {plain(step.what)}  ({step.progress})"]
        lines += textwrap.wrap(
            plain(step.why),
            max(width, 60),
            initial_indent="  ",
            subsequent_indent="  ",
            break_on_hyphens=False,
            break_long_words=False,
        )
        lines += [f"    {plain(line)}".rstrip() for line in step.how]
    return "\n".join(lines) + "\n"
