"""The service: listeners, reloading, the drain beside it, and an end that loses nothing.

1. What is served by is loaded; without it nothing starts.
2. The spool is opened, and the drain started as a process of its own: signing takes none of the time for reviews.
3. Reviews are answered over TLS, status over HTTP on a port of its own.
4. Every few seconds: has a file changed, or a policy of the cluster? A set that does not load leaves the old one in
   force, and says so.
5. On SIGTERM readiness goes first, then the listeners, then what is in flight, the spool, the drain.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from gateproof.documents.instants import instant
from gateproof.errors import GateproofError, UsageError
from gateproof.server import drain, tls
from gateproof.server.child import Child
from gateproof.server.cluster import Watch
from gateproof.server.gate import Clock, Gate, seconds_between
from gateproof.server.http import Connection, Connections, Request, Response, check_parser
from gateproof.server.listener import HANDSHAKES, Listener
from gateproof.server.loading import Loaded, Marks, fingerprint
from gateproof.server.metrics import CONTENT_TYPE
from gateproof.server.spool import Spool
from gateproof.server.telemetry import Telemetry, say

WATCH_SECONDS = 2.0
_CLUSTER_SECONDS = 15.0
_RETRY_SECONDS = 15.0
"""After which what did not load is loaded again, though nothing here has changed: a registry may be back."""

_POLICIES, _IN_CLUSTER = "policies", "policies of the cluster"
"""What can be wrong with policies: they do not load, or it is not known which there are."""

_BACKLOG = 256
_FILES = 4096
"""Open at a time, at most; much more than there are connections."""


class Address(NamedTuple):
    """Where to listen; port 0 is any that is free."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, flag: str) -> Address:
        """``HOST:PORT``, ``[IPv6]:PORT`` or ``:PORT``. Raises UsageError."""
        host, _, port = text.rpartition(":")
        if not port.isdecimal() or int(port) > 65535:
            raise UsageError(f"{text[:60]!r} is no address", where=flag, hint="write HOST:PORT, 0.0.0.0:8443 say")
        return cls(host.strip("[]") or "0.0.0.0", int(port))  # noqa: S104 - what a server in a Pod is to listen on


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the service is started with. ``spool`` is None where nothing is recorded; ``drain`` runs beside it."""

    listen: Address
    status: Address
    certificate: Path
    key: Path
    client_ca: Path | None = None
    spool: Path | None = None
    drain: tuple[str, ...] = ()
    grace: float = 5.0


class Service:
    """A server that has not been started; ``run`` starts it and returns when it has ended."""

    def __init__(self, options: Options, load: Callable[[], Loaded], cluster: Watch | None = None) -> None:
        """``load`` gives what is served by, and ``cluster`` what there is; both are called in threads."""
        self._options = options
        self._load = load
        self._cluster = cluster
        self.telemetry = Telemetry()
        self._clock = Clock(self.telemetry)
        self._ending = asyncio.Event()
        self._seen: Marks = ()
        """How files looked before they were loaded; nothing where that is not known: then they are loaded again."""

        self._problems: dict[str, str] = {}
        """What is wrong and does not keep reviews from being answered, by what it is about."""

        self._stale = False
        """Whether the cluster has other policies than those that were loaded."""

        self._retry_at = 0.0
        self._tls_files = tuple(each for each in (options.certificate, options.key, options.client_ca) if each)

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises GateproofError where it cannot begin."""
        check_parser()
        options = self._options
        loop = asyncio.get_running_loop()
        self._seen_tls = await asyncio.to_thread(fingerprint, self._tls_files)
        self._loaded = await asyncio.to_thread(self._load)
        self._certificate = tls.load(options.certificate, options.key, options.client_ca)
        self._gate = Gate(self._loaded.served, self.telemetry, self._clock, self._say)
        files = _files()
        self._reviews, self._watchers = Connections(min(500, files // 2)), Connections(100)
        self._note_loaded()
        _settle()
        spool = self._open_spool()
        child = Child(options.drain, self._say) if spool and options.drain else None
        try:
            listening, watching = _bound(options.listen, "--listen"), _bound(options.status, "--status")
            reviews = partial(Connection, self._gate.answer, self._reviews)
            self._listener = Listener(listening, reviews, self._certificate.context, min(HANDSHAKES, files // 8))
            status = await loop.create_server(lambda: Connection(self._status, self._watchers), sock=watching)
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._ending.set)
            self._say(f"info: {self._what()}")
            self._say(f"info: reviews: https://{_shown(listening)}/validate status: http://{_shown(watching)}/readyz")
            tasks = [asyncio.create_task(each()) for each in (self._watch, self._watch_cluster, self._tidy)]
            if child:
                tasks.append(asyncio.create_task(child.keep()))
            await self._ending.wait()
            await self._end(status, tasks)
        finally:
            if spool:
                await asyncio.to_thread(spool.close)
            if child:
                await child.end()
            self._say("info: ended")

    async def _end(self, status: asyncio.AbstractServer, tasks: list[asyncio.Task[None]]) -> None:
        self._say(f"info: ending: not ready from now on, answering for another {self._options.grace:g} s")
        await asyncio.sleep(self._options.grace)
        for task in tasks:
            task.cancel()
        self._listener.close()
        await self._reviews.end(self._options.grace + 1)
        status.close()
        await self._watchers.end(0.1)

    def _open_spool(self) -> Spool | None:
        if self._options.spool is None:
            return None
        limits = self._gate.served.placement.settings.admission.spool
        self._gate.spool = Spool(self._options.spool, limits.max_bytes, self._gate.told)
        return self._gate.spool

    # -- certificate -----------------------------------------------------------------------------------------------

    async def _renew_certificate(self) -> None:
        options = self._options
        self._certificate = await asyncio.to_thread(tls.load, options.certificate, options.key, options.client_ca)
        # Connections that were made with another stay.
        self._listener.context = self._certificate.context
        self._say(f"info: certificate: changed, good until {self._certificate.not_after:%Y-%m-%dT%H:%M:%SZ}")

    # -- policies --------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Take notice of what changes, every few seconds and when something ends to count."""
        while True:
            await asyncio.sleep(self._pause())
            await self._attempt("watching", self._notice)

    async def _tidy(self) -> None:
        """Room is seen and made every few seconds, whatever loading runs into or waits for: what the drain has deleted
        of the spool, and memory that nothing refers to.
        """
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if spool := self._gate.spool:
                await self._attempt("spool", partial(asyncio.to_thread, spool.measure))
            gc.collect()

    async def _notice(self) -> None:
        tls_files = await asyncio.to_thread(fingerprint, self._tls_files)
        if tls_files != self._seen_tls:
            self._seen_tls = tls_files
            await self._attempt("certificate", self._renew_certificate)
            self.telemetry.certificate_failed.set("certificate" in self._problems)
        places = await asyncio.to_thread(fingerprint, self._loaded.places)
        if places != self._seen or self._stale or self._due():
            self._seen, self._stale = places, False
            await self._attempt(_POLICIES, self._reload)
            self._retry_at = asyncio.get_running_loop().time() + _RETRY_SECONDS
        self.telemetry.reload_failed.set(not self._problems.keys().isdisjoint((_POLICIES, _IN_CLUSTER)))

    def _due(self) -> bool:
        """Whether to load again what looks as it did: something of it has ended, or it did not load."""
        if _POLICIES in self._problems:
            return asyncio.get_running_loop().time() >= self._retry_at
        until = self._gate.served.until
        return bool(until) and self._clock.now() >= until

    def _pause(self) -> float:
        until = self._gate.served.until
        if not until or _POLICIES in self._problems:
            return WATCH_SECONDS
        return min(WATCH_SECONDS, max(seconds_between(self._clock.now(), until), 0.2))

    async def _reload(self) -> None:
        loaded = await asyncio.to_thread(self._load)
        if self._cluster:
            seen = self._gate.served
            served = msgspec.structs.replace(loaded.served, namespaces=seen.namespaces, inventory=seen.inventory)
            loaded = msgspec.structs.replace(loaded, served=served)
        if loaded.places != self._loaded.places:
            self._seen = ()
        before, self._loaded = self._what(), loaded
        self._gate.served = loaded.served
        _settle()
        self._note_loaded()
        if self._what() != before:
            self._say(f"info: changed: {self._what()}")

    async def _attempt(self, what: str, change: Callable[[], Awaitable[None]]) -> None:
        """Make a change that may fail: then everything stays as it was, loudly."""
        try:
            await change()
        except Exception as error:  # noqa: BLE001 - whatever it is, reviews are answered, and changes looked for
            said = error.one_line if isinstance(error, GateproofError) else f"{type(error).__name__}: {error}"
            if self._problems.get(what) != said:
                self._say(f"error: {what}: what was in force stays: {said}")
            self._problems[what] = said
        else:
            if self._problems.pop(what, None):
                self._say(f"info: {what}: in order again")

    def _note_loaded(self) -> None:
        served, told = self._gate.served, self.telemetry
        told.reloads.add()
        told.reload_failed.set(0)
        told.certificate_failed.set(0)
        told.policies.clear()
        told.policies.set(1, bundle=served.grounds.bundle.digest, revision=served.revision)
        told.loaded_at.set(_timestamp(self._clock.now()))
        told.waivers.set(served.waivers.size)
        told.break_glass_ends.clear()
        if glass := served.placement.settings.admission.break_glass:
            told.break_glass_ends.set(_timestamp(glass.expires), namespace=glass.namespace)

    def _what(self) -> str:
        served = self._gate.served
        count = len(served.grounds.bundle.policies)
        revision = f" at {served.revision}" if served.revision else ""
        return f"{count} policies{revision}, bundle {served.grounds.bundle.digest}, {served.waivers.size} waivers"

    async def _watch_cluster(self) -> None:
        while self._cluster is not None:
            await self._attempt("cluster", partial(self._refresh, self._cluster))
            await self._attempt(_IN_CLUSTER, partial(self._compare, self._cluster))
            await asyncio.sleep(_CLUSTER_SECONDS)

    async def _refresh(self, cluster: Watch) -> None:
        seen = await asyncio.to_thread(cluster.look, self._gate.served.placement.settings.admission.objects)
        self._gate.served = msgspec.structs.replace(
            self._gate.served, namespaces=seen.namespaces, inventory=seen.inventory
        )

    async def _compare(self, cluster: Watch) -> None:
        """Whether policies of the cluster have to be loaded again; ``_notice`` does so."""
        collections = self._gate.served.placement.settings.admission.policies
        self._stale = bool(collections) and await asyncio.to_thread(cluster.has_changed, collections)

    # -- status ----------------------------------------------------------------------------------------------------

    async def _status(self, request: Request) -> Response:
        if request.method != "GET":
            return Response(405, b"status is read with GET\n")
        match request.path:
            case "/healthz":
                return Response(200, b"ok\n")
            case "/readyz":
                wrong = list(self._why_not_ready())
                lines = [*(f"not ready: {each}" for each in wrong), *(f"warning: {each}" for each in self._warnings())]
                return Response(503 if wrong else 200, "\n".join([*lines, self._what(), ""]).encode())
            case "/metrics":
                self._measure()
                return Response(200, self.telemetry.exposition(), CONTENT_TYPE)
            case _:
                return Response(404, b"there are /healthz, /readyz and /metrics\n")

    def _why_not_ready(self) -> Iterator[str]:
        """Clients should go elsewhere. What is refused for want of a spool is no reason: it is said, and exempt
        namespaces go on.
        """
        if self._ending.is_set():
            yield "ending"
        if problem := self._certificate.problem(instant(self._clock.now())):
            yield problem

    def _warnings(self) -> Iterator[str]:
        yield from (f"{what}: what was in force stays: {why}" for what, why in sorted(self._problems.items()))
        spool = self._gate.spool
        if spool is None:
            yield "nothing is recorded"
        else:
            if spool.problem:
                yield spool.problem
            if spool.held * 2 > spool.max_bytes:
                yield f"the spool is more than half full: {spool.held:,} of {spool.max_bytes:,} bytes"
            if problem := drain.status_of(spool.folder).problem:
                yield f"nothing gets into the log: {problem}"
        if self._clock.behind:
            yield f"the clock is {self._clock.behind:.0f} s behind what it has said; no time goes back here"
        glass = self._gate.served.placement.settings.admission.break_glass
        if glass and glass.expires <= self._clock.now():
            yield f"break-glass in {glass.namespace} expired at {glass.expires}"
        if self._gate.served.waivers.unreadable:
            yield f"{self._gate.served.waivers.unreadable} files that should be waivers cannot be read"

    def _measure(self) -> None:
        told, now = self.telemetry, self._clock.now()
        told.connections.set(len(self._reviews))
        told.certificate_ends.set(self._certificate.not_after.timestamp())
        if self._gate.served.namespaces.source:
            told.namespaces_age.set(seconds_between(self._gate.served.namespaces.observed_at, now))
        if spool := self._gate.spool:
            status = drain.status_of(spool.folder)
            told.spool_bytes.set(spool.held)
            told.spool_limit.set(spool.max_bytes)
            told.spool_oldest.set(seconds_between(status.waiting_since, now) if status.waiting_since else 0)
            told.recorded.set(status.recorded)
            told.aside.set(status.aside)
            told.drain_problem.set(bool(status.problem))

    def _say(self, text: str) -> None:
        say(text, self._clock.now)


def _settle() -> None:
    """What was loaded stays: it is not traced when cycles are collected, which is done between reviews, not in them."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.disable()


def _files() -> int:
    """How many files this process may have open, connections among them: as many as it needs, if it is let."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return files


def _timestamp(at: str) -> float:
    return instant(at).timestamp()


def _bound(address: Address, flag: str) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {address.host}:{address.port}: {error.strerror}", where=flag, hint="choose another port"
        ) from None


def _shown(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
