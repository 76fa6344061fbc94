"""What a past decision was made on, to be judged again."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gateproof import inputs
from gateproof.answers.reading import Reader
from gateproof.catalog.gate_table import GateTable
from gateproof.documents.instants import instant
from gateproof.inputs.context import Context, Fact
from gateproof.inputs.input import Input


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """The input, facts and context of the decision in log entry ``entry``, made at ``at`` (RFC 3339 UTC)."""

    entry: int
    name: str
    subject: Input
    facts: dict[str, Fact]
    context: Context
    gate_table: GateTable
    at: str


def recorded(reader: Reader, since: str) -> Iterator[Recorded]:
    """The decisions made since ``since`` (RFC 3339 UTC), in the order of the log, verified as they are read.

    Of several on the same input in the same place, only the last: they would be judged alike. Raises LogError,
    TrustError and StoreError for evidence that does not hold.
    """
    last = {}
    for record in reader.records():
        core, scene = record.core, record.core.scene
        if instant(core.decided_at) >= instant(since):
            place = (core.input, scene.environment, scene.tier, scene.data_classification, core.gate_table)
            last[place, tuple(sorted(core.facts.items()))] = record.entry
    for entry in sorted(last.values()):
        yield of(reader, entry)


def of(reader: Reader, entry: int) -> Recorded:
    """What the decision of log entry ``entry`` was made on. Raises LogError, TrustError and StoreError."""
    record, predicate = reader.record(entry), reader.predicate(entry)
    core, scene = record.core, record.core.scene
    return Recorded(
        entry=entry,
        name=record.name,
        subject=inputs.decode(reader.view.blob(core.input)),
        facts={name: reader.fact(digest) for name, digest in core.facts.items()},
        context=Context(
            service=scene.service,
            environment=scene.environment,
            tier=scene.tier,
            data_classification=scene.data_classification,
            commit=scene.commit,
            artifact=scene.artifact,
            author=scene.author,
            claims=scene.claims,
            layer=predicate.layer,
            actor=predicate.actor,
            surface=predicate.surface,
        ),
        gate_table=record.bundle.gate_table,
        at=core.decided_at,
    )
