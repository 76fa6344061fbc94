"""Policies from text: gateproof's own folders, bare Rego as conftest runs it, and the YAML of Kyverno, Gatekeeper and
Kubernetes.

- A folder of ours is ``<id>/policy.rego``: its package-scope METADATA names the same ``custom.id`` and has title,
  description and the keys of ``Custom``; other ``.rego`` files of the folder belong to it, and so do those of the
  shipped library (``data.gateproof.lib``) that it refers to.
- Any other Rego is bare: each package with ``deny``, ``violation`` or ``warn`` rules is one policy, named by its
  package (``tf.aws.s3``), with the files of the packages that it refers to. Title, severity, controls, kinds and
  remediation come from METADATA on the package or on those rules, if there is any.
- A YAML document of kind ClusterPolicy or Policy of ``kyverno.io``, or of kind ValidatingPolicy of
  ``policies.kyverno.io``, is one policy, named by ``metadata.name``;
  its annotations say the rest (``policies.kyverno.io/severity``, ``…/title``, ``…/description``;
  ``gateproof.dev/controls``, separated by commas, and ``gateproof.dev/remediation``).
  PolicyExceptions beside it belong to it; ``catalog.kyverno`` says what else of Kyverno is read.
- A Constraint of Gatekeeper with its template is one policy; ``catalog.gatekeeper`` says which belong together.
- A ValidatingAdmissionPolicy with its bindings is one, too; see ``catalog.admission_policies``.

A policy that does not say how severe it is is critical. ``*_test.rego`` files are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from gateproof.catalog import admission_policies, gatekeeper, kyverno, streams
from gateproof.catalog.cluster_facts import INVENTORY
from gateproof.catalog.policy import LIBRARY, Deprecation, EngineName, InputKind, Policy, Scope, Source
from gateproof.catalog.scales import Layer, Severity
from gateproof.documents import canonical
from gateproof.errors import DocumentError, PolicyError

if TYPE_CHECKING:
    from gateproof.catalog.frameworks import Catalog
    from gateproof.catalog.rego_text import Module

POLICIES = Path(__file__).parents[1] / "policies"
INDEX = POLICIES / "pack.json"
STARTER = ("container-hardening", "encryption-at-rest", "s3-public-access")
"""The built-in policies that judge where nobody has chosen: few, and each of high signal."""

_LIBRARY_PACKAGE = "gateproof.lib"

_ANNOTATIONS = frozenset(
    {
        "title",
        "description",
        "scope",
        "entrypoint",
        "authors",
        "organizations",
        "related_resources",
        "schemas",
        "custom",
    }
)
_HINT_CUSTOM = "docs/reference/policy-contract.md says what it may hold"
_NUMBER = "(0|[1-9][0-9]*)"
_VERSION = rf"^{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$"
_KYVERNO_VALIDATING = re.compile(
    r"policies\.kyverno\.io/\S+ "
    r"((Namespaced)?(Validating|Mutating|Generating|Deleting|ImageValidating)Policy|PolicyException)"
)
"""apiVersion and kind of policies in CEL, those too that do not gate."""


class Custom(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``custom`` in the METADATA of a policy of ours."""

    id: str
    severity: Severity
    remediation: str
    controls: tuple[str, ...] = ()
    kinds: tuple[InputKind, ...] = ()
    layers: tuple[Layer, ...] = ()
    scope: Scope = Scope()
    facts: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}
    resources: tuple[str, ...] = ()
    finds_secrets: bool | UnsetType = UNSET
    version: Annotated[str, Meta(pattern=_VERSION)] | UnsetType = UNSET
    deprecated: Deprecation | UnsetType = UNSET


