"""References to container images, and those of an object as Kyverno's variable ``images`` shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

_DEFAULT_REGISTRY = "docker.io"
_LONGEST = 1024

_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = (
    rf"(?P<registry>{_HOST})/(?P<path>{_COMPONENT}(?:/{_COMPONENT})*)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?"
)
_LONGEST_PATH = 255

_POD = ("spec",)
_TEMPLATE = ("spec", "template", "spec")
_POD_PATHS = {
    "Pod": _POD,
    "CronJob": ("spec", "jobTemplate", *_TEMPLATE),
    **dict.fromkeys(
        ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"), _TEMPLATE
    ),
}
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


class ImageError(ValueError):
    """A text is no reference to an image, or an object has its containers in no form that can be read."""


class Image(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A reference taken apart; ``tag`` is ``latest`` where neither tag nor digest is given."""

    registry: str = ""
    name: str
    path: str
    tag: str = ""
    digest: str = ""
    reference: str = ""
    reference_with_tag: str = ""


def parse_image(text: str) -> Image:
    """Read a reference; without a registry it is in ``docker.io``. Raises ImageError."""
    head, slash, _ = text.partition("/")
    named = slash and (any(sign in head for sign in ".:") or head == "localhost" or head.lower() != head)
    found = _matched(text if named else f"{_DEFAULT_REGISTRY}/{text}")
    if found is None:
        raise ImageError(f"{text[:80]!r} is no reference to an image")
    registry, path, digest = found["registry"], found["path"], found["digest"]
    tag = found["tag"] or ("" if digest else "latest")
    place = f"{registry}/{path}"
    return Image(
        registry=registry,
        name=path.rpartition("/")[2],
        path=path,
        tag=tag,
        digest=digest,
        reference=f"{place}@{digest}" if digest else f"{place}:{tag}",
        reference_with_tag=f"{place}:{tag}",
    )


def _matched(text: str) -> Mapping[str, str] | None:
    found = re.fullmatch(_REFERENCE, text, re.ASCII) if len(text) <= _LONGEST else None
    return found.groupdict(default="") if found and len(found["path"]) <= _LONGEST_PATH else None


def images_of(value: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """``containers``, ``initContainers`` and ``ephemeralContainers`` → name → the image's parts and where it stands.

    Raises ImageError for images that cannot be read: that they are missing must not look like there being none.
    """
    found: dict[str, dict[str, Any]] = {}
    path = _POD_PATHS.get(str(value.get("kind")), ())
    for field in _CONTAINERS if path else ():
        pod: Any = value
        for step in (*path, field):
            if pod is not None and not isinstance(pod, dict):
                raise ImageError(f"{'.'.join((*path, field))} cannot be read")
            pod = None if pod is None else pod.get(step)
        images = _images_in(pod, (*path, field))
        if images:
            found[field] = images
    return found


def _images_in(containers: Any, path: tuple[str, ...]) -> dict[str, Any]:
    if containers is None:
        return {}
    if not isinstance(containers, dict | list):
        raise ImageError(f"{'.'.join(path)} is neither a list nor an object")
    images: dict[str, Any] = {}
    members = containers.items() if isinstance(containers, dict) else enumerate(containers)
    for step, one in members:
        where = "/".join((*path, str(step)))
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            raise ImageError(f"/{where} is no container with a name")
        image = one.get("image")
        if isinstance(image, str) and image.strip():
            images[one["name"]] = msgspec.to_builtins(parse_image(image)) | {"jsonPointer": f"/{where}/image"}
    return images
