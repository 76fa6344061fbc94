"""The one way through: bytes → Input → Results → Decision → Statement → Envelope → Entry → Receipt.

Read this first. Every surface fetches bytes and facts, calls ``judge``, and encodes the answer in its own form; what
it decided is kept by ``record``. ``judge`` is pure: no clock, no files, no network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from gateproof import __version__, engines, inputs, trust
from gateproof.catalog.bundle import Bundle
from gateproof.engines.interface import Outcome
from gateproof.errors import LogError, TrustError
from gateproof.gate import decide
from gateproof.gate.decision import Decision
from gateproof.inputs.context import Context, Fact
from gateproof.inputs.input import Input

if TYPE_CHECKING:
    from gateproof.answers.reading import Reader
    from gateproof.log.checkpoint import Checkpoint
    from gateproof.log.interface import NoteSigner, Store
    from gateproof.log.receipt import Receipt
    from gateproof.trust import Trust
    from gateproof.trust.interface import Signer

TOOL = f"gateproof {__version__}"

_UNNAMED = r"[^A-Za-z0-9._+-]|^\."
"""What a commit or tag may hold and the name of a pointer may not."""


class Grounds(msgspec.Struct, frozen=True, kw_only=True):
    """What a Decision stands on beside its input.

    ``waivers`` are envelopes as presented. ``trust`` is the opened trust policy and roster; ``trust_documents`` the
    envelopes that it was opened from, and ``policy_bundles`` the files of policy bundles and their signatures: both are
    kept as evidence.
    """

    bundle: Bundle
    facts: Mapping[str, Fact] = {}
    waivers: tuple[bytes, ...] = ()
    trust: Trust | None = None
    trust_documents: tuple[bytes, ...] = ()
    policy_bundles: tuple[bytes, ...] = ()


class Judged(msgspec.Struct, frozen=True):
    """A decision, the input that it was made on, and the name that the input was given under."""

    name: str
    subject: Input
    decision: Decision


def judge(
    raw: bytes,
    bundle: Bundle,
    facts: Mapping[str, Fact],
    context: Context,
    waivers: Sequence[bytes],
    trust: Trust | None,
    now: str,
) -> Decision:
    """The Decision on ``raw``; ``now`` is RFC 3339 UTC. Bad bytes are UNDECIDED, never an exception."""
    return judge_input(inputs.parse(raw), bundle, facts, context, waivers, trust, now)


def judge_input(
    subject: Input,
    bundle: Bundle,
    facts: Mapping[str, Fact],
    context: Context,
    waivers: Sequence[bytes],
    trusted: Trust | None,
    now: str,
    *,
    tool: str = TOOL,
    rego: engines.Engine | None = None,
) -> Decision:
    """The same for an input that is parsed already; ``tool`` is part of the Decision, and a replay repeats it.

    ``rego`` stands in for our engine of policies in Rego, and ``tool`` must name it: no replay gives its answers again.
    """
    results = engines.evaluate(subject, bundle, context, facts, now=now, rego=rego)
    admitted = trust.admit(waivers, subject.subject, context, trusted, facts, now) if waivers else ()
    return decide(
        subject,
        results,
        bundle=bundle,
        context=context,
        now=now,
        tool=tool,
        granted=[waiver for waiver in admitted if isinstance(waiver, trust.Granted)],
        refused=[waiver for waiver in admitted if isinstance(waiver, trust.Refused)],
        facts=facts,
        trust=trusted.digest if trusted else "",
    )


def record(
    judged: Sequence[Judged],
    grounds: Grounds,
    signer: Signer,
    sequencer: NoteSigner,
    store: Store,
    *,
    now: str,
    last_seen: Checkpoint | None = None,
    pointed: bool = True,
) -> list[Receipt]:
    """Keep decisions as signed evidence in the log, all under one checkpoint; a receipt for each, in order.

    ``signer`` signs the statements, ``sequencer`` the checkpoint. What a replay needs is stored beside the statements.
    A store that was rolled back behind ``last_seen`` is refused. ``pointed``: people find the decisions by control and
    release; where there are many and none is of a release, the log alone has them.

    Raises TrustError and LogError, before anything is written, for what could never be verified afterwards; LogError
    and StoreError from the log.
    """
    from gateproof import evidence
    from gateproof.log.append import append
    from gateproof.log.entry import Entry

    _check_signer(signer, grounds.trust, now)
    entries: list[Entry] = []
    blobs: dict[str, bytes] = {}
    shared = _keep(blobs, _grounds(grounds))
    for each in judged:
        own = _keep(blobs, (each.subject.encoded, each.decision.encoded))
        references = tuple(sorted({*shared, *own}))
        _check_whole(each, grounds, references)
        statement, summary = evidence.state(each.decision, name=each.name)
        digests = _keep(blobs, [evidence.seal(statement, signer), evidence.seal(summary, signer)])
        pointers = _pointers(each.decision, grounds.bundle, digests[0]) if pointed else ()
        entries.append(Entry(kind="decision", envelope=digests[0], at=now, references=references, pointers=pointers))
        entries.append(Entry(kind="summary", envelope=digests[1], at=now, references=(digests[0],)))
    return append(store, entries, blobs, sequencer, now=now, last_seen=last_seen)[::2]


def _check_signer(signer: Signer, trusted: Trust | None, now: str) -> None:
    if trusted is not None and signer.fingerprint not in trusted.keys_for(trust.Role.DECISION, now):
        raise TrustError(
            "the trust policy does not let this key sign decisions now",
            where=signer.fingerprint,
            hint="use a key that it names for that, or have the root key sign a policy with this one",
        )


def _check_whole(judged: Judged, grounds: Grounds, references: Sequence[str]) -> None:
    """A decision that was judged by other grounds could not be replayed from these, and the log forgets nothing."""
    from gateproof import evidence

    trusted = grounds.trust
    if missing := evidence.cited(judged.decision.core, trusted.record if trusted else None) - set(references):
        raise LogError(
            f"the decision on {judged.name!r} was made by other grounds or another input than are recorded:"
            f" {len(missing)} of the blobs that it cites are not at hand",
            where=min(missing),
            hint="record with the grounds that were judged by, the trust policy's and roster's envelopes among them",
        )


def _grounds(grounds: Grounds) -> list[bytes]:
    from gateproof.documents import canonical

    facts = [canonical.encode(fact) for fact in grounds.facts.values()]
    trusted = [grounds.trust.encoded, *grounds.trust_documents] if grounds.trust else []
    return [grounds.bundle.encoded, *facts, *grounds.waivers, *trusted, *grounds.policy_bundles]


def _keep(blobs: dict[str, bytes], new: Iterable[bytes]) -> list[str]:
    from gateproof.documents import canonical

    digests = []
    for raw in new:
        digests.append(canonical.digest(raw))
        blobs[digests[-1]] = raw
    return digests


def _pointers(decision: Decision, bundle: Bundle, envelope: str) -> tuple[str, ...]:
    """Names by which people find the decision: ``evidence/<control>/<date>/<release>/decision-<envelope>``."""
    core = decision.core
    applied = {result.policy for result in core.results if result.outcome is not Outcome.SKIP}
    controls = {control for policy in bundle.policies if policy.id in applied for control in policy.controls}
    release = core.scene.commit or core.scene.artifact.rpartition(":")[2] or "unreleased"
    release = re.sub(_UNNAMED, "-", release[:40])
    name = f"decision-{envelope[7:23]}"
    return tuple(sorted(f"evidence/{control}/{core.decided_at[:10]}/{release}/{name}" for control in controls))


class Replayed(msgspec.Struct, frozen=True):
    """A past decision, decided again. ``same`` when the bytes of its core are those that were signed."""

    entry: int
    signed: str
    decision: Decision

    @property
    def same(self) -> bool:
        """Whether the replay gave the same bytes."""
        return self.decision.digest == self.signed


def replay(reader: Reader, entry: int) -> Replayed:
    """Decide the decision of log entry ``entry`` again from what was stored with it, at the time it was made.

    Raises LogError, TrustError and DocumentError where the evidence does not hold.
    """
    from gateproof.answers import recorded

    record, before = reader.record(entry), recorded.of(reader, entry)
    core = record.core
    decision = judge_input(
        before.subject,
        record.bundle,
        before.facts,
        before.context,
        [reader.view.blob(use.digest) for use in core.waivers],
        reader.trust_of(core),
        core.decided_at,
        tool=core.tool,
    )
    return Replayed(entry, record.digest, decision)
