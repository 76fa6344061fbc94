"""An AdmissionReview in, the answer out: what ``judge`` decides, in the API server's terms. Pure.

The API is that of admission.k8s.io/v1
(https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response): the request's uid
comes back, ``warnings`` are short, ``auditAnnotations`` are for the cluster's audit log.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from gateproof import inputs
from gateproof.catalog.cluster_facts import INVENTORY, NAMESPACE
from gateproof.catalog.policy import InputKind
from gateproof.catalog.scales import Layer
from gateproof.engines.interface import Outcome
from gateproof.flow import Grounds, Judged, judge_input
from gateproof.gate.decision import Decision, Disposition, Treatment, Verdict
from gateproof.inputs.admission import API_VERSION
from gateproof.inputs.context import Context, Fact
from gateproof.inputs.input import Input
from gateproof.render.untrusted import plain
from gateproof.server.placement import SURFACE, Namespaces, Placement
from gateproof.server.waivers import WaiverIndex
from gateproof.settings.schema import Admission

BREAK_GLASS = "break-glass"
OWN_NAMESPACE = "own namespace"

MAX_WARNINGS = 16
_WARNING = 120
"""Longer warnings are cut by some clients."""

_MESSAGE = 4096
_FORBIDDEN = 403, "Forbidden"
_UNAVAILABLE = 503, "ServiceUnavailable"
"""Code and reason of a metav1.Status: clients tell errors apart by the reason, and kubectl shows it."""


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that reviews are judged by, at one moment; another one takes its place as a whole.

    ``grounds`` without waivers and without what is known about the cluster, which is in ``namespaces`` and
    ``inventory`` (the fact ``kubernetes-objects``); ``revision`` says where they are from. From ``until`` on (RFC 3339
    UTC; empty: never) something of it counts no more: no waiver does before it is loaded again.
    """

    grounds: Grounds
    placement: Placement
    waivers: WaiverIndex
    namespaces: Namespaces = Namespaces()
    inventory: Fact | None = None
    until: str = ""
    revision: str = ""


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """A review that was judged: what to record, and what to answer.

    ``allowed`` differs from what the verdict says where ``exempt`` says why, and the decision's surface with it:
    ``BREAK_GLASS`` or ``OWN_NAMESPACE``. ``free``: nothing is refused where it goes, not even for want of evidence.
    """

    uid: str
    allowed: bool
    exempt: str
    free: bool
    dry_run: bool
    judged: Judged
    grounds: Grounds
    response: bytes

    @property
    def verdict(self) -> Verdict:
        """What was decided."""
        return self.judged.decision.verdict


class UnanswerableError(Exception):
    """The bytes do not say which request they are: there is nothing to answer, only the request to refuse."""


class _Request(msgspec.Struct):
    uid: str


class _Review(msgspec.Struct):
    request: _Request


_reviews = msgspec.json.Decoder(_Review)
_encoder = msgspec.json.Encoder()


def review(raw: bytes, served: Served, now: str) -> Reviewed:
    """Judge the AdmissionReview ``raw`` at ``now`` (RFC 3339 UTC).

    One that cannot be judged is UNDECIDED, and answered as long as it has a uid. Raises UnanswerableError.
    """
    subject = inputs.parse(raw)
    asked = subject.request
    if isinstance(asked, msgspec.UnsetType):
        uid, subject = _uid(raw), _no_review(subject)
        known, context = None, Context(layer=Layer.RUNTIME, surface=SURFACE)
    else:
        uid = asked["uid"]
        known = served.namespaces.fact(asked["namespace"]) if asked["namespace"] else None
        context = served.placement.context(asked, subject.documents[0], known, now)
    given = {INVENTORY: served.inventory, NAMESPACE: known}
    facts = {**served.grounds.facts, **{name: fact for name, fact in given.items() if fact}}
    waivers = served.waivers.for_input(subject) if not served.until or now < served.until else ()
    grounds = msgspec.structs.replace(served.grounds, facts=facts, waivers=waivers)
    decision = judge_input(subject, grounds.bundle, facts, context, grounds.waivers, grounds.trust, now)

    passes = _passes(decision.verdict, served.placement.settings.admission)
    exemption = _exemption(subject, served.placement.settings.admission, now)
    exempt = "" if passes else exemption
    if exempt:
        decision = msgspec.structs.replace(decision, surface=f"{context.surface}, {exempt}")
    return Reviewed(
        uid=uid,
        allowed=passes or bool(exempt),
        exempt=exempt,
        free=bool(exemption),
        dry_run=not isinstance(asked, msgspec.UnsetType) and asked["dryRun"],
        judged=Judged(_name(subject), subject, decision),
        grounds=grounds,
        response=_allowed(uid, decision, exempt) if passes or exempt else _refused(uid, decision),
    )


def unrecorded(reviewed: Reviewed, why: str, *, allowed: bool) -> bytes:
    """The answer to a review whose decision could not be recorded: refused, or what was decided, and why not."""
    said = f"gateproof could not record its decision: {plain(why, 300)}"
    if allowed and reviewed.allowed:
        return _response(reviewed.uid, allowed=True, warnings=[said[:_WARNING]], auditAnnotations={"unrecorded": said})
    return _response(reviewed.uid, allowed=False, status=_status(*_UNAVAILABLE, said))