class _Packed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A built-in policy in ``pack.json``: all of it but its text, which is in ``files`` by name and digest."""

    policy: Policy
    files: dict[str, str]


def builtin(wanted: Iterable[str] | None = None) -> tuple[Policy, ...]:
    """The policies that are shipped, by id, read from ``pack.json`` and the files that it names; or ``wanted`` alone.

    Raises PolicyError when a file is not the one that was indexed (the installation was altered), and when there is no
    policy of a wanted id.
    """
    packed = msgspec.json.decode(INDEX.read_bytes(), type=dict[str, msgspec.Raw])
    chosen = sorted(packed if wanted is None else set(wanted))
    if unknown := [each for each in chosen if each not in packed]:
        raise PolicyError(f"no built-in policy is called {', '.join(unknown)}", hint=_nearest(unknown[0], packed))
    return tuple(_unpacked(msgspec.json.decode(packed[each], type=_Packed)) for each in chosen)


def ids() -> tuple[str, ...]:
    """Ids of the policies that are shipped."""
    return tuple(sorted(msgspec.json.decode(INDEX.read_bytes(), type=dict[str, msgspec.Raw])))


def _nearest(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=3)
    return f"near it are {', '.join(near)}" if near else "`gateproof policy list` lists them"


def _unpacked(packed: _Packed) -> Policy:
    sources = tuple(_shipped(packed.policy.id, name, digest) for name, digest in sorted(packed.files.items()))
    return msgspec.structs.replace(packed.policy, sources=sources)


def index(policies: Iterable[Policy]) -> bytes:
    """The text of ``pack.json`` for ``policies``, which stand in folders of their ids."""
    packed = {
        policy.id: _Packed(
            policy=msgspec.structs.replace(policy, sources=()),
            files={source.name: canonical.digest(source.text.encode()) for source in policy.sources},
        )
        for policy in policies
    }
    return msgspec.json.format(canonical.encode(packed), indent=1) + b"\n"


def load(
    sources: Mapping[str, str], catalog: Catalog | None = None, *, beside: Sequence[Mapping[str, str]] = ()
) -> tuple[Policy, ...]:
    """The policies in ``sources`` (file name, with ``/``, to text), sorted by id.

    Files that are neither Rego nor YAML are left alone, and so is YAML that has nothing of these. ``catalog`` knows
    the controls that they may cite (default: those that are shipped). ``beside``: sources that are loaded too, in which
    a constraint of Gatekeeper may find its template, and a ValidatingAdmissionPolicy its bindings. Raises PolicyError
    with every problem of every file, or when there is no policy at all.
    """
    loader = _Loader(sources, catalog)
    policies = (*loader.rego(), *loader.kyverno(), *loader.constraints(beside), *loader.validations(beside))
    found = sorted(policies, key=lambda policy: policy.id)
    if loader.problems:
        raise PolicyError("the policies do not load", problems=loader.problems, hint="correct them and run again")
    if not found and not loader.serves(beside):
        raise PolicyError(
            f"there is no policy in {', '.join(sorted(sources)[:5]) or 'nothing'}",
            hint="a policy is a Rego package with deny, violation or warn rules, a Kyverno ClusterPolicy, a "
            "Constraint of Gatekeeper, or a ValidatingAdmissionPolicy",
        )
    return tuple(found)


class _Loader:
    """Reads every file and collects what is wrong with each, so that all is reported at once."""

    def __init__(self, sources: Mapping[str, str], catalog: Catalog | None) -> None:
        self._sources = sorted(sources.items())
        self._catalog = catalog
        self.problems: list[str] = []

    def rego(self) -> Iterator[Policy]:
        """The policies in Rego, ours and bare."""
        from gateproof.catalog.rego_text import module

        modules = []
        for name, text in self._sources:
            if name.endswith(".rego") and not name.endswith("_test.rego"):
                with self._collecting(name):
                    found = module(name, text)
                    if _meets(_LIBRARY_PACKAGE, found.package):
                        raise PolicyError(
                            f"the package {found.package} is gateproof's own library", hint="name it otherwise"
                        )
                    modules.append(found)
        homes = {found.folder: found for found in modules if found.is_ours}
        for folder, main in homes.items():
            with self._collecting(main.name):
                yield self._ours(main, [found for found in modules if found.folder == folder])
        bare = [found for found in modules if found.folder not in homes]
        for package in sorted({found.package for found in bare if found.decides}):
            own = [found for found in bare if found.package == package]
            with self._collecting(own[0].name):
                yield self._bare(own, _closure(own, bare))

    def kyverno(self) -> Iterator[Policy]:
        """The policies in Kyverno's YAML, one for each document, each with the exceptions from it."""
        found: list[tuple[str, dict[str, Any], Source]] = []
        for name, text in self._sources:
            if not name.endswith((".yaml", ".yml")) or "kyverno.io/" not in text:
                continue
            parts = re.split(r"(?m)^---(?=\s|$)", text)
            for part in parts:
                with self._collecting(name):
                    value = _kyverno_document(part)
                    if value:
                        source = Source(name.rpartition("/")[2], text if len(parts) == 1 else part)
                        found.append((name, value, source))
        known = {kyverno.key(value) for _, value, _ in found}
        exceptions = [(kyverno.excepted(value), source) for _, value, source in found if kyverno.is_exception(value)]
        for name, value, source in found:
            if kyverno.excepted(value) & known:
                continue
            with self._collecting(name):
                beside = [other for policies, other in exceptions if kyverno.key(value) in policies]
                yield self._kyverno(value, (source, *sorted(beside)))

    def constraints(self, beside: Sequence[Mapping[str, str]]) -> Iterator[Policy]:
        """The constraints of Gatekeeper, each with its template, and what stands beside them."""
        if not any(map(gatekeeper.is_among, self._texts)):
            return
        others = [item for each in beside for item in each.items()]
        for found in gatekeeper.find(self._sources, self.problems, beside=others):
            with self._collecting(found.file):
                yield self._annotated(found, EngineName.GATEKEEPER)

    def validations(self, beside: Sequence[Mapping[str, str]]) -> Iterator[Policy]:
        """The ValidatingAdmissionPolicies, each with its bindings, and what stands beside them."""
        if not any(map(admission_policies.is_among, self._texts)):
            return
        others = [item for each in beside for item in each.items()]
        for found in admission_policies.find(self._sources, self.problems, beside=others):
            with self._collecting(found.file):
                yield self._annotated(found, EngineName.VALIDATING)

    def serves(self, beside: Sequence[Mapping[str, str]]) -> bool:
        """Whether there are templates or bindings for what stands elsewhere."""
        return bool(beside) and any(
            gatekeeper.is_among(text) or admission_policies.is_among(text) for text in self._texts
        )

    @property
    def _texts(self) -> Iterator[str]:
        return (text for _, text in self._sources)

    def _ours(self, main: Module, files: Sequence[Module]) -> Policy:
        about = main.about
        try:
            custom = msgspec.convert(about["custom"], Custom)
        except msgspec.ValidationError as error:
            raise PolicyError(f"METADATA, custom: {error}", hint=_HINT_CUSTOM) from None
        if main.folder.rpartition("/")[2] not in ("", custom.id):
            raise PolicyError(
                f"the policy {custom.id!r} must stand in a folder of this name", hint="rename the folder or the id"
            )
        if unknown := sorted(set(about) - _ANNOTATIONS):
            raise PolicyError(f"METADATA has no {', '.join(map(str, unknown))}", hint="put it below `custom`")
        title = _text(about, "title")
        if not title:
            raise PolicyError("METADATA has no title", hint="write `# title: …` below `# METADATA`")
        return Policy(
            id=custom.id,
            engine=EngineName.REGO_RESOURCE,
            title=title,
            resources=custom.resources,
            finds_secrets=custom.finds_secrets,
            severity=custom.severity,
            description=_text(about, "description"),
            remediation=custom.remediation.strip(),
            controls=self._resolved(custom.controls),
            layers=custom.layers,
            kinds=custom.kinds,
            scope=custom.scope,
            facts=custom.facts,
            parameters=custom.parameters,
            version=custom.version,
            deprecated=custom.deprecated,
            sources=tuple(sorted((*_sources(files, below=main.folder), *_sources(_library(files))))),
        )

    def _bare(self, own: Sequence[Module], files: Sequence[Module]) -> Policy:
        notes = [note.value for one in own for note in sorted(one.notes, key=lambda note: not note.package)]
        customs = [custom for note in notes if isinstance(custom := note.get("custom"), dict)]
        severities = [_severity(custom["severity"]) for custom in customs if "severity" in custom]
        controls = [control for custom in customs for control in _list(custom.get("controls"))]
        kinds = [_kind(kind) for custom in customs for kind in _list(custom.get("kinds"))]
        package = own[0].package
        return Policy(
            id=package,
            engine=EngineName.REGO,
            title=_first(notes, "title") or package,
            severity=Severity.tightest(*severities),
            description=_first(notes, "description"),
            remediation=_first(customs, "remediation"),
            controls=self._resolved(controls),
            kinds=tuple(dict.fromkeys(kinds)),
            sources=_sources(files),
        )

    def _kyverno(self, policy: dict[str, Any], sources: tuple[Source, ...]) -> Policy:
        metadata = policy.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        annotations = metadata.get("annotations")
        annotations = annotations if isinstance(annotations, dict) else {}
        name = _text(metadata, "name")
        if not name:
            raise PolicyError("a Kyverno policy without metadata.name", hint="give it a name")
        severity = annotations.get("policies.kyverno.io/severity")
        title = _text(annotations, "policies.kyverno.io/title") or name
        idle = kyverno.not_gating(policy)
        return Policy(
            id=kyverno.identity(policy),
            engine=EngineName.KYVERNO_VALIDATING if _is_in_cel(policy) else EngineName.KYVERNO,
            title=f"{title} ({idle})" if idle else title,
            severity=Severity.strictest() if severity is None else _severity(severity),
            description=_text(annotations, "policies.kyverno.io/description"),
            remediation=_text(annotations, "gateproof.dev/remediation"),
            controls=self._resolved(_list(annotations.get("gateproof.dev/controls"))),
            kinds=(InputKind.KUBERNETES,),
            sources=sources,
        )

    def _annotated(self, found: gatekeeper.Found, engine: EngineName) -> Policy:
        severity = found.said("severity")
        return Policy(
            id=found.id,
            engine=engine,
            title=found.said("title").strip() or found.id,
            severity=_severity(severity) if severity else Severity.strictest(),
            description=found.said("description").strip(),
            remediation=found.said("remediation").strip(),
            controls=self._resolved(_list(found.said("controls"))),
            layers=found.layers,
            kinds=(InputKind.KUBERNETES,),
            facts=(INVENTORY,) if found.reads_inventory else (),
            sources=streams.joined(found.sources),
        )

    def _resolved(self, spelled: Iterable[object]) -> tuple[str, ...]:
        from gateproof.catalog.frameworks import shipped

        problems, found, catalog = [], set(), self._catalog or shipped()
        for control in spelled:
            try:
                found.add(catalog.resolve(str(control)))
            except PolicyError as error:
                problems.append(f"{error.message}; {error.hint}")
        if problems:
            raise PolicyError("unknown controls", problems=problems, hint="`gateproof controls WORDS` finds them")
        return tuple(sorted(found))

    @contextmanager
    def _collecting(self, name: str) -> Iterator[None]:
        try:
            yield
        except (PolicyError, DocumentError) as error:
            said = error.problems or (error.message,)
            place = error.where or name
            self.problems += [f"{place}: {problem}" + (f" ({error.hint})" if error.hint else "") for problem in said]


