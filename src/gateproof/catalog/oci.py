"""References to, and manifests of, policy bundles in an OCI registry: what is written and what is read. Pure.

OCI Image and Distribution Specifications 1.1: a bundle is an image manifest with an ``artifactType``, the empty config
and one layer, the bundle's file; a signature is another one whose ``subject`` is the first, its layer a DSSE envelope.
"""

from __future__ import annotations

import re
from typing import Literal, TypeVar

import msgspec

from gateproof.documents import canonical
from gateproof.errors import PolicyError, UsageError

BUNDLE_TYPE = "application/vnd.gateproof.bundle.v1"
ARCHIVE_TYPE = "application/vnd.gateproof.bundle.v1.tar+gzip"
SIGNATURE_TYPE = "application/vnd.gateproof.bundle.signature.v1"
ENVELOPE_TYPE = "application/vnd.dsse.envelope.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
EMPTY = b"{}"

SCHEME = "oci://"
HOST = (
    r"(?:localhost|[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z0-9-]*[A-Za-z0-9]|\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+(?=:))"
    r"(?::[0-9]{1,5})?"
)
REPOSITORY = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*"
TAG = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
DIGEST = r"sha256:[0-9a-f]{64}"
PINNED = rf"^(oci://)?{HOST}/{REPOSITORY}(:{TAG})?@{DIGEST}$"
"""A reference that is pinned, as a pattern of JSON Schema."""

_REFERENCE = re.compile(rf"(?:oci://)?({HOST})/({REPOSITORY})(?::({TAG}))?(?:@({DIGEST}))?")
_LONGEST = 500
_HINT = "write it as oci://registry.example/team/policies:1.2.0, or with @sha256:… for one that cannot change"

_T = TypeVar("_T")


class Reference(msgspec.Struct, frozen=True):
    """Where in which registry: ``host`` may have a port; ``digest``, or else ``tag``, says which manifest."""

    host: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """Host and repository."""
        return f"{self.host}/{self.repository}"

    def at(self, digest: str) -> Reference:
        """The same repository's manifest of that digest."""
        return Reference(self.host, self.repository, digest=digest)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{SCHEME}{self.name}{tag}" + (f"@{self.digest}" if self.digest else "")


