"""Policy bundle: policies that travel together, with rows for the gate and frameworks of their own. Pure.

A file (see ``bundle_archive``) that holds

- ``manifest.json``: format, name, version, and every other file with its digest and size;
- ``policies/<id>/``: ``metadata.json``, which is all of a policy but its text, and the files of its text, those of the
  shipped library that it uses in ``lib/`` among them;
- ``gate.json``: rows that block, and obligations, if there are any;
- ``frameworks/<name>.json``: a framework of one's own, as ``framework_file`` reads it.

Every JSON file is canonical, and names are percent-encoded. The digest of the bundle is that of the whole file. What
``metadata.json`` says is what counts: overlays may have changed what METADATA in the text says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, TypeVar
from urllib.parse import quote, unquote

import msgspec

from gateproof.catalog import bundle_archive, frameworks
from gateproof.catalog.frameworks import VERSION, Catalog, Framework
from gateproof.catalog.gate_table import Action, GateTable
from gateproof.catalog.policy import Policy, Source
from gateproof.documents import canonical
from gateproof.errors import DocumentError, PolicyError

FORMAT = 1
MAX_BYTES = bundle_archive.MAX_BYTES

_MANIFEST = "manifest.json"
_METADATA = "metadata.json"
_GATE = "gate.json"
_NAME = r"[a-z0-9][a-z0-9._/-]{0,99}"
_HINT = "get it again from where it comes from, or build it with `gateproof bundle build`"
_EMPTY = GateTable(rows=())

_T = TypeVar("_T")


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a bundle: digest and size of its content."""

    digest: str
    size: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``manifest.json``: what the bundle is called, and every other file in it."""

    format: int
    name: str
    version: str
    files: dict[str, Member]
    description: str = ""


class PolicyBundle(msgspec.Struct, frozen=True, kw_only=True):
    """Policies that travel together. Policies are sorted by id, frameworks by name.

    ``gate`` has rows that block and obligations; what loosens is each repository's own to say. Not to be taken for the
    ``Bundle`` of a Decision, which is made of all that applies to it.
    """

    name: str
    version: str
    policies: tuple[Policy, ...]
    description: str = ""
    gate: GateTable = _EMPTY
    frameworks: tuple[Framework, ...] = ()

    def with_canonical_controls(self, catalog: Catalog | None = None) -> PolicyBundle:
        """The same with the control ids of its policies as ``catalog`` writes them (default: what is shipped).

        Raises PolicyError for a control that there is not.
        """
        known = catalog.control if catalog else frameworks.control
        policies = tuple(
            msgspec.structs.replace(policy, controls=tuple(sorted({known(each).id for each in policy.controls})))
            for policy in self.policies
        )
        return msgspec.structs.replace(self, policies=policies)


def encode(bundle: PolicyBundle) -> bytes:
    """The bundle's file: the same bytes for the same bundle, on every machine.

    Raises PolicyError with everything that keeps it from being one.
    """
    if problems := [*_problems(bundle)]:
        raise PolicyError("this makes no policy bundle", problems=problems, hint="correct it and build again")
    members = dict(_members(bundle))
    manifest = Manifest(
        format=FORMAT,
        name=bundle.name,
        version=bundle.version,
        description=bundle.description,
        files={name: Member(canonical.digest(content), len(content)) for name, content in members.items()},
    )
    return bundle_archive.write({**members, _MANIFEST: canonical.encode(manifest)})


def decode(raw: bytes) -> PolicyBundle:
    """The bundle in the bytes of its file; their digest is the bundle's.

    Raises PolicyError for whatever ``encode`` cannot have written: one byte that differs, a member more or less.
    Whether the controls exist that policies cite is for whoever knows the catalogue.
    """
    members = bundle_archive.read(raw)
    manifest = _manifest(members)
    bundle = PolicyBundle(
        name=manifest.name,
        version=manifest.version,
        description=manifest.description,
        policies=tuple(sorted(_policies(members), key=lambda policy: policy.id)),
        gate=_json(_GATE, members.pop(_GATE), GateTable) if _GATE in members else _EMPTY,
        frameworks=tuple(_frameworks(members)),
    )
    problems = [*(f"{name}: nothing of a bundle" for name in members), *_problems(bundle)]
    if problems:
        raise PolicyError("this is no policy bundle", problems=problems, hint=_HINT)
    return bundle


def _problems(bundle: PolicyBundle) -> Iterator[str]:
    """What is wrong with a bundle whose parts are of the right types."""
    if not re.fullmatch(_NAME, bundle.name) or ".." in bundle.name:
        yield f"{bundle.name[:80]!r} is no name: lower-case letters, digits, and . _ - / between them"
    if not re.fullmatch(VERSION, bundle.version):
        yield f"{bundle.version[:80]!r} is no version such as 1.2.0"
    if not bundle.policies:
        yield "there are no policies"
    ids = sorted(policy.id for policy in bundle.policies)
    yield from (f"{one}: two policies have this id" for one, other in pairwise(ids) if one == other)
    for policy in bundle.policies:
        names = [source.name for source in policy.sources]
        if not names or len(set(names)) < len(names) or _METADATA in names:
            yield f"{policy.id}: its files have no names of their own"
    for row in bundle.gate.rows:
        if row.action is not Action.BLOCK or row.loosens is not None:
            yield f"row {row.name!r}: a bundle may only tighten; say what warns or loosens in gateproof.yaml"


def _members(bundle: PolicyBundle) -> Iterator[tuple[str, bytes]]:
    for policy in bundle.policies:
        folder = f"policies/{_quoted(policy.id)}"
        yield f"{folder}/{_METADATA}", canonical.encode(_metadata(policy))
        for source in policy.sources:
            path = "/".join(map(_quoted, source.name.split("/")))
            yield f"{folder}/{path}", source.text.encode()
    if bundle.gate != _EMPTY:
        yield _GATE, canonical.encode(bundle.gate)
    for framework in bundle.frameworks:
        yield _framework_name(framework), _framework_text(framework)


def _manifest(members: dict[str, bytes]) -> Manifest:
    """The manifest, taken out of ``members``, which are what it lists."""
    if _MANIFEST not in members:
        raise PolicyError(f"this is no policy bundle: it has no {_MANIFEST}", hint=_HINT)
    raw = members.pop(_MANIFEST)
    value = _value(_MANIFEST, raw)
    if isinstance(value, dict) and value.get("format") != FORMAT:
        raise PolicyError(
            f"the bundle is of format {str(value.get('format'))[:20]}, and {FORMAT} is read here",
            hint="use the version of gateproof that it was built with, or a newer one",
        )
    manifest = _converted(_MANIFEST, value, Manifest)
    found = {name: Member(canonical.digest(content), len(content)) for name, content in members.items()}
    wrong = sorted(name for name in found.keys() | manifest.files.keys() if found.get(name) != manifest.files.get(name))
    if wrong:
        said = [f"{name}: not what the manifest lists" for name in wrong[:20]]
        raise PolicyError("this is no policy bundle", problems=said, hint=_HINT)
    return manifest


def _policies(members: dict[str, bytes]) -> Iterator[Policy]:
    """Every policy, its files taken out of ``members``."""
    folders: dict[str, dict[str, bytes]] = {}
    for name in [*members]:
        top, _, path = name.partition("/")
        folder, _, rest = path.partition("/")
        if top == "policies" and rest:
            folders.setdefault(folder, {})[rest] = members.pop(name)
    for folder, files in folders.items():
        place = f"policies/{folder}/{_METADATA}"
        if _METADATA not in files:
            raise PolicyError("a policy without metadata", where=place, hint=_HINT)
        value = _value(place, files.pop(_METADATA))
        fields = {field.name for field in msgspec.structs.fields(Policy)} - {"sources"}
        if not isinstance(value, dict) or value.keys() - fields:
            raise PolicyError(
                "something is said about the policy that is not known here",
                where=place,
                hint="use the version of gateproof that the bundle was built with, or a newer one",
            )
        policy = _converted(place, value, Policy)
        if _quoted(policy.id) != folder:
            raise PolicyError(f"the policy {policy.id[:80]!r} stands in another one's folder", where=place, hint=_HINT)
        sources = sorted(_source(f"policies/{folder}", name, raw) for name, raw in files.items())
        yield msgspec.structs.replace(policy, sources=tuple(sources))


def _source(folder: str, name: str, raw: bytes) -> Source:
    spelled = "/".join(map(unquote, name.split("/")))
    if "/".join(map(_quoted, spelled.split("/"))) != name:
        raise PolicyError("this is no name of a policy's file", where=f"{folder}/{name}", hint=_HINT)
    try:
        return Source(spelled, raw.decode())
    except UnicodeDecodeError:
        raise PolicyError("not UTF-8", where=f"{folder}/{name}", hint=_HINT) from None


def _frameworks(members: dict[str, bytes]) -> Iterator[Framework]:
    """Every framework in order of their names, its file taken out of ``members``."""
    from gateproof.catalog.framework_file import parse

    for name in [each for each in members if each.startswith("frameworks/")]:
        raw = members.pop(name)
        framework = parse(name, {name: raw}.__getitem__) if _own(_value(name, raw)) else None
        if framework is None or (_framework_name(framework), _framework_text(framework)) != (name, raw):
            raise PolicyError("this is no framework of a bundle", where=name, hint=_HINT)
        yield framework


def _own(value: Any) -> bool:
    """Whether this is a framework of our form: an OSCAL document would import others."""
    return isinstance(value, dict) and not value.keys() & {"catalog", "profile"}


def _framework_name(framework: Framework) -> str:
    return f"frameworks/{_quoted(framework.name)}.json"


def _framework_text(framework: Framework) -> bytes:
    from gateproof.catalog.framework_file import OwnControl, OwnFramework

    fields = OwnControl.__struct_fields__
    controls = tuple(OwnControl(**{name: getattr(each, name) for name in fields}) for each in framework.controls)
    own = OwnFramework(
        framework.id, framework.title, controls, framework.version, framework.source[:1000], framework.note[:1000]
    )
    return canonical.encode(_said(own, controls=[_said(each) for each in controls]))


def _metadata(policy: Policy) -> dict[str, Any]:
    """What a policy says beside its text; what it does not say is left out, so that new fields change no old bundle."""
    said = _said(policy)
    said.pop("sources", None)
    return said


def _said(value: msgspec.Struct, **instead: Any) -> dict[str, Any]:
    """The fields of ``value`` that are not as they are by default."""
    fields = msgspec.structs.fields(value)
    said = {field.name: each for field in fields if (each := getattr(value, field.name)) != _default(field)}
    return {**said, **instead}


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _json(where: str, raw: bytes, shape: type[_T]) -> _T:
    return _converted(where, _value(where, raw), shape)


def _value(where: str, raw: bytes) -> Any:
    """The value of canonical JSON, which has no duplicate keys."""
    try:
        value = msgspec.json.decode(raw)
        spelled = canonical.encode(value)
    except (msgspec.MsgspecError, DocumentError, UnicodeError, RecursionError) as error:
        raise PolicyError(f"not readable as JSON: {str(error)[:200]}", where=where, hint=_HINT) from None
    if spelled != raw:
        raise PolicyError("not canonical JSON", where=where, hint=_HINT)
    return value


def _converted(where: str, value: Any, shape: type[_T]) -> _T:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise PolicyError(f"not what a bundle holds here: {error}", where=where, hint=_HINT) from None


def _quoted(name: str) -> str:
    return quote(name, safe="@+")


def merged_gate(own: GateTable, bundles: Iterable[PolicyBundle]) -> GateTable:
    """``own`` with the rows and obligations of ``bundles``; what stands in several of them counts once.

    A row is said to be a bundle's where names clash, which ``gate.check_table`` then refuses.
    """
    rows, obligations = dict.fromkeys(own.rows), dict.fromkeys(own.obligations)
    for bundle in bundles:
        rows.update(dict.fromkeys(bundle.gate.rows))
        obligations.update(dict.fromkeys(bundle.gate.obligations))
    return GateTable(rows=tuple(rows), obligations=tuple(obligations))
