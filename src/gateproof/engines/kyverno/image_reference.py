"""References to container images as ``go-containerregistry`` reads them, which Kyverno's CEL does.

Docker Hub is the registry of those that name none, and ``latest`` the tag of those that name neither tag nor digest
(https://pkg.go.dev/github.com/google/go-containerregistry/pkg/name#ParseReference).
"""

from __future__ import annotations

import re

import msgspec

_HUB = "index.docker.io"
_REPOSITORY = re.compile(r"[a-z0-9_\-./]{2,255}")
_TAG = re.compile(r"[A-Za-z0-9_\-.]{1,128}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_REGISTRY = re.compile(r"[A-Za-z0-9._-]+(:[0-9]*)?|\[[0-9A-Fa-f:.]+\](:[0-9]*)?")


class ImageReference(msgspec.Struct, frozen=True):
    """A reference to an image; ``tag`` and ``digest`` are empty where it has the other."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def identifier(self) -> str:
        """The digest, or else the tag."""
        return self.digest or self.tag


def parse(text: str) -> ImageReference | None:
    """The reference that ``text`` is; None when it is none."""
    base, separator, tag = text.rpartition(":")
    if not separator or "/" in tag:
        base, separator, tag = text, "", "latest"
    if _TAG.fullmatch(tag) and (found := _repository(base)):
        return ImageReference(*found, tag=tag)
    base, separator, digest = text.partition("@")
    if not separator or not _DIGEST.fullmatch(digest):
        return None
    named, colon, tag = base.rpartition(":")
    if colon and _TAG.fullmatch(tag):
        base = named
    found = _repository(base)
    return ImageReference(*found, digest=digest) if found else None


def _repository(text: str) -> tuple[str, str] | None:
    """Registry and repository."""
    first, slash, rest = text.partition("/")
    registry, repository = (first, rest) if slash and ("." in first or ":" in first) else (_HUB, text)
    registry = _HUB if registry == "docker.io" else registry
    if not _REGISTRY.fullmatch(registry) or not _REPOSITORY.fullmatch(repository):
        return None
    if registry == _HUB and "/" not in repository:
        repository = f"library/{repository}"
    return registry, repository
