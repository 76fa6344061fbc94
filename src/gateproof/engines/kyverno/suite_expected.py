"""What Kyverno's tests expect: which rules must say what of which resources.

Every key is one that `kyverno test` knows; any other is refused by name, as there. Keys count whatever their case, as
in Go's JSON. `kind` and `isValidatingPolicy` and its like say what the resources and policies say themselves: Kyverno
does not read them, and nor does this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from gateproof.engines.kyverno.suite_files import HINT
from gateproof.errors import PolicyError


class ResourceSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A resource by all that identifies it; ``group`` empty: the core, ``version`` or ``kind`` empty: any."""

    name: str
    group: str = ""
    version: str = ""
    kind: str = ""
    namespace: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)

    def means(self, value: Mapping[str, Any]) -> bool:
        """Whether it is ``value``. Without a namespace, either is in ``default``, as Kyverno loads resources."""
        group, _, version = str(value.get("apiVersion")).rpartition("/")
        return (
            group == self.group
            and self.version in ("", version)
            and self.kind in ("", value.get("kind"))
            and (self.namespace or "default") == _namespace(value)
            and self.name == name_of(value)
        )


class _Plain(msgspec.Struct, frozen=True):
    """A resource as ``name`` or ``namespace/name``, of whatever kind."""

    text: str

    def __str__(self) -> str:
        return self.text

    def means(self, value: Mapping[str, Any]) -> bool:
        namespace, _, name = self.text.rpartition("/")
        return name_of(value) == name and namespace in ("", _namespace(value))


class Expected(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What a rule (without one: all rules of a policy) must say of resources; without any named, of all of them."""

    policy: str
    result: Literal["pass", "fail", "warn", "skip", "error"]
    rule: str = ""
    kind: str = ""
    resources: tuple[str, ...] | None = None
    resource: str = ""
    resource_specs: tuple[ResourceSpec, ...] = ()
    operation: str = ""
    patched_resources: str = ""
    generated_resource: str = ""
    generated_resources: tuple[str, ...] = ()
    clone_source_resource: str = ""
    fail_on_missing_resources: bool = False
    is_validating_admission_policy: bool = False
    is_mutating_admission_policy: bool = False
    is_validating_policy: bool = False
    is_deleting_policy: bool = False
    is_image_validating_policy: bool = False
    is_generating_policy: bool = False
    is_mutating_policy: bool = False

    @property
    def named(self) -> tuple[ResourceSpec | _Plain, ...]:
        """The resources that it names."""
        plain = self.resources or ((self.resource,) if self.resource else ())
        return (*map(_Plain, plain), *self.resource_specs)

    @property
    def rules(self) -> frozenset[str]:
        """The rule and those that are generated from it."""
        return frozenset(f"{prefix}{self.rule}" for prefix in ("", "autogen-", "autogen-cronjob-"))

    @property
    def is_about_changes(self) -> bool:
        """Whether it says what an object looks like after it was changed or made."""
        made = self.generated_resource or self.generated_resources or self.clone_source_resource
        return bool(self.patched_resources or made or self.fail_on_missing_resources)


_KEYS = {name.lower(): name for name in Expected.__struct_encode_fields__}


def read_expected(raw: Any, where: str) -> tuple[Expected, ...]:
    """The ``results`` of the test in the file ``where``. Raises PolicyError that names what is not known."""
    results = raw or []
    if isinstance(results, list):
        results = [_folded(one) if isinstance(one, dict) else one for one in results]
    try:
        return msgspec.convert(results, tuple[Expected, ...])
    except msgspec.ValidationError as error:
        raise PolicyError(f"results: {error}", where=where, hint=HINT) from None


def name_of(value: Mapping[str, Any]) -> str:
    """The name of an object, or what one is to be generated from."""
    metadata = metadata_of(value)
    return str(metadata.get("name") or metadata.get("generateName") or "")


def metadata_of(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The metadata of an object; empty where it has none."""
    metadata = value.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _namespace(value: Mapping[str, Any]) -> str:
    return str(metadata_of(value).get("namespace") or "default")


def _folded(one: dict[str, Any]) -> dict[str, Any]:
    named = ((str(key), value) for key, value in one.items() if value is not None)
    return {_KEYS.get(key.lower(), key): value for key, value in named}