def _passes(verdict: Verdict, admission: Admission) -> bool:
    if verdict is Verdict.UNDECIDED:
        return admission.undecided == "warn"
    return verdict is not Verdict.DENY


def _exemption(subject: Input, admission: Admission, now: str) -> str:
    """Why nothing is refused where this request goes; empty where it may be."""
    request = subject.request
    if isinstance(request, msgspec.UnsetType) or not request["namespace"]:
        return ""
    if request["namespace"] == admission.namespace:
        return OWN_NAMESPACE
    glass = admission.break_glass
    # A Namespace is in none: whoever makes or labels the one for break-glass is judged.
    inside = request["kind"]["kind"] != "Namespace" or bool(request["kind"]["group"])
    if glass is not None and inside and request["namespace"] == glass.namespace and now < glass.expires:
        return BREAK_GLASS
    return ""


def _uid(raw: bytes) -> str:
    try:
        return _reviews.decode(raw).request.uid
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise UnanswerableError("this is no AdmissionReview with a request that has a uid") from None


def _no_review(subject: Input) -> Input:
    """``subject`` as something of which nothing was judged."""
    kind = msgspec.structs.replace(subject.subject, kind=InputKind.UNKNOWN)
    return Input(kind, problem=subject.problem or "it is no AdmissionReview", foreign=subject.foreign)


def _name(subject: Input) -> str:
    """What the reviewed request is called in the evidence."""
    request = subject.request
    if isinstance(request, msgspec.UnsetType):
        return "AdmissionReview"
    resource = request["resource"]
    place = [resource["group"], resource["resource"], request.get("subResource", "")]
    named = [*place, request["namespace"], request["name"] or _generated(subject)]
    return f"{request['operation']} {'/'.join(part for part in named if part)}"


def _generated(subject: Input) -> str:
    found = inputs.resources(subject)
    return str(found[0].view["name"] or found[0].address.rpartition("/")[2]) if found else ""


def _allowed(uid: str, decision: Decision, exempt: str) -> bytes:
    warnings = [_cut(f"gateproof: {exempt}: {decision.verdict} is not enforced here")] if exempt else []
    warnings += _warnings(decision)
    if len(warnings) > MAX_WARNINGS:
        more = len(warnings) - MAX_WARNINGS + 1
        warnings[MAX_WARNINGS - 1 :] = [f"gateproof: and {more} more; see decision {decision.digest}"]
    said = {"warnings": warnings} if warnings else {}
    annotations = {"exempt": exempt} if exempt else {}
    return _response(uid, allowed=True, **said, auditAnnotations={**_annotations(decision), **annotations})


def _refused(uid: str, decision: Decision) -> bytes:
    scene = decision.core.scene
    where = f"{scene.environment}, tier {scene.tier}, {scene.data_classification} data"
    lines = [f"{decision.verdict} ({where}; decision {decision.digest})", *_reasons(decision)]
    text = "\n".join(lines)
    message = text if len(text) <= _MESSAGE else text[: _MESSAGE - 1] + "…"
    return _response(uid, allowed=False, status=_status(*_FORBIDDEN, message), auditAnnotations=_annotations(decision))


def _reasons(decision: Decision) -> Iterator[str]:
    """What blocks, or why it could not be decided, one line each; then what would make it pass."""
    core = decision.core
    for disposition in core.dispositions_at(decision.layer):
        if disposition.treatment is Treatment.BLOCK:
            yield f"- {plain(_said(disposition), 500)}"
    if decision.verdict is Verdict.UNDECIDED:
        yield from (f"- {plain(problem, 500)}" for problem in core.problems)
        for result in core.results:
            if result.outcome is Outcome.ERROR:
                yield f"- {plain(f'{result.policy}: {result.reason}', 500)}"
    yield from (f"{plain(each, 500)}" for each in core.smallest_change)


def _warnings(decision: Decision) -> list[str]:
    """Findings that are only warned about or waived, and why an UNDECIDED review was let in."""
    said = [
        _cut(f"{'waived: ' if each.treatment is Treatment.WAIVED else ''}{_said(each)}")
        for each in decision.core.dispositions_at(decision.layer)
    ]
    if decision.verdict is Verdict.UNDECIDED:
        said += [_cut(f"gateproof: UNDECIDED: {reason}") for reason in decision.core.reasons]
    return said


def _said(disposition: Disposition) -> str:
    return f"{disposition.finding.policy}: {disposition.finding.message}"


def _cut(text: str) -> str:
    return plain(text, _WARNING)


def _annotations(decision: Decision) -> dict[str, str]:
    return {"verdict": decision.verdict.value, "decision": decision.digest}


def _status(code: int, reason: str, message: str) -> dict[str, Any]:
    return {"code": code, "reason": reason, "message": message}


def _response(uid: str, **said: Any) -> bytes:
    return _encoder.encode({"apiVersion": API_VERSION, "kind": "AdmissionReview", "response": {"uid": uid, **said}})
