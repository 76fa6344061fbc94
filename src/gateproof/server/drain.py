"""The drain: what the spool holds goes into the log, each decision once, in the order in which it was made.

A cursor says how far the spool is in the log, and how long the log was then. It is written after the append; should
the process die in between, the entries since are looked through for the decisions that are in the log already: a
decision is told by its digest, which is that of its content. A segment that is in the log whole is deleted, unless it
is the newest, which the server may be writing to. Bytes that are no frames, and decisions that no log takes, are moved
aside and counted, never dropped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from gateproof.adapters.files import read as read_file
from gateproof.documents import canonical
from gateproof.errors import GateproofError, InputError, StoreError
from gateproof.flow import Grounds, Judged
from gateproof.log.reader import LogView
from gateproof.server import held, spool
from gateproof.server.held import Held

CURSOR = "cursor"
STATUS = "status"
ASIDE = "aside"
DRAIN_LOCK = "drain.lock"

BATCH = 64
"""Decisions that are appended under one checkpoint at most."""

RECENT = 4096
"""So many decisions are remembered: an API server that asks twice within a second gets the same decision twice."""


class Recorder(Protocol):
    """What brings decisions into the log; see ``wiring.Recorder``."""

    def record(self, judged: Sequence[Judged], grounds: Grounds, *, at: str) -> object:
        """Record ``judged``, made by ``grounds``, at ``at``. Raises GateproofError; then none of them by half."""

    def log(self) -> LogView | None:
        """The log as it is, None where there is none."""


class Cursor(msgspec.Struct, frozen=True):
    """How far the spool is in the log: up to ``offset`` of ``segment``, when the log had ``entries``."""

    segment: int = 0
    offset: int = 0
    entries: int = 0


class Status(msgspec.Struct, frozen=True):
    """How the drain is doing, for those who watch: totals of this process, and what it last ran into.

    ``waiting_since``: when the oldest decision was made that is not in the log (RFC 3339 UTC); empty when all are.
    """

    recorded: int = 0
    repeated: int = 0
    aside: int = 0
    waiting_since: str = ""
    problem: str = ""


class Drain:
    """The reading end of the spool in ``folder``. Raises StoreError where another process drains it.

    ``recorder`` makes what records: when it is needed, and again after something went wrong.
    """

    def __init__(self, folder: Path, recorder: Callable[[], Recorder], now: Callable[[], str]) -> None:
        self._folder = folder
        self._make = recorder
        self._now = now
        self._recorder: Recorder | None = None
        self._lock = spool.locked(folder, DRAIN_LOCK)
        self._cursor = _read(folder / CURSOR, Cursor) or Cursor()
        self._segment: held.Segment | None = None
        self._recent: dict[str, None] = {}
        self.status = Status()

    def close(self) -> None:
        """Let others drain."""
        os.close(self._lock)

    def step(self) -> int:
        """Bring the next decisions into the log: how many; 0 too where something is wrong, which ``status`` says."""
        try:
            taken = self._take()
            if taken:
                self._note(waiting_since=_made_at(taken) or self.status.waiting_since)
                self._bring(taken)
            self._note(problem="", **({} if taken else {"waiting_since": ""}))
        except GateproofError as error:
            self._recorder = self._segment = None
            self._note(problem=error.one_line)
            return 0
        return len(taken)

    def _take(self) -> list[Held]:
        """The next decisions; segments that have none left are left behind, all but the newest."""
        while True:
            found = spool.segments(self._folder)
            for _, path in (each for each in found if each[0] < self._cursor.segment):
                _delete(path)
            ahead = [each for each in found if each[0] >= self._cursor.segment]
            if not ahead:
                return []
            number, path = ahead[0]
            if self._segment is None or self._segment.path != path:
                self._segment = held.Segment(path, self._cursor.offset if number == self._cursor.segment else 0)
            if taken := self._segment.take(BATCH):
                if number != self._cursor.segment:
                    self._cursor = Cursor(number, 0, self._cursor.entries)
                return taken
            if len(ahead) == 1:
                return []
            self._leave(path, self._segment.end)
            self._move(Cursor(number + 1, 0, self._cursor.entries))

    def _bring(self, taken: list[Held]) -> None:
        fresh = self._recorder is None
        if self._recorder is None:
            self._recorder = self._make()
        recorder = self._recorder
        # A new process, or one whose last append ended in an error, does not know how far that got.
        known = self._in_log(recorder) if fresh else set()
        new: dict[str, Held] = {}
        for one in taken:
            if one.judged is None:
                self._set_aside(one)
            elif (digest := one.judged.decision.digest) in known or digest in self._recent or digest in new:
                self._note(repeated=self.status.repeated + 1)
            else:
                new[digest] = one
        self._record(recorder, new)
        log = recorder.log()
        self._move(Cursor(self._cursor.segment, taken[-1].end, len(log) if log else 0))

    def _record(self, recorder: Recorder, new: dict[str, Held]) -> None:
        if not new:
            return
        try:
            _record_all(recorder, list(new.values()), self._now())
        except StoreError:
            raise
        except GateproofError:
            if len(new) == 1:
                raise
            known = self._in_log(recorder)
            self._record_each(recorder, {digest: one for digest, one in new.items() if digest not in known})
        else:
            self._note(recorded=self.status.recorded + len(new))
        self._recent = dict.fromkeys([*self._recent, *new][-RECENT:])

    def _record_each(self, recorder: Recorder, new: dict[str, Held]) -> None:
        """One by one: what no log takes is set aside, as long as the log takes others."""
        failed: dict[str, tuple[Held, GateproofError]] = {}
        for digest, one in new.items():
            try:
                _record_all(recorder, [one], self._now())
            except StoreError:
                raise
            except GateproofError as error:
                failed[digest] = one, error
        if failed and len(failed) == len(new):
            raise next(iter(failed.values()))[1]
        self._note(recorded=self.status.recorded + len(new) - len(failed))
        for one, why in failed.values():
            self._set_aside(one._replace(problem=why.one_line))

    def _in_log(self, recorder: Recorder) -> set[str]:
        """Digests that entries of the log refer to which are newer than the cursor."""
        log = recorder.log()
        entries = log.entries(self._cursor.entries) if log else ()
        return {digest for _, entry in entries for digest in entry.references}

    def _leave(self, path: Path, end: int) -> None:
        """A segment that has no more frames: deleted, or kept for a person where there are other bytes behind them."""
        try:
            if path.stat().st_size > max(end, len(spool.MAGIC)):
                (self._folder / ASIDE).mkdir(exist_ok=True)
                os.replace(path, self._folder / ASIDE / path.name)
                self._note(aside=self.status.aside + 1)
            else:
                _delete(path)
        except OSError as error:
            raise _unwritable(path, error) from None

    def _set_aside(self, one: Held) -> None:
        assert self._segment is not None  # noqa: S101 - it was read from
        folder = self._folder / ASIDE
        try:
            folder.mkdir(exist_ok=True)
            (folder / f"{self._segment.path.name}-{one.end}.txt").write_text(one.problem)
            (folder / f"{self._segment.path.name}-{one.end}").write_bytes(one.raw)
        except OSError as error:
            raise _unwritable(folder, error) from None
        self._note(aside=self.status.aside + 1)

    def _move(self, cursor: Cursor) -> None:
        self._cursor = cursor
        # An older cursor is as good, only slower: what it does not know is found in the log. On a disk that is full of
        # segments, going on is what makes room.
        with suppress(StoreError):
            _write(self._folder / CURSOR, cursor, durable=True)

    def _note(self, **changed: object) -> None:
        status = msgspec.structs.replace(self.status, **changed)
        if status != self.status:
            self.status = status
            with suppress(StoreError):
                _write(self._folder / STATUS, status, durable=False)


def status_of(folder: Path) -> Status:
    """What the drain of the spool in ``folder`` has noted; nothing where there is none."""
    with suppress(StoreError):
        return _read(folder / STATUS, Status) or Status()
    return Status()


def _record_all(recorder: Recorder, batch: Sequence[Held], now: str) -> None:
    grounds = batch[0].grounds
    assert grounds is not None  # noqa: S101 - what has none is not recorded
    recorder.record([one.judged for one in batch if one.judged], grounds, at=now)


def _made_at(taken: Sequence[Held]) -> str:
    return next((one.judged.decision.core.decided_at for one in taken if one.judged), "")


_S = TypeVar("_S", bound=msgspec.Struct)


def _read(path: Path, shape: type[_S]) -> _S | None:
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(read_file(path, 65536), type=shape)
    except (msgspec.MsgspecError, UnicodeError, InputError) as error:
        raise StoreError(
            f"this file of the spool cannot be read: {error}",
            where=str(path),
            hint="move it away: the log is looked through for what is in it already",
        ) from None


def _write(path: Path, value: msgspec.Struct, *, durable: bool) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(canonical.encode(value))
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise _unwritable(path, error) from None


def _delete(path: Path) -> None:
    with suppress(FileNotFoundError):
        try:
            path.unlink()
        except PermissionError as error:
            raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the spool cannot be written: {error.strerror}", where=str(path), hint="check the volume that it is on"
    )
