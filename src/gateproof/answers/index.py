"""Index: a view of the log that finds decisions quickly. It can be deleted and rebuilt at any time.

It holds digests and the few columns that questions select by; everything that an answer shows is read from the log's
blobs and checked against their digests.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

import msgspec

from gateproof.answers.question import Question
from gateproof.catalog.bundle import Bundle
from gateproof.catalog.scales import Layer
from gateproof.errors import StoreError
from gateproof.gate.decision import Core, Disposition, Verdict

_APPLICATION = 0x67706978  # "gpix"; says in the file that it is ours
_FORMAT = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (format INTEGER NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS decisions (
  entry INTEGER PRIMARY KEY, digest TEXT NOT NULL, envelope TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
  subject TEXT NOT NULL, bundle TEXT NOT NULL, service TEXT NOT NULL, environment TEXT NOT NULL, tier TEXT NOT NULL,
  classification TEXT NOT NULL, verdict TEXT NOT NULL, decided_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS decisions_by_time ON decisions (decided_at);
CREATE INDEX IF NOT EXISTS decisions_by_service ON decisions (service, decided_at);
CREATE TABLE IF NOT EXISTS outcomes (
  entry INTEGER NOT NULL, policy TEXT NOT NULL, outcome TEXT NOT NULL, resources INTEGER NOT NULL,
  PRIMARY KEY (entry, policy, outcome)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS citations (
  bundle TEXT NOT NULL, policy TEXT NOT NULL, control TEXT NOT NULL, PRIMARY KEY (bundle, policy, control)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS citations_by_control ON citations (control);
"""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as the log holds it: entry number, digests, the name it was judged under, and its core and bundle.
    ``layer`` is where it was asked.
    """

    entry: int
    digest: str
    envelope: str
    name: str
    core: Core
    bundle: Bundle
    layer: Layer

    @property
    def verdict(self) -> Verdict:
        """The verdict at the layer where it was asked."""
        return self.core.verdict_at(self.layer)

    @property
    def dispositions(self) -> tuple[Disposition, ...]:
        """What was done with each finding at the layer where it was asked."""
        return self.core.dispositions_at(self.layer)


class Row(msgspec.Struct, frozen=True):
    """A decision as the index holds it."""

    entry: int
    digest: str
    envelope: str
    name: str
    kind: str
    subject: str
    bundle: str
    service: str
    environment: str
    tier: str
    classification: str
    verdict: str
    decided_at: str


class Index:
    """The index of one log, in a SQLite file or in memory. Use as a context manager."""

    def __init__(self, path: str, origin: str) -> None:
        """Open or create the index for the log ``origin``; one of another log or format is made anew.

        Its methods raise StoreError when the file cannot be read or written.
        """
        self._path = path
        with self._translated():
            self._connection = sqlite3.connect(path)
            self._prepare(origin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            hint = "delete the file if it is an index, it is rebuilt from the log; or name another"
            raise StoreError(f"the index cannot be used: {error}", where=self._path, hint=hint) from None

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._translated():
            return self._connection.execute(statement, values).fetchall()

    def _prepare(self, origin: str) -> None:
        connection = self._connection
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != _APPLICATION:
            raise sqlite3.DatabaseError("it is the database of another application")
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.executescript(_SCHEMA)
        state = connection.execute("SELECT format, origin FROM state").fetchall()
        if state != [(_FORMAT, origin)]:
            for table in ("state", "decisions", "outcomes", "citations"):
                connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.executescript(_SCHEMA)
            connection.execute("INSERT INTO state VALUES (?, ?, 0)", (_FORMAT, origin))
        connection.commit()

    @property
    def size(self) -> int:
        """How many entries of the log are indexed."""
        return int(self._rows("SELECT size FROM state")[0][0])

    def add(self, records: Iterable[Record], size: int) -> None:
        """Index ``records``; afterwards the first ``size`` entries of the log are. All or nothing."""
        if size < self.size:
            raise StoreError(
                f"the index has {self.size} entries and the log {size}",
                where=self._path,
                hint="if the log was not rolled back, delete the index; it is rebuilt from the log",
            )
        with self._translated(), self._connection as connection:
            for record in records:
                _insert(connection, record)
            connection.execute("UPDATE state SET size = ?", (size,))

    def services(self) -> tuple[str, ...]:
        """Names of all services that were judged."""
        rows = self._rows("SELECT DISTINCT service FROM decisions WHERE service <> '' ORDER BY service")
        return tuple(name for (name,) in rows)

    def find(self, question: Question) -> list[Row]:
        """Decisions that the question asks for, newest first: a policy that cites a telling control applied."""
        where, values = _conditions(question)
        columns = ", ".join(f"decisions.{column}" for column in Row.__struct_fields__)
        statement = f"SELECT {columns} FROM decisions WHERE {where} ORDER BY decided_at DESC, entry DESC"  # noqa: S608
        return [Row(*row) for row in self._rows(statement, values)]

    def unread(self, question: Question) -> int:
        """How many decisions in the question's scope were on bytes that could not be read as anything."""
        scope = msgspec.structs.replace(question, controls=(), telling=())
        where, values = _conditions(scope)
        return int(self._rows(f"SELECT count(*) FROM decisions WHERE kind = 'unknown' AND {where}", values)[0][0])  # noqa: S608

    def policies(self, controls: Sequence[str]) -> dict[str, set[str]]:
        """For each control, the policies that cite it in any recorded bundle."""
        found: dict[str, set[str]] = {control: set() for control in controls}
        for control in controls:
            rows = self._rows("SELECT DISTINCT policy FROM citations WHERE control = ?", (control,))
            found[control].update(policy for (policy,) in rows)
        return found


