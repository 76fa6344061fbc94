"""The index finds what a question asks for, can be deleted, and fails as a store does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from gateproof.answers.index import Index, Record
from gateproof.answers.question import Question
from gateproof.catalog.bundle import Bundle
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.policy import EngineName, InputKind, Policy
from gateproof.catalog.scales import Classification, Environment, Layer, Severity, Tier
from gateproof.engines.interface import Outcome, Result
from gateproof.errors import LogError, StoreError
from gateproof.gate.decision import Core, Departure, Scene, Verdict
from gateproof.inputs.input import Subject

DIGEST = "sha256:" + 64 * "0"
ORIGIN = "example.com/log"


def policy(name: str, *controls: str) -> Policy:
    return Policy(id=name, engine=EngineName.REGO, title=name, severity=Severity.HIGH, controls=controls)


BUNDLE = Bundle((policy("encrypted", "c:1", "c:2"), policy("private", "c:3")), (), DEFAULT)


def record(
    entry: int,
    *,
    outcome: Outcome = Outcome.PASS,
    service: str = "payments",
    environment: Environment = Environment.PROD,
    at: str = "2026-03-01T00:00:00Z",
    layer: Layer = Layer.CI,
) -> Record:
    """A decision that ``encrypted`` had its say in, and ``private`` skipped; undecided at CD."""
    scene = Scene(
        service=service, environment=environment, tier=Tier.ONE, data_classification=Classification.RESTRICTED
    )
    core = Core(
        verdict=Verdict.ALLOW,
        subject=Subject(InputKind.KUBERNETES, DIGEST, 1),
        input=DIGEST,
        bundle=BUNDLE.digest,
        gate_table=DIGEST,
        decided_at=at,
        scene=scene,
        tool="gateproof",
        results=(Result("encrypted", "r", outcome), Result("private", "", Outcome.SKIP, "why")),
        departures=(Departure(Layer.CD, Verdict.UNDECIDED),),
    )
    return Record(
        entry=entry, digest=f"d{entry}", envelope=f"e{entry}", name="n", core=core, bundle=BUNDLE, layer=layer
    )


@pytest.fixture
def index() -> Iterator[Index]:
    with Index(":memory:", ORIGIN) as opened:
        yield opened


def found(index: Index, **question: object) -> list[int]:
    return [row.entry for row in index.find(msgspec.convert(question, Question))]


def test_questions_select_by_what_they_name(index: Index) -> None:
    index.add(
        [
            record(0),
            record(2, service="orders", at="2026-04-01T00:00:00Z"),
            record(4, environment=Environment.DEV, at="2026-02-01T12:00:00Z"),
            record(6, outcome=Outcome.SKIP),
        ],
        8,
    )
    assert found(index) == [2, 6, 0, 4]
    assert found(index, controls=("c:1",)) == [2, 0, 4]
    assert found(index, controls=("c:1", "c:3"), telling=("c:3",)) == []
    assert found(index, service="orders") == [2]
    assert found(index, environment="dev") == [4]
    assert found(index, tier="2") == []
    assert found(index, classification="restricted", since="2026-03-01", until="2026-04-01") == [6, 0]
    assert index.services() == ("orders", "payments")
    assert index.policies(("c:1", "c:9")) == {"c:1": {"encrypted"}, "c:9": set()}


def test_texts_are_values_never_statements(index: Index) -> None:
    name = "'); DROP TABLE decisions; --\x00"
    index.add([record(0, service=name)], 1)
    assert found(index, service=name) == [0]
    assert found(index, controls=("' OR 1=1 --",)) == []


def test_the_verdict_is_the_one_of_the_layer_that_asked(index: Index) -> None:
    index.add([record(0), record(2, layer=Layer.CI), record(4, layer=Layer.CD)], 6)
    assert {row.entry: row.verdict for row in index.find(Question())} == {0: "ALLOW", 2: "ALLOW", 4: "UNDECIDED"}


def test_adding_is_all_or_nothing(index: Index) -> None:
    def records() -> Iterator[Record]:
        yield record(0)
        raise LogError("damaged")

    with pytest.raises(LogError):
        index.add(records(), 2)
    assert (index.size, index.find(Question())) == (0, [])


def test_a_file_keeps_what_was_indexed(tmp_path: Path) -> None:
    path = str(tmp_path / "index")
    with Index(path, ORIGIN) as index:
        index.add([record(0)], 2)
    with Index(path, ORIGIN) as index:
        assert (index.size, found(index)) == (2, [0])
        index.add([record(0), record(2)], 4)
        assert found(index) == [2, 0]


def test_the_index_of_another_log_is_made_anew(tmp_path: Path) -> None:
    path = str(tmp_path / "index")
    with Index(path, ORIGIN) as index:
        index.add([record(0)], 2)
    with Index(path, "example.com/other") as index:
        assert (index.size, found(index), index.services()) == (0, [], ())


def test_an_index_ahead_of_its_log_is_refused(index: Index) -> None:
    index.add([record(0)], 2)
    with pytest.raises(StoreError, match="2 entries and the log 1"):
        index.add([], 1)


def test_a_file_that_is_no_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and long enough to be looked at " * 20)
    for wrong in (path, tmp_path, tmp_path / "missing" / "index"):
        with pytest.raises(StoreError) as caught:
            Index(str(wrong), ORIGIN)
        assert caught.value.where == str(wrong)
    assert path.read_text().startswith("not a database")


def test_a_file_that_is_damaged_later_is_a_store_error(tmp_path: Path) -> None:
    path = tmp_path / "index"
    with Index(str(path), ORIGIN) as index:
        index.add([record(0)], 2)
        connection = sqlite3.connect(path)
        connection.executescript("DROP TABLE decisions; DROP TABLE citations")
        connection.close()
        for ask in (lambda: index.find(Question()), index.services, lambda: index.add([record(2)], 4)):
            with pytest.raises(StoreError, match="cannot be used"):
                ask()


def test_what_could_not_be_read_is_counted_in_its_scope(index: Index) -> None:
    unread = record(0)
    core = msgspec.structs.replace(unread.core, subject=Subject(InputKind.UNKNOWN, DIGEST, 1), results=())
    index.add([msgspec.structs.replace(unread, core=core), record(2)], 4)
    assert index.unread(Question()) == 1
    assert index.unread(Question(service="another")) == 0


def test_the_database_of_another_application_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.sqlite"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE precious (a)")
        theirs.commit()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another application"):
        Index(str(path), ORIGIN)
    assert path.read_bytes() == before
