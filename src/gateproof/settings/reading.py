"""Bytes of a ``gateproof.yaml`` → Settings, or a ConfigError that lists every problem with its line."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from gateproof.catalog.frameworks import shipped
from gateproof.catalog.gate_table import GateTable, Row
from gateproof.documents.instants import is_instant
from gateproof.documents.interface import Path
from gateproof.errors import ConfigError, DocumentError, PolicyError, UsageError
from gateproof.settings.schema import MAX_ROWS, Admission, BundleSource, Gate, Policies, Settings

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "str": "text",
    "bool": "true/false",
    "int": "a number",
    "float": "a number",
    "null": "nothing",
}

Problem = tuple[Path, str]


def read_settings(raw: bytes, where: str) -> Settings:
    """The Settings in ``raw``. ``where`` names the file in the ConfigError, which has every problem with its line."""
    from gateproof.documents import Format, Limits, read

    try:
        documents = read(raw, Format.YAML, limits=Limits(max_bytes=1024 * 1024, max_depth=20, max_nodes=100_000))
    except DocumentError as error:
        place = f"{where}:{error.line}" if error.line else where
        raise ConfigError(f"not readable as YAML: {error.message}", where=place, hint=error.hint) from None
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        raise ConfigError("expected one mapping", where=where, hint="begin with the line `version: 1`")
    document = documents[0]
    problems: list[Problem] = [(note.path, note.message) for note in document.notes]
    value = _tiers_as_text(document.value)
    if "version" not in value:
        problems.append(((), "version is missing: write `version: 1`"))
    problems += _invalid(value, Settings, ())
    problems += _too_many(value)
    if not problems:
        settings = msgspec.convert(value, Settings)
        settings, problems = _with_canonical_controls(settings)
        problems += _bad_table(settings.gate)
        problems += _bad_bundles(settings.policies.bundles)
        problems += _bad_overlays(settings.policies)
        problems += _bad_break_glass(settings.admission)
        if not problems:
            return settings
    raise _config_error(raw, where, document.index, problems)


def _invalid(value: Any, kind: Any, path: Path) -> Iterator[Problem]:
    """Everything in ``value`` that does not fit ``kind``, each with its own path."""
    struct, element = _struct(kind), _element(kind)
    if struct is not None and isinstance(value, dict):
        fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
        for name in value:
            if name not in fields:
                yield (*path, name), f"there is no setting {str(name)[:60]!r} here; there are {', '.join(fields)}"
        for name, field in fields.items():
            if name in value:
                yield from _invalid(value[name], field.type, (*path, name))
            elif field.required:
                yield path, f"{name} is missing"
    elif element is not None and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _invalid(item, element, (*path, index))
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            yield path, f"{_dotted(path)}: {_in_words(str(error))}{_allowed(kind)}"


def _too_many(value: dict[str, Any]) -> Iterator[Problem]:
    limited = (("gate", "rows"), ("gate", "obligations"), ("policies", "overlays"), ("admission", "namespaces"))
    for section, name in limited:
        found = value[section].get(name) if isinstance(value.get(section), dict) else None
        if isinstance(found, list) and len(found) > MAX_ROWS:
            said = f"{section}.{name}: {len(found)} are more than the {MAX_ROWS} that a person can review"
            yield (section, name), said


def _struct(kind: Any) -> type[msgspec.Struct] | None:
    """The struct that ``kind`` is, None in a union aside."""
    for option in _options(kind):
        if isinstance(option, type) and issubclass(option, msgspec.Struct):
            return option
    return None


def _element(kind: Any) -> Any:
    """The type of the elements where ``kind`` is, or may be, a tuple of any length."""
    return next((get_args(option)[0] for option in _options(kind) if get_origin(option) is tuple), None)


def _options(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def _allowed(kind: Any) -> str:
    """The words that ``kind`` accepts, where it is an enumeration."""
    words: list[str] = []
    for option in _options(kind):
        words += [str(word) for word in (get_args(option) if get_origin(option) is Literal else _members(option))]
    return f"; it is {' or '.join(words)}" if words else ""


def _members(kind: Any) -> Iterable[Any]:
    return kind if isinstance(kind, type) and issubclass(kind, Enum) else ()


def _in_words(message: str) -> str:
    """msgspec's words for a problem, with the names that YAML's readers use for types."""
    said = re.sub(
        r"`([^`]*)`", lambda quoted: re.sub(r"\w+", _type_in_words, quoted[1]), message.partition(" - at ")[0]
    )
    return said[:1].lower() + said[1:]


def _type_in_words(word: re.Match[str]) -> str:
    return _TYPES.get(word[0], word[0])


def _tiers_as_text(value: dict[str, Any]) -> dict[str, Any]:
    """A copy of ``value`` in which tiers that are written as numbers are text."""
    value = {**value, "tier": _as_text(value["tier"])} if "tier" in value else value
    gate, policies = value.get("gate"), value.get("policies")
    if isinstance(gate, dict):
        lists = {name: _with_tiers(gate[name]) for name in ("rows", "obligations") if name in gate}
        value = {**value, "gate": {**gate, **lists}}
    admission = value.get("admission")
    if isinstance(admission, dict) and isinstance(namespaces := admission.get("namespaces"), list):
        rows = [
            {**row, "tier": _as_text(row["tier"])} if isinstance(row, dict) and "tier" in row else row
            for row in namespaces
        ]
        value = {**value, "admission": {**admission, "namespaces": rows}}
    if isinstance(policies, dict) and isinstance(overlays := policies.get("overlays"), list):
        scoped = [
            {**overlay, "scope": _with_tiers([overlay["scope"]])[0]}
            if isinstance(overlay, dict) and "scope" in overlay
            else overlay
            for overlay in overlays
        ]
        value = {**value, "policies": {**policies, "overlays": scoped}}
    return value


def _with_tiers(rows: Any) -> Any:
    if not isinstance(rows, list):
        return rows
    return [
        {**row, "tiers": [_as_text(tier) for tier in row["tiers"]]}
        if isinstance(row, dict) and isinstance(row.get("tiers"), list)
        else row
        for row in rows
    ]


def _as_text(tier: Any) -> Any:
    return str(tier) if type(tier) is int else tier


def _with_canonical_controls(settings: Settings) -> tuple[Settings, list[Problem]]:
    """The settings with the control ids of their rows resolved; a pattern with ``*`` must match some control.

    Beside frameworks of one's own, which are not read here, an id that is not known stays as it is written.
    """
    problems: list[Problem] = []
    rows: list[Row] = []
    for index, row in enumerate(settings.gate.rows):
        controls = []
        for place, control in enumerate(row.controls):
            try:
                controls.append(shipped().pattern(control))
            except PolicyError as error:
                controls.append(control)
                if not settings.catalog.frameworks:
                    problems.append((("gate", "rows", index, "controls", place), f"{error.message}; {error.hint}"))
        rows.append(msgspec.structs.replace(row, controls=tuple(controls)))
    gate = msgspec.structs.replace(settings.gate, rows=tuple(rows))
    return msgspec.structs.replace(settings, gate=gate), problems


def _bad_table(gate: Gate) -> Iterator[Problem]:
    """Rows that may not stand, see ``gate.table.check_table``."""
    if not gate.rows:
        return
    from gateproof.catalog.default_gate import DEFAULT
    from gateproof.gate.table import check_table

    for problem in check_table(GateTable(rows=gate.rows, obligations=gate.obligations), DEFAULT):
        named = (index for index, row in enumerate(gate.rows) if repr(row.name) in problem)
        yield ("gate", "rows", next(named, 0)), problem


def _bad_overlays(policies: Policies) -> Iterator[Problem]:
    if policies.overlays:
        from gateproof.catalog.overlays import check

        for index, problem in check(policies.overlays):
            yield ("policies", "overlays", index), problem


def _bad_break_glass(admission: Admission) -> Iterator[Problem]:
    glass = admission.break_glass
    if glass is not None and not is_instant(glass.expires):
        place = ("admission", "break_glass", "expires")
        yield place, f"{_dotted(place)}: write a time in UTC such as 2026-11-23T05:00:00Z"


def _bad_bundles(bundles: Iterable[BundleSource]) -> Iterator[Problem]:
    """Bundles that are not said to come from one place, or whose reference could change its meaning."""
    for index, each in enumerate(bundles):
        place = ("policies", "bundles", index)
        if bool(each.oci) == bool(each.path):
            yield place, f"{_dotted(place)}: say where it comes from: either oci or path"
        elif each.oci:
            from gateproof.catalog.oci import parse_pinned

            try:
                parse_pinned(each.oci)
            except UsageError as error:
                yield (*place, "oci"), f"{_dotted((*place, 'oci'))}: {error.message}; {error.hint}"


def _config_error(raw: bytes, where: str, document: int, problems: Iterable[Problem]) -> ConfigError:
    from gateproof.documents import Format, positions

    found = sorted(set(problems), key=lambda problem: (str(problem[0]), problem[1]))
    places = positions(raw, Format.YAML, [(document, path) for path, _ in found])
    lines = sorted((places[document, path].line, message) for path, message in found)
    said = [f"{where}:{line}: {message}" for line, message in lines]
    hint = "docs/reference/gateproof.schema.json says what the file may hold"
    if len(said) == 1:
        return ConfigError(lines[0][1], where=f"{where}:{lines[0][0]}", hint=hint)
    return ConfigError(f"{len(said)} problems", where=where, hint=hint, problems=said)


def _dotted(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".") or "the file"