def _insert(connection: sqlite3.Connection, record: Record) -> None:
    core = record.core
    scene = core.scene
    row = Row(
        record.entry,
        record.digest,
        record.envelope,
        record.name,
        core.subject.kind,
        core.subject.digest,
        core.bundle,
        scene.service,
        scene.environment,
        scene.tier,
        scene.data_classification,
        record.verdict,
        core.decided_at,
    )
    marks = ", ".join("?" * len(Row.__struct_fields__))
    connection.execute(
        f"INSERT OR REPLACE INTO decisions VALUES ({marks})",  # noqa: S608 - question marks only
        tuple(map(_plain, msgspec.structs.astuple(row))),
    )
    counts: dict[tuple[str, str], int] = {}
    for result in core.results:
        key = (result.policy, result.outcome.value)
        counts[key] = counts.get(key, 0) + 1
    outcomes = [(record.entry, policy, outcome, count) for (policy, outcome), count in counts.items()]
    connection.executemany("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?)", outcomes)
    citations = [(core.bundle, policy.id, control) for policy in record.bundle.policies for control in policy.controls]
    connection.executemany("INSERT OR IGNORE INTO citations VALUES (?, ?, ?)", citations)


def _plain(value: object) -> object:
    return value.value if hasattr(value, "value") else value


def _conditions(question: Question) -> tuple[str, list[str]]:
    parts, values = ["1"], []
    columns = (
        ("service = ?", question.service),
        ("environment = ?", question.environment),
        ("tier = ?", question.tier),
        ("classification = ?", question.classification),
        ("decided_at >= ?", question.since),
        ("decided_at < ?", question.until),
    )
    for condition, value in columns:
        if value:
            parts.append(condition)
            values.append(str(value))
    if controls := question.telling or question.controls:
        marks = ", ".join("?" * len(controls))
        cited = (
            "SELECT 1 FROM outcomes o JOIN citations c ON c.policy = o.policy AND c.bundle = decisions.bundle"  # noqa: S608
            f" WHERE o.entry = decisions.entry AND o.outcome <> 'skip' AND c.control IN ({marks})"
        )
        parts.append(f"EXISTS ({cited})")
        values.extend(controls)
    return " AND ".join(parts), values
