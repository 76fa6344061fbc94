"""AdmissionReviews, and what they are judged by, for tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gateproof.catalog import pack
from gateproof.catalog.bundle import build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.scales import Classification, Environment, Tier
from gateproof.flow import Grounds
from gateproof.server.admission import Served
from gateproof.server.placement import Namespaces, Placement, by_name
from gateproof.server.waivers import WaiverIndex
from gateproof.settings import Settings
from gateproof.settings.schema import Admission, BreakGlass, NamespaceRow
from gateproof.testing import NOW
from gateproof.trust import Trust

HEAD = """
# METADATA
# scope: package
# custom:
#   severity: medium
package labels
"""
RULE = f"""{HEAD}
deny contains msg if {{
    not input.metadata.labels.owner
    msg := sprintf("%s has no owner", [input.metadata.name])
}}
"""
DIGEST = f"sha256:{'0' * 64}"
USER = "alice@example.com"
ROWS = (
    NamespaceRow(
        names=("dev-*",), environment=Environment.DEV, tier=Tier.THREE, data_classification=Classification.PUBLIC
    ),
)
GLASS = BreakGlass(namespace="break-glass", expires="2026-11-23T06:00:00Z")

ADMISSION = Admission(namespaces=ROWS, break_glass=GLASS)


def pod(name: str = "web", namespace: str = "shop", **labels: str) -> dict[str, Any]:
    """A Pod with these labels."""
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    container = {"name": "web", "image": "registry.example/web"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}


def request(judged: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """The request to create an object (a Pod without an owner), or what ``changed`` makes of it."""
    made = judged or pod()
    group, _, version = made["apiVersion"].rpartition("/")
    kind = {"group": group, "version": version, "kind": made["kind"]}
    resource = {"group": group, "version": version, "resource": f"{made['kind'].lower()}s"}
    asked = {
        "uid": "1",
        "kind": kind,
        "resource": resource,
        "name": made["metadata"]["name"],
        "namespace": made["metadata"].get("namespace", ""),
        "operation": "CREATE",
        "userInfo": {"username": USER, "groups": ["system:authenticated"]},
        "object": made,
        "oldObject": None,
        "dryRun": False,
    }
    return {**asked, **changed}


def review(judged: dict[str, Any] | None = None, **changed: Any) -> bytes:
    """The AdmissionReview of ``request``."""
    asked = request(judged, **changed)
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": asked}).encode()


def served(
    *,
    rule: str = RULE,
    admission: Admission = ADMISSION,
    namespaces: Sequence[dict[str, Any]] = (),
    waivers: Sequence[bytes] = (),
    trust: Trust | None = None,
    **settings: Any,
) -> Served:
    """What reviews are judged by: one rule in Rego, and these settings."""
    known = Namespaces(by_name(namespaces), "a test", NOW) if namespaces else Namespaces()
    return Served(
        grounds=Grounds(bundle=build(pack.load({"labels.rego": rule}), DEFAULT), trust=trust),
        placement=Placement(Settings(admission=admission, **settings), "gateproof.yaml", DIGEST),
        waivers=WaiverIndex(waivers),
        namespaces=known,
    )


def namespace(name: str, **labels: str) -> dict[str, Any]:
    """A Namespace with these labels."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
