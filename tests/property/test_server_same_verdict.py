"""`check` on a manifest and the webhook on the AdmissionReview made from it say the same, policy by policy."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateproof import inputs
from gateproof.catalog import pack
from gateproof.catalog.bundle import Bundle, build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.policy import InputKind, Policy
from gateproof.catalog.scales import Classification, Environment, Layer, Scale, Tier
from gateproof.errors import PolicyError
from gateproof.flow import Grounds, judge
from gateproof.gate.decision import Core
from gateproof.inputs import admission, kubernetes
from gateproof.inputs.context import Context
from gateproof.server.admission import Served, review
from gateproof.server.placement import Namespaces, Placement
from gateproof.server.waivers import WaiverIndex
from gateproof.settings import Settings
from gateproof.settings.schema import Admission, NamespaceRow
from gateproof.testing import NOW

POLICIES = Path(__file__).parents[2] / "src" / "gateproof" / "policies"
CASES = Path(os.environ.get("GATEPROOF_CASES") or Path(__file__).parents[3] / "shared" / "cases")
_SCALES: dict[str, type[Scale]] = {"environment": Environment, "tier": Tier, "data_classification": Classification}
AT_DOOR = Context(layer=Layer.RUNTIME)


def _served(bundle: Bundle, context: Context) -> Served:
    row = NamespaceRow(
        names=("*",),
        environment=context.environment,
        tier=context.tier,
        data_classification=context.data_classification,
    )
    said = Settings(
        environment=context.environment,
        tier=context.tier,
        data_classification=context.data_classification,
        admission=Admission(namespace="", namespaces=(row,)),
    )
    placement = Placement(said, "gateproof.yaml", f"sha256:{'0' * 64}")
    return Served(grounds=Grounds(bundle=bundle), placement=placement, waivers=WaiverIndex(()), namespaces=Namespaces())


def _what_decides(core: Core) -> Any:
    """What of a core does not name the bytes that were judged, nor where they came from."""
    kept = msgspec.to_builtins(core)
    for field in ("subject", "input", "scene", "facts"):
        del kept[field]
    return kept


def _objects(raw: bytes) -> Iterator[dict[str, Any]]:
    """The objects of a manifest, as a cluster would be given them one by one."""
    subject = inputs.parse(raw)
    if subject.subject.kind is InputKind.KUBERNETES:
        yield from (one for one in subject.documents if not subject.redactions and kubernetes.is_object(one))


def _differs(bundle: Bundle, one: dict[str, Any], context: Context) -> str:
    """What the door says otherwise about an object than `check` does; nothing, as it should be."""
    raw = json.dumps(one).encode()
    manifest = inputs.parse(raw)
    asked = admission.request(manifest, inputs.resources(manifest)[0])
    labels = (one.get("metadata") or {}).get("labels") or {}
    # What a manifest says of itself at the door, `check` is told.
    context = msgspec.structs.replace(
        context,
        **{
            field: scale.tightest(getattr(context, field), scale.read(labels[field]))
            for field, scale in _SCALES.items()
            if isinstance(labels, dict) and field in labels
        },
    )
    at_door = review(json.dumps(admission.review(asked, "1")).encode(), _served(bundle, context), NOW)
    checked = judge(raw, bundle, {}, context, (), None, NOW)
    if _what_decides(at_door.judged.decision.core) == _what_decides(checked.core):
        return ""
    door = at_door.judged.decision.core
    return f"{checked.core.verdict} {checked.core.results} at the door {door.verdict} {door.problems} {door.results}"


@lru_cache(maxsize=1)
def _ours() -> tuple[Policy, ...]:
    shipped = [path.name for path in sorted(POLICIES.iterdir()) if (path / "policy.rego").exists()]
    return tuple(policy for policy in pack.builtin(tuple(shipped)) if InputKind.KUBERNETES in policy.kinds)


def _samples(policy: str) -> list[dict[str, Any]]:
    files = [*(POLICIES / policy).glob("allowed/*"), *(POLICIES / policy).glob("denied/*")]
    return [one for path in sorted(files) if path.is_file() for one in _objects(path.read_bytes())]


_contexts = st.builds(
    Context,
    environment=st.sampled_from(Environment),
    tier=st.sampled_from(Tier),
    data_classification=st.sampled_from(Classification),
    layer=st.just(Layer.RUNTIME),
)


@pytest.mark.parametrize("policy", [policy.id for policy in _ours()])
@settings(max_examples=5, deadline=None)
@given(context=_contexts)
def test_every_policy_of_ours(policy: str, context: Context) -> None:
    bundle = build([one for one in _ours() if one.id == policy], DEFAULT)
    assert [said for one in _samples(policy) if (said := _differs(bundle, one, context))] == []


def test_all_of_ours_together() -> None:
    bundle = build(_ours(), DEFAULT)
    found = [one for policy in _ours() for one in _samples(policy.id)]
    assert len(found) > 20
    assert [said for one in found if (said := _differs(bundle, one, AT_DOOR))] == []


def _cases(corpus: str, every: int) -> list[dict[str, Any]]:
    path = CASES / corpus / "cases.jsonl"
    if not path.exists():
        pytest.skip(f"there is no {path}")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()][::every]


@pytest.mark.conformance
def test_a_sample_of_gatekeepers_policies() -> None:
    compared, differing = 0, []
    files = CASES / "gatekeeper" / "files"
    for case in _cases("gatekeeper", 8):
        texts = {name: (files / name).read_text(encoding="utf-8") for name in (case["template"], case["constraint"])}
        try:
            bundle = build(pack.load(texts), DEFAULT)
        except PolicyError:
            continue
        for one in _objects((files / case["object"]).read_bytes()):
            compared += 1
            if said := _differs(bundle, one, AT_DOOR):
                differing.append(f"{case['constraint']} {case['object']}: {said}")
    assert compared > 10
    assert differing == []


@pytest.mark.conformance
def test_a_sample_of_kyvernos_policies() -> None:
    compared, differing = 0, []
    for case in _cases("kyverno", 40):
        files = CASES / "kyverno" / "files"
        try:
            policies = pack.load({case["policy_file"]: (files / case["policy_file"]).read_text(encoding="utf-8")})
            bundle = build(policies, DEFAULT)
        except PolicyError:
            continue
        for name in case["resource_files"]:
            for one in list(_objects((files / name).read_bytes()))[:20]:
                compared += 1
                if said := _differs(bundle, one, AT_DOOR):
                    differing.append(f"{case['policy_file']} {name}: {said}")
    assert compared > 50
    assert differing == []
