"""The gate of a running server: what it answers whom, when its clock goes back and when its spool does not work."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.server import reviews

from gateproof.server.admission import Served
from gateproof.server.gate import Clock, Gate
from gateproof.server.http import Request, Response
from gateproof.server.spool import Spool
from gateproof.server.telemetry import Telemetry
from gateproof.settings.schema import Admission, BreakGlass
from gateproof.settings.schema import Spool as Limits

POST = Request("POST", "/validate", "application/json", reviews.review(reviews.pod(owner="shop")))


class Asked:
    """What a gate answered, what it said for its log, and what it counted."""

    def __init__(self, answers: list[Response], said: list[str], telemetry: Telemetry) -> None:
        self.answers = answers
        self.said = said
        self.metrics = telemetry.exposition().decode()

    @property
    def responses(self) -> list[dict[str, Any]]:
        return [json.loads(answer.body)["response"] for answer in self.answers]


def ask(*requests: Request, served: Served | None = None, spool: Callable[[Gate], Spool] | None = None) -> Asked:
    """Put requests to a gate, all at once."""
    said: list[str] = []
    telemetry = Telemetry()

    async def run() -> list[Response]:
        gate = Gate(served or reviews.served(), telemetry, Clock(telemetry), said.append)
        if spool is None:
            return list(await asyncio.gather(*map(gate.answer, requests)))
        gate.spool = spool(gate)
        try:
            return list(await asyncio.gather(*map(gate.answer, requests)))
        finally:
            gate.spool.close()

    return Asked(asyncio.run(run()), said, telemetry)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"path": "/"}, 404),
        ({"method": "GET"}, 405),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": ""}, 415),
        ({"body": b"{}"}, 400),
        ({"content_type": "Application/JSON; charset=utf-8"}, 200),
    ],
)
def test_requests_that_are_no_reviews(changed: dict[str, Any], status: int) -> None:
    asked = ask(POST._replace(**changed))
    assert [answer.status for answer in asked.answers] == [status]
    counted = f'gateproof_admission_bad_requests_total{{status="{status}"}} 1' in asked.metrics
    assert counted is (status != 200)


def test_a_failure_of_ours_lets_nothing_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr("gateproof.server.gate.review", fail)
    asked = ask(POST)
    assert [answer.status for answer in asked.answers] == [500]
    assert asked.said == ["error: a review failed: ZeroDivisionError: of all things"]


def test_answers_are_durable(tmp_path: Path) -> None:
    asked = ask(*[POST] * 20, spool=lambda gate: Spool(tmp_path, 1 << 30, gate.told))
    assert [response["allowed"] for response in asked.responses] == [True] * 20
    assert 'reviews_total{verdict="ALLOW",answer="allowed",dry_run="false"} 20' in asked.metrics


@pytest.mark.parametrize(
    ("when_full", "body", "allowed"),
    [
        ("deny", POST.body, False),
        ("allow", POST.body, True),
        ("allow", reviews.review(), False),
        ("deny", reviews.review(reviews.pod(namespace="gateproof-system")), True),
        ("deny", reviews.review(reviews.pod(namespace="gateproof-system", owner="us")), True),
    ],
    ids=["refused", "let in", "what is denied stays so", "our own namespace", "what passes in our own namespace"],
)
def test_a_full_spool(tmp_path: Path, when_full: Any, body: bytes, allowed: bool) -> None:
    served = reviews.served(admission=Admission(spool=Limits(when_full=when_full)))
    asked = ask(POST._replace(body=body), served=served, spool=lambda gate: Spool(tmp_path, 100, gate.told))
    assert [response["allowed"] for response in asked.responses] == [allowed]
    assert "gateproof_admission_unrecorded_total 1" in asked.metrics
    assert "the spool is full" in asked.said[0]
    assert "the spool is full" in json.dumps(asked.responses[0])


def test_a_disk_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Spool):
        def hold(self, record: bytes, blobs: object, token: object) -> None:
            """Take it, and never tell."""

    monkeypatch.setattr("gateproof.server.gate._RECORD_SECONDS", 0.01)
    asked = ask(POST, spool=lambda gate: Silent(tmp_path, 1 << 20, gate.told))
    assert asked.responses[0]["allowed"] is False
    assert "takes too long" in asked.said[0]


def test_a_process_that_was_held_up_does_not_blame_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(Spool):
        def hold(self, record: bytes, blobs: object, token: Any) -> None:
            """Durable at once, but nothing runs here until the time is over."""
            del record, blobs
            loop = asyncio.get_running_loop()
            loop.call_soon(time.sleep, 0.1)
            loop.call_later(0.05, token.set_result, None)

    monkeypatch.setattr("gateproof.server.gate._RECORD_SECONDS", 0.05)
    asked = ask(POST, spool=lambda gate: Late(tmp_path, 1 << 20, gate.told))
    assert asked.responses[0]["allowed"] is True


def test_refusals_and_break_glass_are_told() -> None:
    glass = reviews.pod(namespace="break-glass")
    served = reviews.served(
        admission=Admission(break_glass=BreakGlass(namespace="break-glass", expires="2999-01-01T00:00:00Z"))
    )
    asked = ask(POST, POST._replace(body=reviews.review()), POST._replace(body=reviews.review(glass)), served=served)
    assert [line.split(" by ")[0] for line in asked.said] == [
        "info: DENY CREATE pods/shop/web",
        "warning: break-glass: DENY was not enforced: CREATE pods/break-glass/web",
    ]
    assert "gateproof_admission_break_glass_total 1" in asked.metrics


def test_time_never_goes_back() -> None:
    telemetry = Telemetry()
    times = iter([1000.2, 1000.9, 1003.0, 900.0, 901.0, 1003.5, 1004.0])
    clock = Clock(telemetry, lambda: next(times))
    told = [clock.now()[-3:-1] for _ in range(4)]
    assert told == ["40", "40", "43", "43"]
    assert clock.behind == 103
    assert [clock.now()[-3:-1] for _ in range(3)] == ["43", "43", "44"]
    assert clock.behind == 0
    assert telemetry.clock_backwards.value() == 1
