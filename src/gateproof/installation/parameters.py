"""Parameters of an installation: what cannot be known beforehand, checked all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from gateproof.catalog.scales import Classification, Tier
from gateproof.documents import Format, read
from gateproof.documents.instants import is_instant
from gateproof.errors import DocumentError, UsageError
from gateproof.installation.webhook import Guarded

NAME = "gateproof"
KEYS = "gateproof-keys"
"""The Secret with the key that signs evidence, ``evidence.pem``, and its ``password``."""

SETTINGS = "gateproof.yaml"
"""The member of the ConfigMap that is the settings; the others are files beside it."""

_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_CONFIG_KEY = re.compile(r"(?!\.\.)[A-Za-z0-9._-]{1,253}")
_PINNED = re.compile(r"[^@\s]+@(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})")
_OTHERS = ("default", "kube-node-lease", "kube-public", "kube-system")
"""Namespaces that every cluster has, and much runs in that is not ours."""

_LARGEST_CONFIG = 1_000_000
"""Bytes; the API server takes 1 MiB of a ConfigMap, names included."""


class BreakGlass(msgspec.Struct, frozen=True, kw_only=True):
    """The one namespace that the gate lets pass: its name, who may use it (a group), and until when (RFC 3339 UTC)."""

    namespace: str = "gateproof-break-glass"
    group: str
    until: str


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation is made of.

    ``image`` is pinned by digest. The certificate of the server is either signed by ``issuer``, cert-manager's
    (``ClusterIssuer/NAME`` or ``Issuer/NAME``), or comes in a Secret that somebody else makes, and ``ca_bundle`` is the
    PEM of those who signed it. ``files`` are ``gateproof.yaml`` and what stands beside it. ``evidence_claim`` names the
    volume claim of the evidence store; without one nothing is recorded. ``reads_namespaces``: labels of Namespaces
    count, so the server lists them, and with them the ``collections`` that ``gateproof.yaml`` names
    (``admission.objects`` and ``admission.policies``). ``guarded`` are resources beyond those that are always guarded.
    """

    image: str
    owner: str
    files: dict[str, str]
    namespace: str = "gateproof-system"
    tier: Tier = Tier.ONE
    data_classification: Classification = Classification.RESTRICTED
    replicas: int = 2
    issuer: str = ""
    ca_bundle: bytes = b""
    break_glass: BreakGlass | None = None
    excluded: tuple[str, ...] = ("kube-system",)
    guarded: tuple[Guarded, ...] = ()
    evidence_claim: str = ""
    reads_namespaces: bool = True
    collections: tuple[str, ...] = ()
    metrics_from: str = ""

    @property
    def labels(self) -> dict[str, str]:
        """Labels of every object: those that tools look for, and those that the built-in policies ask for."""
        return {
            "app.kubernetes.io/name": NAME,
            "app.kubernetes.io/component": "admission",
            "app.kubernetes.io/part-of": NAME,
            "owner": self.owner,
            "data_classification": str(self.data_classification),
            "tier": str(self.tier),
        }


def check(parameters: Parameters) -> None:
    """Raises UsageError with everything that is wrong."""
    if problems := [*_problems(parameters)]:
        raise UsageError("nothing can be installed so", problems=problems, hint="correct the options and run again")


def _problems(given: Parameters) -> Iterator[str]:
    if not _PINNED.fullmatch(given.image):
        yield f"--image {given.image[:100]!r} has no digest: write registry/name:tag@sha256:…"
    if not _LABEL.fullmatch(given.owner):
        yield f"--owner {given.owner[:70]!r} is no value of a label: up to 63 letters, digits, dots, dashes"
    if given.replicas < 2:
        yield "--replicas is at least 2: a gate that fails closed must not be one Pod"
    yield from _namespace_problems(given)
    if bool(given.issuer) == bool(given.ca_bundle):
        yield "give either --issuer (of cert-manager) or --ca-bundle (of whoever signs the certificate)"
    if given.issuer and not _is_issuer(given.issuer):
        yield f"--issuer {given.issuer[:100]!r}: write ClusterIssuer/NAME or Issuer/NAME"
    if given.ca_bundle and b"-----BEGIN CERTIFICATE-----" not in given.ca_bundle:
        yield "--ca-bundle holds no certificate in PEM"
    if given.ca_bundle and b"PRIVATE KEY" in given.ca_bundle:
        yield "--ca-bundle holds a private key: everybody in the cluster could read it"
    if given.break_glass and not is_instant(given.break_glass.until):
        yield f"--break-glass-until {given.break_glass.until[:40]!r}: write it in UTC, 2026-12-31T00:00:00Z"
    if given.evidence_claim and not _SUBDOMAIN.fullmatch(given.evidence_claim):
        yield f"--evidence-claim {given.evidence_claim[:70]!r} is no name of a volume claim"
    if given.collections and not given.reads_namespaces:
        yield f"{SETTINGS}: the server has to list {given.collections[0]}: give --cluster, or name none"
    yield from _file_problems(given.files)
    yield from _disagreements(given)


