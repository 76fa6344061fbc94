"""The gate of a running server: a request in, the answer out, the decision recorded in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from gateproof.documents.instants import instant
from gateproof.errors import StoreError
from gateproof.gate.decision import Verdict
from gateproof.server.admission import BREAK_GLASS, Reviewed, Served, UnanswerableError, review, unrecorded
from gateproof.server.held import Packer
from gateproof.server.http import Request, Response
from gateproof.server.spool import Spool
from gateproof.server.telemetry import Telemetry

PATH = "/validate"
JSON = "application/json"

_RECORD_SECONDS = 2.0
"""An API server waits for 5 to 10 seconds; whatever is not durable by then is answered as not recorded."""


_TOGETHER = 8
"""Reviews that come in together are flushed together, so many at a time: the disk works while more are judged."""


class Clock:
    """The time as RFC 3339 UTC, in seconds, which never goes back: a waiver that has expired stays so."""

    def __init__(self, telemetry: Telemetry, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._telemetry = telemetry
        self._second = 0
        self._text = ""
        self.behind = 0.0

    def now(self) -> str:
        """The time; while the clock is behind what it has said, that."""
        wall = self._wall()
        second = int(wall)
        if second > self._second:
            self._second = second
            self._text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
            self.behind = 0.0
        elif second < self._second:
            if not self.behind:
                self._telemetry.clock_backwards.add()
            self.behind = self._second - wall
        return self._text


class Gate:
    """Answers reviews by ``served``, which may be replaced at any time; each is judged by one set as a whole."""

    def __init__(self, served: Served, telemetry: Telemetry, clock: Clock, say: Callable[[str], None]) -> None:
        self.served = served
        self.spool: Spool | None = None
        self._telemetry = telemetry
        self._clock = clock
        self._say = say
        self._packer = Packer()
        self._loop = asyncio.get_running_loop()
        self._unflushed = 0

    async def answer(self, request: Request) -> Response:
        """The answer to one request. Never raises."""
        started = time.perf_counter()
        try:
            response = await self._answer(request)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing is let in by it
            self._say(f"error: a review failed: {type(error).__name__}: {error}")
            response = Response(500, b"the review could not be judged\n")
        if response.status != 200:
            self._telemetry.refused_requests.add(status=str(response.status))
        self._telemetry.seconds.observe(time.perf_counter() - started)
        return response

    def told(self, tokens: Sequence[Any], problem: StoreError | None) -> None:
        """What the spool calls, from its own thread."""
        self._loop.call_soon_threadsafe(_resolve, tokens, problem)

    async def _answer(self, request: Request) -> Response:
        if request.path != PATH:
            return Response(404, f"reviews go to {PATH}\n".encode())
        if request.method != "POST":
            return Response(405, b"reviews are sent with POST\n")
        if request.content_type.partition(";")[0].strip().lower() != JSON:
            return Response(415, b"a review is application/json\n")
        try:
            reviewed = review(request.body, self.served, self._clock.now())
        except UnanswerableError as error:
            return Response(400, f"{error}\n".encode())
        problem = await self._record(reviewed)
        self._count(reviewed, problem)
        if not problem:
            return Response(200, reviewed.response, JSON)
        allowed = self.served.placement.settings.admission.spool.when_full == "allow" or reviewed.free
        return Response(200, unrecorded(reviewed, problem, allowed=allowed), JSON)

    async def _record(self, reviewed: Reviewed) -> str:
        """Why the decision could not be made durable; empty when it is."""
        if self.spool is None:
            return ""
        durable: asyncio.Future[None] = self._loop.create_future()
        try:
            self.spool.hold(*self._packer.pack(reviewed.judged, reviewed.grounds), durable)
            self._flush_soon()
            async with asyncio.timeout(_RECORD_SECONDS):
                await durable
        except StoreError as error:
            return error.message
        except TimeoutError:
            # Where this process itself was held up, what is durable by now may just not have been looked at yet.
            if durable.cancelled() or not durable.done():
                return "the spool's disk takes too long"
            return str(durable.exception() or "")
        return ""

    def _flush_soon(self) -> None:
        """Flush when every review that is at hand has been judged, or enough of them."""
        self._unflushed += 1
        if self._unflushed == 1:
            self._loop.call_soon(self._flush)
        elif self._unflushed % _TOGETHER == 0 and self.spool:
            self.spool.flush()

    def _flush(self) -> None:
        self._unflushed = 0
        if self.spool:
            self.spool.flush()

    def _count(self, reviewed: Reviewed, problem: str) -> None:
        answer = "unrecorded" if problem else "allowed" if reviewed.allowed else "denied"
        dry = "true" if reviewed.dry_run else "false"
        self._telemetry.reviews.add(verdict=reviewed.verdict.value, answer=answer, dry_run=dry)
        decision = reviewed.judged.decision
        told = f"{reviewed.judged.name} by {decision.actor or 'nobody known'}, decision {decision.digest}"
        if problem:
            self._telemetry.unrecorded.add()
            self._say(f"error: unrecorded: {reviewed.verdict} {told}: {problem}")
        elif reviewed.exempt:
            if reviewed.exempt == BREAK_GLASS:
                self._telemetry.break_glass.add()
            self._say(f"warning: {reviewed.exempt}: {reviewed.verdict} was not enforced: {told}")
        elif reviewed.verdict in (Verdict.DENY, Verdict.UNDECIDED):
            self._say(f"info: {reviewed.verdict} {told}")


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one time to another (RFC 3339 UTC)."""
    return (instant(later) - instant(earlier)).total_seconds()


def _resolve(tokens: Sequence[asyncio.Future[None]], problem: StoreError | None) -> None:
    for durable in tokens:
        if durable.done():  # given up on
            continue
        if problem is None:
            durable.set_result(None)
        else:
            durable.set_exception(problem)