class Descriptor(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """What some content is: media type, digest, and size in bytes."""

    media_type: str
    digest: str
    size: int
    artifact_type: str = ""
    annotations: dict[str, str] = {}


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """An image manifest. Members that are not known are passed over, as the specification asks."""

    schema_version: Literal[2]
    media_type: str
    artifact_type: str = ""
    config: Descriptor
    layers: tuple[Descriptor, ...]
    subject: Descriptor | None = None
    annotations: dict[str, str] = {}


class Index(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """An image index: the answer to a question for referrers, too."""

    schema_version: Literal[2]
    media_type: str = ""
    manifests: tuple[Descriptor, ...]


def parse_reference(text: str) -> Reference:
    """The reference that ``text`` spells; the host is never left out. Raises UsageError."""
    found = _REFERENCE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise UsageError(f"{text[:100]!r} is no reference to a policy bundle in a registry", hint=_HINT)
    host, repository, tag, digest = found.groups(default="")
    return Reference(host, repository, tag, digest)


def parse_pinned(text: str) -> Reference:
    """The same; it must be pinned by digest. Raises UsageError."""
    reference = parse_reference(text)
    if not reference.digest:
        raise UsageError(
            "a policy bundle is used by its digest: what a tag names can change",
            where=str(reference),
            hint=f"`gateproof bundle pull {reference} --pin` says which digest that is now",
        )
    return reference


def descriptor(media_type: str, content: bytes) -> Descriptor:
    """What ``content`` is."""
    return Descriptor(media_type=media_type, digest=canonical.digest(content), size=len(content))


def bundle_manifest(archive: bytes, name: str, version: str) -> bytes:
    """The manifest of a bundle: nothing in it but what follows from the bundle, so that its digest does, too."""
    layer = descriptor(ARCHIVE_TYPE, archive)
    file = f"{name.rpartition('/')[2]}-{version}.tar.gz"
    return canonical.encode(
        Manifest(
            schema_version=2,
            media_type=MANIFEST_TYPE,
            artifact_type=BUNDLE_TYPE,
            config=descriptor(EMPTY_TYPE, EMPTY),
            layers=(msgspec.structs.replace(layer, annotations={"org.opencontainers.image.title": file}),),
            annotations={"org.opencontainers.image.title": name, "org.opencontainers.image.version": version},
        )
    )


def signature_manifest(envelope: bytes, subject: bytes) -> bytes:
    """The manifest of a signature on the bundle whose manifest is ``subject``."""
    layer = descriptor(ENVELOPE_TYPE, envelope)
    return canonical.encode(
        Manifest(
            schema_version=2,
            media_type=MANIFEST_TYPE,
            artifact_type=SIGNATURE_TYPE,
            config=descriptor(EMPTY_TYPE, EMPTY),
            layers=(layer,),
            subject=descriptor(MANIFEST_TYPE, subject),
        )
    )


def read_bundle_manifest(raw: bytes, where: str) -> Descriptor:
    """The layer that is the bundle's file. Raises PolicyError for a manifest of anything else."""
    manifest = _decoded(raw, Manifest, where)
    if manifest.artifact_type != BUNDLE_TYPE:
        kind = manifest.artifact_type or manifest.config.media_type
        raise _refused(f"it is of the type {kind[:100]!r}, and {BUNDLE_TYPE!r} is expected", where)
    return _only_layer(manifest, ARCHIVE_TYPE, where)


def read_signature_manifest(raw: bytes, subject: str, where: str) -> Descriptor:
    """The layer that is an envelope, of a signature on the manifest of digest ``subject``. Raises PolicyError."""
    manifest = _decoded(raw, Manifest, where)
    if manifest.artifact_type != SIGNATURE_TYPE or manifest.subject is None or manifest.subject.digest != subject:
        raise _refused("it is no signature on this bundle", where)
    return _only_layer(manifest, ENVELOPE_TYPE, where)


def read_index(raw: bytes, where: str) -> Index:
    """An index. Raises PolicyError for anything else."""
    index = _decoded(raw, Index, where)
    if index.media_type not in ("", INDEX_TYPE):
        raise _refused(f"it is of the type {index.media_type[:100]!r}, and {INDEX_TYPE!r} is expected", where)
    return index


def referrers_tag(digest: str) -> str:
    """The tag under which referrers are listed where a registry does not list them itself ("Referrers Tag Schema")."""
    return digest.replace(":", "-")


def with_referrer(index: bytes | None, manifest: bytes, where: str) -> bytes | None:
    """``index`` (None: an empty one) with the signature ``manifest``; None when it is in there already."""
    entry = msgspec.structs.replace(descriptor(MANIFEST_TYPE, manifest), artifact_type=SIGNATURE_TYPE)
    listed = read_index(index, where).manifests if index is not None else ()
    if any(each.digest == entry.digest for each in listed):
        return None
    return canonical.encode(Index(schema_version=2, media_type=INDEX_TYPE, manifests=(*listed, entry)))


def _only_layer(manifest: Manifest, media_type: str, where: str) -> Descriptor:
    if len(manifest.layers) != 1 or manifest.layers[0].media_type != media_type:
        types = ", ".join(layer.media_type[:60] for layer in manifest.layers[:5])
        raise _refused(f"it has the layers {types or 'none'}, and one of the type {media_type!r} is expected", where)
    layer = manifest.layers[0]
    if not canonical.is_digest(layer.digest) or layer.size < 0:
        raise _refused("its layer has no SHA-256 digest", where)
    return layer


def _decoded(raw: bytes, shape: type[_T], where: str) -> _T:
    try:
        value = msgspec.json.decode(raw, type=shape)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _refused(str(error)[:200], where) from None
    if isinstance(value, Manifest) and value.media_type != MANIFEST_TYPE:
        raise _refused(f"it is of the type {value.media_type[:100]!r}, and {MANIFEST_TYPE!r} is expected", where)
    return value


def _refused(why: str, where: str) -> PolicyError:
    return PolicyError(
        f"this is no manifest of a policy bundle: {why}",
        where=where,
        hint="check the reference; `gateproof bundle push` writes such a manifest",
    )
