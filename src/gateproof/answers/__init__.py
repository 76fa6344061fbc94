"""Answers: an auditor's question answered from the log, through an index that can be rebuilt at any time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from gateproof.answers.answer import Answer, Exhibit, compose
from gateproof.answers.index import Index
from gateproof.answers.question import Question, check_date, understand
from gateproof.answers.reading import Reader, Seen, open_evidence

if TYPE_CHECKING:
    from gateproof.catalog.frameworks import Catalog

__all__ = [
    "Answer",
    "Exhibit",
    "Index",
    "Question",
    "Reader",
    "Seen",
    "answer",
    "ask",
    "check_date",
    "open_evidence",
    "update",
]


def ask(
    text: str, controls: Sequence[str] = (), services: Collection[str] = (), catalog: Catalog | None = None
) -> Question:
    """The question in ``text``, or for ``controls`` in any spelling, with the ids that ``catalog`` knows.

    Without a ``catalog`` those count that are shipped. Raises PolicyError for a control that is unknown, UsageError for
    a date that is none.
    """
    import msgspec

    from gateproof.catalog.frameworks import shipped
    from gateproof.catalog.topics import find, telling

    question = understand(text, services)
    known = catalog or shipped()
    if controls:
        ids = tuple(dict.fromkeys(known.resolve(control) for control in controls))
        return msgspec.structs.replace(question, controls=ids, telling=ids)
    ids = tuple(control.id for control in find(question.topic, known))
    return msgspec.structs.replace(question, controls=ids, telling=telling(question.topic, known))


def answer(
    question: Question, index: Index, reader: Reader, *, store: str, now: str, catalog: Catalog | None = None
) -> Answer:
    """The answer to ``question`` from verified evidence; ``index`` is up to date with the log (``update``).

    ``store`` is how to name the store in the commands that check the answer; ``now`` is RFC 3339 UTC; ``catalog`` is
    what the question was understood with.
    """
    from gateproof.catalog.frameworks import shipped

    known = (catalog or shipped()).controls
    return compose(question, [known[control] for control in question.controls], index, reader, store=store, now=now)


def update(index: Index, reader: Reader) -> None:
    """Bring ``index`` up to date with the log, every new entry verified. Raises as ``Reader`` does."""
    index.add(reader.records(index.size), len(reader.view))
