"""What the spool holds of a decision: everything that recording it takes, so that it needs nothing of its server.

What many decisions share (bundle, facts, waivers, trust) are blobs of the segment; a record names them by digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from gateproof import inputs
from gateproof.catalog.bundle import Bundle
from gateproof.catalog.scales import Layer
from gateproof.errors import GateproofError, StoreError
from gateproof.flow import Grounds, Judged
from gateproof.gate.decision import Core, Decision
from gateproof.inputs.context import Fact
from gateproof.server import spool
from gateproof.trust import Trust, open_trust, read_trust_record


class _Record(msgspec.Struct, frozen=True, array_like=True):
    """A decision; ``grounds`` is the digest of a ``_Grounds``."""

    name: str
    input: bytes
    core: bytes
    layer: Layer
    actor: str
    surface: str
    grounds: str


class _Grounds(msgspec.Struct, frozen=True, array_like=True):
    """The digests of what a decision stands on; ``trust`` is that of the record of trust, empty without one."""

    bundle: str
    facts: tuple[str, ...]
    waivers: tuple[str, ...]
    trust: str
    trust_documents: tuple[str, ...]
    policy_bundles: tuple[str, ...]


class Held(NamedTuple):
    """A decision of a segment, its grounds, and where the next one begins. ``problem``: why it cannot be read.

    ``raw`` is the record as it stands in the segment.
    """

    end: int
    raw: bytes
    judged: Judged | None
    grounds: Grounds | None
    shared: str = ""
    """What the grounds have in common with those of other decisions."""

    problem: str = ""


_encoder = msgspec.msgpack.Encoder()
_records = msgspec.msgpack.Decoder(_Record)
_shared = msgspec.msgpack.Decoder(_Grounds)


class Packer:
    """Decisions → records and blobs. What they share is encoded once and remembered."""

    def __init__(self) -> None:
        self._fixed = lru_cache(maxsize=4)(_fixed)

    def pack(self, judged: Judged, grounds: Grounds) -> tuple[bytes, Mapping[str, bytes]]:
        """The record of a decision, and the blobs that it refers to by digest."""
        fixed = self._fixed(_Fixed(grounds))
        blobs = dict(fixed.blobs)
        facts = tuple(_put(blobs, fact.digest, fact.encoded) for fact in grounds.facts.values())
        waivers = tuple(_put(blobs, spool.digest_of(raw), raw) for raw in grounds.waivers)
        shared = _encoder.encode(msgspec.structs.replace(fixed.grounds, facts=facts, waivers=waivers))
        record = _Record(
            judged.name,
            judged.subject.encoded,
            judged.decision.encoded,
            judged.decision.layer,
            judged.decision.actor,
            judged.decision.surface,
            _put(blobs, spool.digest_of(shared), shared),
        )
        return _encoder.encode(record), blobs


class Segment:
    """The decisions of a segment from byte ``start`` on, in order. ``end``: where the next one begins."""

    def __init__(self, path: Path, start: int = 0) -> None:
        self.path = path
        self.end = 0
        self._blobs: dict[str, bytes] = {}
        self._opened: dict[str, Grounds] = {}
        for frame in spool.frames(path):
            if frame.end > start:
                break
            self._notice(frame)

    def take(self, limit: int) -> list[Held]:
        """The next decisions that stand on the same grounds, at most ``limit``; none where there are no more yet.

        Raises StoreError.
        """
        taken: list[Held] = []
        for frame in spool.frames(self.path, self.end):
            if frame.kind == spool.RECORD:
                one = self._read(frame)
                if taken and (one.shared != taken[0].shared or len(taken) == limit):
                    break
                taken.append(one)
            self._notice(frame)
        return taken

    def _notice(self, frame: spool.Frame) -> None:
        self.end = frame.end
        if frame.kind == spool.BLOB:
            self._blobs[spool.digest_of(frame.content)] = frame.content

    def _read(self, frame: spool.Frame) -> Held:
        try:
            record = _records.decode(frame.content)
            judged = _judged(record)
            if record.grounds not in self._opened:
                self._opened[record.grounds] = _opened(record.grounds, self._blobs, judged.decision.core.decided_at)
            return Held(frame.end, frame.content, judged, self._opened[record.grounds], record.grounds)
        except (msgspec.MsgspecError, UnicodeError, RecursionError, GateproofError, KeyError) as error:
            return Held(frame.end, frame.content, None, None, problem=f"{type(error).__name__}: {error}")


class _Fixed:
    """Grounds without facts and waivers, told by the objects that they are made of."""

    def __init__(self, grounds: Grounds) -> None:
        self.grounds = grounds
        self._parts = (grounds.bundle, grounds.trust, grounds.trust_documents, grounds.policy_bundles)

    def __hash__(self) -> int:
        return id(self.grounds.bundle)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Fixed) and all(
            one is another for one, another in zip(self._parts, other._parts, strict=True)
        )


class _Packed(NamedTuple):
    grounds: _Grounds
    blobs: dict[str, bytes]


def _fixed(fixed: _Fixed) -> _Packed:
    blobs: dict[str, bytes] = {}
    given = fixed.grounds
    trust = given.trust.encoded if given.trust else b""
    grounds = _Grounds(
        bundle=_put(blobs, given.bundle.digest, given.bundle.encoded),
        facts=(),
        waivers=(),
        trust=_put(blobs, spool.digest_of(trust), trust) if trust else "",
        trust_documents=tuple(_put(blobs, spool.digest_of(raw), raw) for raw in given.trust_documents),
        policy_bundles=tuple(_put(blobs, spool.digest_of(raw), raw) for raw in given.policy_bundles),
    )
    return _Packed(grounds, blobs)


def _put(blobs: dict[str, bytes], digest: str, raw: bytes) -> str:
    blobs[digest] = raw
    return digest


def _judged(record: _Record) -> Judged:
    core = msgspec.json.decode(record.core, type=Core)
    decision = Decision(core=core, layer=record.layer, actor=record.actor, surface=record.surface)
    if decision.encoded != record.core:
        raise StoreError("a decision of the spool was written by another version", hint="drain it with that version")
    return Judged(record.name, inputs.decode(record.input), decision)


def _opened(digest: str, blobs: Mapping[str, bytes], at: str) -> Grounds:
    shared = _shared.decode(blobs[digest])
    facts = [msgspec.json.decode(blobs[each], type=Fact) for each in shared.facts]
    return Grounds(
        bundle=msgspec.json.decode(blobs[shared.bundle], type=Bundle),
        facts={fact.name: fact for fact in facts},
        waivers=tuple(blobs[each] for each in shared.waivers),
        trust=_trust(shared, blobs, at),
        trust_documents=tuple(blobs[each] for each in shared.trust_documents),
        policy_bundles=tuple(blobs[each] for each in shared.policy_bundles),
    )


def _trust(shared: _Grounds, blobs: Mapping[str, bytes], at: str) -> Trust | None:
    if not shared.trust:
        return None
    record = read_trust_record(blobs[shared.trust])
    roster = blobs[record.roster] if record.roster else None
    return open_trust(blobs[record.policy], record.root, roster, at)