def _namespace_problems(given: Parameters) -> Iterator[str]:
    named = {"--namespace": [given.namespace], "--exclude-namespace": [*given.excluded]}
    if given.metrics_from:
        named["--metrics-from"] = [given.metrics_from]
    if given.break_glass:
        named["--break-glass-namespace"] = [given.break_glass.namespace]
        if given.break_glass.namespace == given.namespace:
            yield "--break-glass-namespace is the server's own: give it another"
        if not given.break_glass.group.strip() or not given.break_glass.group.isprintable():
            yield "--break-glass-group names nobody"
        elif given.break_glass.group in ("system:authenticated", "system:unauthenticated", "system:serviceaccounts"):
            yield f"--break-glass-group {given.break_glass.group} is everybody: name a group of few people"
    for option, names in named.items():
        for name in names:
            if not _DNS_LABEL.fullmatch(name):
                yield f"{option} {name[:70]!r} is no name of a namespace"
            elif name in _OTHERS and option in ("--namespace", "--break-glass-namespace"):
                yield f"{option} {name}: nothing is refused there, so give it one of its own"


def _is_issuer(text: str) -> bool:
    kind, _, name = text.partition("/")
    return kind in ("ClusterIssuer", "Issuer") and _SUBDOMAIN.fullmatch(name) is not None


def settings(namespace: str, break_glass: BreakGlass | None) -> str:
    """The shortest ``gateproof.yaml`` that fits such an installation: the built-in policies judge."""
    lines = ["version: 1", "admission:", f"  namespace: {namespace}"]
    if break_glass:
        lines += ["  break_glass:", f"    namespace: {break_glass.namespace}", f'    expires: "{break_glass.until}"']
    return "\n".join(lines) + "\n"


def _disagreements(given: Parameters) -> Iterator[str]:
    """Where settings and options differ: the server would guard other namespaces than are made."""
    try:
        (document,) = read(given.files.get(SETTINGS, "{}").encode(), Format.YAML)
    except (DocumentError, ValueError) as error:
        yield f"{SETTINGS}: {error or 'it is not one document'}"
        return
    admission, trust = _section(document.value, "admission"), _section(document.value, "trust")
    glass: Any = admission.get("break_glass")
    wanted = given.break_glass
    if given.evidence_claim and not (trust.get("policy") and trust.get("root")):
        yield f"{SETTINGS}: evidence is recorded under a trust policy: trust.policy and trust.root are missing"
    if admission.get("namespace") != given.namespace:
        yield f"{SETTINGS}: admission.namespace must be {given.namespace}, as --namespace says"
    if bool(glass) != bool(wanted):
        yield f"{SETTINGS}: admission.break_glass and --break-glass-until belong together: give both or neither"
    elif wanted and (not isinstance(glass, dict) or glass.get("namespace") != wanted.namespace):
        yield f"{SETTINGS}: admission.break_glass.namespace must be {wanted.namespace}, as --break-glass-namespace says"
    elif wanted and str(glass.get("expires")) != wanted.until:
        yield f"{SETTINGS}: admission.break_glass.expires must be {wanted.until}, as --break-glass-until says"


def _section(document: object, name: str) -> dict[str, Any]:
    section = document.get(name) if isinstance(document, dict) else None
    return section if isinstance(section, dict) else {}


def _file_problems(files: dict[str, str]) -> Iterator[str]:
    if SETTINGS not in files:
        yield f"there is no {SETTINGS}"
    for name, text in files.items():
        if "PRIVATE KEY-----" in text:
            yield f"{name[:70]} holds a private key, and many may read a ConfigMap: keys go into the Secret {KEYS}"
        if not _CONFIG_KEY.fullmatch(name):
            yield f"{name[:70]!r} is no name in a ConfigMap: letters, digits, dots, dashes"
    size = sum(len(name) + len(text.encode()) for name, text in files.items())
    if size > _LARGEST_CONFIG:
        yield f"the files are {size:,} bytes and a ConfigMap takes {_LARGEST_CONFIG:,}: use a policy bundle (oci://…)"