def _library(files: Sequence[Module]) -> Sequence[Module]:
    """The files of the shipped library that ``files`` refer to, directly or through each other."""
    if not any(_meets(reference, _LIBRARY_PACKAGE) for file in files for reference in file.references if reference):
        return ()
    from gateproof.catalog.rego_text import module

    shipped = [
        module(f"{LIBRARY}{path.name}", path.read_text(encoding="utf-8"))
        for path in sorted((POLICIES / LIBRARY).glob("*.rego"))
        if not path.name.endswith("_test.rego")
    ]
    return _closure(files, shipped)[len(files) :]


def _shipped(policy: str, name: str, digest: str) -> Source:
    raw = (POLICIES / ("" if name.startswith(LIBRARY) else policy) / name).read_bytes()
    if canonical.digest(raw) != digest:
        raise PolicyError(
            "this file of the built-in policies is not the one that was shipped",
            where=f"policies/{policy}/{name}",
            hint="install gateproof again, or run tools/pack.py after a change to the policies",
        )
    return Source(name, raw.decode())


def _closure(own: Sequence[Module], among: Sequence[Module]) -> list[Module]:
    """``own`` and every module of ``among`` that they refer to, directly or through others."""
    found = {one.name: one for one in own}
    waiting = list(own)
    while waiting:
        references = waiting.pop().references
        for other in among:
            if other.name not in found and any(_meets(reference, other.package) for reference in references):
                found[other.name] = other
                waiting.append(other)
    return list(found.values())


