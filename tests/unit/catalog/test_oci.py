"""References to bundles in a registry, and the manifests that are written and read."""

from __future__ import annotations

import json
import re

import pytest

from gateproof.catalog import oci
from gateproof.catalog.oci import Reference, parse_pinned, parse_reference
from gateproof.documents import canonical
from gateproof.errors import PolicyError, UsageError

DIGEST = "sha256:" + "a" * 64

REFERENCES = {
    "oci://registry.example/acme/policies:1.2.0": Reference("registry.example", "acme/policies", "1.2.0"),
    "registry.example/policies": Reference("registry.example", "policies"),
    f"oci://localhost:5000/a__b/c-d@{DIGEST}": Reference("localhost:5000", "a__b/c-d", "", DIGEST),
    f"127.0.0.1:5000/p:latest@{DIGEST}": Reference("127.0.0.1:5000", "p", "latest", DIGEST),
    "[::1]:5000/p": Reference("[::1]:5000", "p"),
    "registry:5000/p": Reference("registry:5000", "p"),
    "ghcr.io/acme/policies": Reference("ghcr.io", "acme/policies"),
}


@pytest.mark.parametrize(("text", "expected"), REFERENCES.items(), ids=REFERENCES.keys())
def test_references(text: str, expected: Reference) -> None:
    assert parse_reference(text) == expected
    assert parse_reference(str(expected)) == expected


WRONG = [
    "",
    "acme/policies",  # no host
    "https://registry.example/p",
    "oci://registry.example",
    "registry.example/",
    "registry.example/Policies",
    "registry.example/../p",
    "registry.example//p",
    "registry.example/p:",
    "registry.example/p:a/b",
    "registry.example/p@sha256:abc",
    f"registry.example/p@sha512:{'a' * 128}",
    "user:password@registry.example/p",
    "registry.example/p?x=y",
    "registry.example/p#x",
    "registry.example/p\n",
    "registry.example:99999999/p",
    "registry example/p",
    "registry.example/" + "a" * 500,
]


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_is_no_reference(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_reference(text)
    assert caught.value.hint


def test_only_a_digest_pins() -> None:
    assert parse_pinned(f"registry.example/p@{DIGEST}").digest == DIGEST
    for text in ("registry.example/p", "registry.example/p:1.2.0"):
        with pytest.raises(UsageError, match="by its digest") as caught:
            parse_pinned(text)
        assert "--pin" in (caught.value.hint or "")


@pytest.mark.parametrize("text", [*REFERENCES, *WRONG], ids=range(len(REFERENCES) + len(WRONG)))
def test_the_published_pattern_takes_what_is_pinned(text: str) -> None:
    try:
        pinned = bool(parse_reference(text).digest)
    except UsageError:
        pinned = False
    assert bool(re.search(oci.PINNED, text)) == pinned


def test_a_bundle_s_manifest_follows_from_the_bundle() -> None:
    raw = oci.bundle_manifest(b"archive", "acme/base", "1.2.0")
    assert raw == oci.bundle_manifest(b"archive", "acme/base", "1.2.0")
    value = json.loads(raw)
    assert (value["schemaVersion"], value["artifactType"]) == (2, oci.BUNDLE_TYPE)
    assert value["config"] == {
        "mediaType": "application/vnd.oci.empty.v1+json",
        "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "size": 2,
    }
    assert value["layers"][0]["annotations"] == {"org.opencontainers.image.title": "base-1.2.0.tar.gz"}
    layer = oci.read_bundle_manifest(raw, "here")
    assert (layer.digest, layer.size) == (canonical.digest(b"archive"), 7)


def test_a_signature_s_manifest_is_about_one_bundle() -> None:
    subject = oci.bundle_manifest(b"archive", "acme/base", "1.2.0")
    raw = oci.signature_manifest(b"envelope", subject)
    assert json.loads(raw)["subject"]["digest"] == canonical.digest(subject)
    assert oci.read_signature_manifest(raw, canonical.digest(subject), "here").size == 8
    for other in (DIGEST, ""):
        with pytest.raises(PolicyError, match="no signature on this bundle"):
            oci.read_signature_manifest(raw, other, "here")
    with pytest.raises(PolicyError):
        oci.read_signature_manifest(subject, canonical.digest(subject), "here")
    with pytest.raises(PolicyError):
        oci.read_bundle_manifest(raw, "here")


def test_a_list_of_referrers_grows_by_one() -> None:
    subject = oci.bundle_manifest(b"archive", "acme/base", "1.2.0")
    one, two = (oci.signature_manifest(envelope, subject) for envelope in (b"one", b"two"))
    index = oci.with_referrer(None, one, "here")
    assert index is not None
    assert oci.with_referrer(index, one, "here") is None
    longer = oci.with_referrer(index, two, "here")
    assert longer is not None
    assert [each.artifact_type for each in oci.read_index(longer, "here").manifests] == [oci.SIGNATURE_TYPE] * 2
    with pytest.raises(PolicyError):
        oci.with_referrer(subject, one, "here")
    assert oci.referrers_tag(DIGEST) == DIGEST.replace(":", "-")
