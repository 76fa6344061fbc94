"""What tests of the whole way share: a small company with keys, a signed trust policy, a roster, changes and a store.

Every key is derived from a number and signs the same bytes the same way, so a store is the same in every run.
"""

from __future__ import annotations

import hypothesis
import msgspec
import pytest

from gateproof import flow, inputs
from gateproof.answers.reading import Reader, Seen, open_evidence
from gateproof.catalog.bundle import Bundle, build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.scales import Environment, Severity
from gateproof.flow import Grounds, Judged
from gateproof.inputs.context import Context, Fact
from gateproof.log.fsck import fsck
from gateproof.log.interface import Store
from gateproof.log.receipt import Receipt
from gateproof.testing import NOW, LogSigner, signer
from gateproof.trust import (
    DocumentKind,
    KeySigner,
    Person,
    ReasonCode,
    Role,
    Roster,
    TrustedKey,
    TrustPolicy,
    Waiver,
    WaiverKind,
    open_trust,
    sign_document,
)

# A slow machine fails no test.
hypothesis.settings.register_profile(
    "gateproof", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("gateproof")

LATER = "2026-11-23T06:00:00Z"
ORIGIN = "log.example/payments"
RULE = """package acl

deny contains msg if {
	some change in input.resource_changes
	change.change.after.acl != "private"
	msg := sprintf("%s is public", [change.address])
}
"""


class Company:
    """Who signs what, and what is judged by. ``seed`` tells one company's keys from another's.

    ``ci`` signs decisions, ``sequencer`` checkpoints, ``vera`` waivers, ``root`` the trust policy and the roster.
    """

    def __init__(self, seed: int = 0, *, origin: str = ORIGIN) -> None:
        first = 10 * seed + 1
        self.root, self.ci, self.vera, self.foreign = (signer(number) for number in range(first, first + 4))
        self.sequencer = LogSigner(origin, first + 4)
        self.log_key = signer(first + 4)
        self.bundle: Bundle = build(
            [
                Policy(
                    id="acl",
                    engine=EngineName.REGO,
                    title="Buckets are private",
                    severity=Severity.HIGH,
                    controls=("soc2@2017:CC6.1",),
                    sources=(Source("acl.rego", RULE),),
                )
            ],
            DEFAULT,
        )
        self.context = Context(service="payments", environment=Environment.STAGING, author="abe@example.com")
        self.policy = TrustPolicy(
            version=2,
            name="payments",
            log_origin=origin,
            keys=(
                self.trusted(self.root, Role.TRUST, Role.ROSTER),
                self.trusted(self.ci, Role.DECISION),
                self.trusted(self.log_key, Role.CHECKPOINT),
                self.trusted(self.vera, Role.WAIVER, identity="vera@example.com"),
            ),
        )
        people = (("vera", "vp"), ("rita", "engineer"), ("abe", "engineer"))
        self.roster = sign_document(
            DocumentKind.ROSTER,
            Roster(1, tuple(Person(f"{name}@example.com", name, rank) for name, rank in people)),
            self.root,
        )

    @staticmethod
    def plan(**buckets: str) -> bytes:
        """A Terraform plan that makes these buckets, each with its ACL."""
        changes = [
            {
                "address": f"aws_s3_bucket.{name}",
                "mode": "managed",
                "type": "aws_s3_bucket",
                "name": name,
                "change": {"actions": ["create"], "before": None, "after": {"acl": acl}},
            }
            for name, acl in buckets.items()
        ]
        return msgspec.json.encode({"format_version": "1.2", "resource_changes": changes})

    def trusted(self, key: KeySigner, *roles: Role, identity: str = "", not_after: str = "") -> TrustedKey:
        """An entry of the trust policy."""
        return TrustedKey(key.fingerprint, key.public_key_pem, "key", roles, identity, not_after=not_after)

    def waiver(self, *policies: str, resource: str = "plan") -> bytes:
        """A waiver for one resource, signed by Vera."""
        said = Waiver(
            kind=WaiverKind.EXCEPTION,
            policies=policies or ("acl",),
            environment=Environment.STAGING,
            service="payments",
            reason_code=ReasonCode.ACCEPTED_RISK,
            reason="A public web site.",
            risk_owner="vera@example.com",
            requester="rita@example.com",
            approver="vera@example.com",
            ticket="PAY-1",
            not_before="2026-11-01T00:00:00Z",
            not_after="2026-12-01T00:00:00Z",
            resources=(resource,),
        )
        return sign_document(DocumentKind.WAIVER, said, self.vera)

    def grounds(self, *waivers: bytes, policy: TrustPolicy | None = None, facts: tuple[Fact, ...] = ()) -> Grounds:
        """What to judge by: under ``policy`` if it is given, under the company's own if not."""
        signed = sign_document(DocumentKind.TRUST, policy or self.policy, self.root)
        return Grounds(
            bundle=self.bundle,
            facts={fact.name: fact for fact in facts},
            waivers=waivers,
            trust=open_trust(signed, self.root.fingerprint, self.roster, NOW),
            trust_documents=(signed, self.roster),
        )

    def judged(self, name: str, raw: bytes, grounds: Grounds, *, now: str = NOW) -> Judged:
        """``raw`` judged by ``grounds``."""
        subject = inputs.parse(raw)
        decision = flow.judge_input(
            subject, grounds.bundle, grounds.facts, self.context, grounds.waivers, grounds.trust, now
        )
        return Judged(name, subject, decision)

    def record(self, store: Store, grounds: Grounds, *judged: Judged, now: str = NOW) -> list[Receipt]:
        """Record what was judged, signed as it should be."""
        return flow.record(judged, grounds, self.ci, self.sequencer, store, now=now)

    def fill(self, store: Store) -> list[Receipt]:
        """Three decisions in two appends: DENY and ALLOW, then WARN by a waiver."""
        grounds = self.grounds()
        first = self.record(
            store,
            grounds,
            self.judged("public.json", self.plan(site="public-read"), grounds),
            self.judged("private.json", self.plan(data="private"), grounds),
        )
        waived = self.grounds(self.waiver())
        judged = self.judged("waived.json", self.plan(site="public-read"), waived, now=LATER)
        return [*first, *self.record(store, waived, judged, now=LATER)]

    def open(self, store: Store, seen: Seen | None = None) -> Reader:
        """The evidence in ``store``, under the company's root."""
        return open_evidence(store, self.root.fingerprint, now=LATER, seen=seen)

    def verify(self, store: Store, seen: Seen | None = None) -> str:
        """Why the evidence does not hold, by the steps of ``gateproof verify``; empty when it does. Errors are raised.

        Whatever does not hold is a GateproofError or a problem that the check of all files lists.
        """
        reader = self.open(store, seen)
        problems = fsck(store, reader.key).problems
        if not problems:
            for _ in reader.records():
                pass
        return "; ".join(f"{problem.name}: {problem.message}" for problem in problems)


@pytest.fixture(scope="session")
def company() -> Company:
    """The company whose evidence is tested."""
    return Company()


@pytest.fixture(scope="session")
def rival() -> Company:
    """Another company, with keys of its own."""
    return Company(1)
