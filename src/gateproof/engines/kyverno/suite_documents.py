"""The files that Kyverno's tests name beside policies and resources: who asks, and what is known of a cluster.

A key that is not known there is refused by name, as `kyverno test` does, and so is one that would mean something only
to rules that change objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec

from gateproof.engines.kyverno.suite_files import HINT
from gateproof.errors import PolicyError

_OK = 200
_SUCCESSES = range(_OK, _OK + 100)
_Read = TypeVar("_Read")


class _Document(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    api_version: str = ""
    kind: str = ""
    metadata: dict[str, Any] = {}


class _User(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    username: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: dict[str, tuple[str, ...]] = {}


class UserInfo(_Document, frozen=True, kw_only=True):
    """Who asks."""

    user_info: _User = _User()
    roles: tuple[str, ...] | None = None
    cluster_roles: tuple[str, ...] | None = None


class _Cluster(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    crds: tuple[str, ...] = ()
    resources: tuple[dict[str, Any], ...] = ()


class ClusterResource(_Document, frozen=True, kw_only=True):
    """Objects of a cluster; ``crds`` are paths of definitions, from the folder of the test."""

    spec: _Cluster = _Cluster()


class _Image(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    image: str
    resolved_image: str = ""
    registry: str = ""
    repository: str = ""
    tag: str = ""
    digest: str = ""
    image_index: Any = None
    manifest: Any = None
    config: Any = None


class _Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    resources: tuple[dict[str, Any], ...] = ()
    images: tuple[_Image, ...] = ()


class Context(_Document, frozen=True, kw_only=True):
    """What policies in CEL may look up."""

    spec: _Known = _Known()


class _Response(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    body: dict[str, Any]
    status_code: int = _OK


class Call(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A request and what a server answers to it."""

    response: _Response
    url: str = ""
    url_path: str = ""
    method: Literal["", "GET", "POST"] = ""


class GlobalEntry(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """An entry of the global context."""

    name: str
    data: dict[str, Any] | None = None
    resources: tuple[dict[str, Any], ...] | None = None
    resource_files: Any = None
    field_path: Any = None
    projections: Any = None

    @property
    def value(self) -> Any:
        """What policies see. Raises PolicyError where it is not said in one of the ways that are supported."""
        if (
            self.field_path
            or self.projections
            or self.resource_files
            or (self.data is None) == (self.resources is None)
        ):
            raise PolicyError("globalContextEntries: only data and resources are supported, one of them", hint=HINT)
        return self.data if self.resources is None else list(self.resources)


def read_one(kind: type[_Read], documents: Sequence[Mapping[str, Any]], what: str) -> _Read | None:
    """The one document of a file; None where the test names no file. Raises PolicyError."""
    if len(documents) > 1:
        raise PolicyError(f"{what}: the file has {len(documents)} documents, and the first alone counts", hint=HINT)
    return next(iter(read_all(kind, documents, what)), None)


def read_all(kind: type[_Read], raw: Any, what: str) -> tuple[_Read, ...]:
    """Each of a list as ``kind``. Raises PolicyError that names what is not known."""
    try:
        return tuple(msgspec.convert(_given(one), kind) for one in msgspec.convert(raw or (), list[Any]))
    except msgspec.ValidationError as error:
        raise PolicyError(f"{what}: {error}", hint=HINT) from None


def call(given: Call) -> dict[str, Any]:
    """A mocked answer as facts have it. Raises PolicyError for one that cannot count."""
    if bool(given.url) == bool(given.url_path):
        raise PolicyError("apiCallResponses: an answer has one of urlPath and url, and response.body", hint=HINT)
    if given.response.status_code and given.response.status_code not in _SUCCESSES:
        raise PolicyError(f"apiCallResponses: statusCode {given.response.status_code} is not supported", hint=HINT)
    url = given.url_path or given.url
    return {"urlPath": url, "method": given.method or "GET", "answer": given.response.body}


def _given(value: Any) -> Any:
    """``value`` without members that are null: those are not given."""
    return {key: one for key, one in value.items() if one is not None} if isinstance(value, dict) else value
