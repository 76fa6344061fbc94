"""Where findings stand in the bytes as they were given: lines, columns, and the lines around, secrets left out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from gateproof.catalog.policy import InputKind
from gateproof.documents import Format, Place, Position, lines_around, positions, sniff
from gateproof.documents.text import to_utf8
from gateproof.engines.interface import Finding
from gateproof.errors import GateproofError
from gateproof.inputs.input import Input
from gateproof.render.report import Spot

LOCATED = 1_000
"""Findings of one file that get a line; reports name resource and path for all of them."""
EXCERPTS = 25
"""Findings of one file that get the lines around them."""

_VALUE_BELOW_KEY = re.compile(rb'"[ \t\r]*\n\s*+:|:[ \t\r]*\n\s*+[^{\[]')


def spots(
    raw: bytes, subject: Input, findings: Sequence[Finding], secretive: Collection[str] = ()
) -> dict[Place, Spot]:
    """A spot for each (document, path) of ``findings`` in ``raw``, the bytes that ``subject`` was parsed from.

    ``secretive``: the policies whose findings are secrets. Where one found any, no lines are shown: the secret may
    stand on any of them.
    """
    wanted = list(dict.fromkeys((finding.document, finding.path) for finding in findings if finding.path))[:LOCATED]
    form = _form(raw, subject)
    if not wanted:
        return {}
    secret = {(redaction.document, redaction.path) for redaction in subject.redactions}
    found = _positions(raw, form, subject, [*wanted, *secret])
    secrets = {found[place].line for place in secret if place in found}
    shown = EXCERPTS if found.keys() >= secret and not (secret and _may_stray(raw, form, subject)) else 0
    if any(finding.policy in secretive for finding in findings):
        shown = 0
    located = {}
    for number, place in enumerate(wanted):
        if place in found:
            position = found[place]
            excerpt = _excerpt(raw, position, secrets, form) if number < shown else ()
            located[place] = Spot(position.line, position.column, excerpt)
    return located


def _form(raw: bytes, subject: Input) -> Format:
    """How the bytes were read."""
    if subject.subject.kind is InputKind.DOCKERFILE:
        return Format.DOCKERFILE
    return Format.JSON if sniff(raw, None) is Format.JSON else Format.YAML


def _may_stray(raw: bytes, form: Format, subject: Input) -> bool:
    """Whether a secret may stand elsewhere than on the line of its key.

    In JSON, where a key and its scalar are on different lines; in YAML, where there is an anchor or a duplicate key.
    """
    if form is Format.JSON:
        return _VALUE_BELOW_KEY.search(to_utf8(raw)) is not None
    return bool(subject.remarks) or b"&" in raw


def _positions(raw: bytes, form: Format, subject: Input, wanted: Iterable[Place]) -> dict[Place, Position]:
    """Positions by place in the Input: documents of a stream were flattened, and stand elsewhere in the bytes."""
    in_stream = {place: _in_stream(subject, place) for place in wanted}
    try:
        found = positions(raw, form, in_stream.values())
    except GateproofError:
        return {}
    return {place: found[where] for place, where in in_stream.items() if where in found}


def _in_stream(subject: Input, place: Place) -> Place:
    document, path = place
    if not subject.places:
        return place
    home, above = subject.places[document]
    return home, (*above, *path)


def _excerpt(raw: bytes, position: Position, secrets: set[int], form: Format) -> tuple[tuple[int, str], ...]:
    """The lines around; none where a secret could be among them.

    A JSON string ends on its line, so the lines that hold one are known. A YAML one may go on below.
    """
    lines = lines_around(raw, position)
    if form is Format.YAML and any(line <= number for line in secrets for number, _ in lines):
        return ()
    if all(number in secrets for number, _ in lines):
        return ()
    return tuple((number, "(holds a redacted value)" if number in secrets else text) for number, text in lines)
