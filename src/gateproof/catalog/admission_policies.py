"""ValidatingAdmissionPolicies in policy files: which bindings and parameters belong to each.

A policy of ``admissionregistration.k8s.io`` with its bindings, and with the objects of its ``paramKind`` that stand
among the files, is one policy here, named by ``metadata.name``. A policy without a binding says so instead of judging;
so do the other kinds of the API group, which do not gate. Annotations ``gateproof.dev/severity``, ``…/controls``
(separated by commas), ``…/title``, ``…/description`` and ``…/remediation`` say the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from gateproof.catalog.gatekeeper import Found
from gateproof.catalog.policy import Source
from gateproof.catalog.streams import joined
from gateproof.documents.interface import Format
from gateproof.documents.reading import read
from gateproof.errors import DocumentError

GROUP = "admissionregistration.k8s.io"
POLICY = "ValidatingAdmissionPolicy"
BINDING = "ValidatingAdmissionPolicyBinding"

_NEXT = re.compile(r"(?m)^---(?=\s|$)")
_Document = tuple[dict[str, Any], Source]


def is_among(text: str) -> bool:
    """Whether a file may hold objects of the API group."""
    return f"{GROUP}/" in text


def find(
    sources: Iterable[tuple[str, str]], problems: list[str], *, beside: Iterable[tuple[str, str]] = ()
) -> Iterator[Found]:
    """The policies in ``sources``, pairs of a file's name and its text; ``problems`` gets what is wrong with files.

    ``beside``: other files, which may have bindings and parameters for them, and policies for bindings of these.
    """
    files, others = list(sources), list(beside)
    ours = list(_documents(files, f"{GROUP}/", problems))
    more = list(_documents(others, f"{GROUP}/", []))
    bindings = [one for one in (*ours, *more) if one[0].get("kind") == BINDING]
    named = {_name(value) for value, _ in (*ours, *more) if value.get("kind") == POLICY}
    for value, source in ours:
        if value.get("kind") == BINDING:
            if (wanted := _below(value, "spec", "policyName")) not in named:
                problems.append(
                    f"{source.name}: the binding {_name(value)} is of {wanted!r}, and no such policy is here"
                )
            continue
        kind = value.get("kind")
        bound = [by for one, by in bindings if kind == POLICY and _below(one, "spec", "policyName") == _name(value)]
        params = _parameters((*files, *others), _below(value, "spec", "paramKind")) if kind == POLICY else []
        annotations = _below(value, "metadata", "annotations")
        yield Found(
            id=_name(value) if kind == POLICY else f"{kind}.{_name(value)}",
            file=source.name,
            sources=joined((source, *sorted(bound), *params)),
            annotations=annotations if isinstance(annotations, dict) else {},
        )


def _parameters(files: Iterable[tuple[str, str]], kind: Any) -> list[Source]:
    wanted = (_below(kind, "apiVersion"), _below(kind, "kind"))
    if not isinstance(wanted[1], str):
        return []
    found = _documents(files, wanted[1], [])
    return sorted(source for value, source in found if (value.get("apiVersion"), value.get("kind")) == wanted)


def _documents(files: Iterable[tuple[str, str]], mark: str, problems: list[str]) -> Iterator[_Document]:
    """Documents of YAML files that have ``mark`` in their text, each alone with its lines where they were."""
    for name, text in files:
        if not name.endswith((".yaml", ".yml")) or mark not in text:
            continue
        first, parts = 0, _NEXT.split(text)
        for part in parts:
            padded = part if len(parts) == 1 else "\n" * first + part.rstrip() + "\n"
            first += part.count("\n")
            if mark not in part:
                continue
            try:
                documents = read(padded.encode(), Format.YAML)
            except DocumentError as error:
                problems.append(f"{name}:{error.line or 1}:{error.column or 1}: {error.message}")
                continue
            for document in documents:
                value = document.value
                if isinstance(value, dict) and (mark[-1] != "/" or str(value.get("apiVersion")).startswith(mark)):
                    yield value, Source(name, padded)


def _name(value: Any) -> str:
    return str(_below(value, "metadata", "name") or "nameless")


def _below(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