def _meets(reference: str, package: str) -> bool:
    """Whether a reference below ``data`` reads anything of ``package``, or of what it is part of."""
    one, other = f"{reference}.", f"{package}."
    return not reference or one.startswith(other) or other.startswith(one)


def _sources(modules: Iterable[Module], below: str = "") -> tuple[Source, ...]:
    return tuple(sorted(Source(one.name.removeprefix(below).lstrip("/"), one.text) for one in modules))


def _kyverno_document(text: str) -> dict[str, Any] | None:
    """The one document of ``text`` when it is a Kyverno policy; None when it has nothing to do with Kyverno."""
    from gateproof.documents import Format, read

    documents = read(text.encode(), Format.YAML)
    values = [document.value for document in documents if isinstance(document.value, dict)]
    ours = [value for value in values if re.match(r"(policies\.)?kyverno\.io/", str(value.get("apiVersion")))]
    if not ours:
        return None
    if len(documents) > 1 or not (kyverno.is_read(ours[0]) or _is_in_cel(ours[0])):
        hint = "only ClusterPolicy, Policy, ValidatingPolicy and PolicyException are"
        raise PolicyError(f"{ours[0]['apiVersion']} {ours[0].get('kind')} is not read here", hint=hint)
    return ours[0]


def _is_in_cel(policy: Mapping[str, Any]) -> bool:
    return _KYVERNO_VALIDATING.fullmatch(f"{policy.get('apiVersion')} {policy.get('kind')}") is not None


def _kind(text: object) -> InputKind:
    known = [kind.value for kind in InputKind if kind is not InputKind.UNKNOWN]
    if text not in known:
        raise PolicyError(f"the kind {text!r} is unknown", hint=f"it is one of {', '.join(known)}")
    return InputKind(text)


def _severity(spelled: object) -> Severity:
    severity = Severity.LOW if str(spelled).strip().lower() == "info" else Severity.read(spelled)
    if severity is None:
        raise PolicyError(f"{str(spelled)[:40]!r} is no severity", hint=f"it is one of {', '.join(Severity)}")
    return severity


def _list(value: object) -> list[object]:
    """A list as it is; a text split at commas; nothing for None."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _first(values: Iterable[Mapping[str, Any]], key: str) -> str:
    return next((text for value in values if (text := _text(value, key))), "")


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found.strip() if isinstance(found, str) else ""
