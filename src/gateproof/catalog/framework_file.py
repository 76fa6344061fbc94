"""A team's own framework from a file: a short YAML or JSON document of ours, or an OSCAL catalogue or profile. Pure.

``docs/reference/framework.schema.json`` is the JSON Schema of the first. An OSCAL document has no id by which policies
could name it, so the file's name, without its ending, is the framework's id, and the document's version its version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from gateproof.catalog.frameworks import ID, NAME, VERSION, Entry, Framework
from gateproof.documents import Document, Format, Limits, positions, read
from gateproof.errors import DocumentError, PolicyError

MAX_BYTES = 64 * 1024 * 1024
"""NIST's whole catalogue has ten."""

MAX_CONTROLS = 20_000

_LIMITS = Limits(max_bytes=MAX_BYTES, max_depth=60, max_aliases=1_000)
_HINT = "docs/reference/framework.schema.json says what the file may hold"
_MAX_PROBLEMS = 50

_WHOLE = r"^({})$(?!\n)"  # in Python, $ alone lets a line end follow
_ControlId = Annotated[str, Meta(pattern=_WHOLE.format(ID))]

Text = Annotated[str, Meta(min_length=1, max_length=500)]


class OwnControl(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A requirement.

    ``related``: controls of other frameworks for the same thing, in any spelling. ``aliases``: other ids by which
    people call it. ``not_by_gate``: why no executable gate can ever enforce it. ``heading``: it only groups others.
    """

    id: _ControlId
    title: Text
    related: tuple[Text, ...] = ()
    aliases: tuple[_ControlId, ...] = ()
    designation: Annotated[str, Meta(max_length=100)] = ""
    not_by_gate: Annotated[str, Meta(max_length=500)] = ""
    heading: bool = False


class OwnFramework(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A framework of one's own. Its controls are called ``id@version:control``, or ``id:control`` without a version."""

    id: Annotated[str, Meta(pattern=_WHOLE.format(NAME))]
    title: Text
    controls: Annotated[tuple[OwnControl, ...], Meta(min_length=1, max_length=MAX_CONTROLS)]
    version: Annotated[str, Meta(pattern=_WHOLE.format(f"({VERSION})?"))] = ""
    source: Annotated[str, Meta(max_length=1000)] = ""
    note: Annotated[str, Meta(max_length=1000)] = ""


Read = Callable[[str], bytes]
"""Gives the bytes of the file at a path; raises GateproofError where there is none."""


def parse(path: str, read_file: Read) -> Framework:
    """The framework in the file at ``path``; what an OSCAL profile imports is found beside it.

    Raises PolicyError with every problem of a file of ours and its line, or with what an OSCAL document asks for that
    is not supported; what ``read_file`` raises passes.
    """
    raw = read_file(path)
    document = _document(raw, path)
    value = document.value
    if not isinstance(value, dict):
        raise PolicyError("expected one mapping", where=path, hint=_HINT)
    if "catalog" in value or "profile" in value:
        return _from_oscal(value, path, read_file)
    return _own(raw, document, path)


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a framework's file of ours."""
    schema = msgspec.json.schema(OwnFramework)
    for definition in schema["$defs"].values():
        definition["description"] = " ".join(definition["description"].replace("``", "").split())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A framework of one's own for gateproof",
        **schema,
    }


def _document(raw: bytes, where: str) -> Document:
    form = _format(raw)
    try:
        documents = read(raw, form, limits=_LIMITS)
    except DocumentError as error:
        place = f"{where}:{error.line}" if error.line else where
        raise PolicyError(f"not readable as {form.upper()}: {error.message}", where=place, hint=error.hint) from None
    if len(documents) != 1:
        raise PolicyError(f"{len(documents)} documents where one is expected", where=where, hint=_HINT)
    return documents[0]


def _format(raw: bytes) -> Format:
    return Format.JSON if raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else Format.YAML


def _own(raw: bytes, document: Document, where: str) -> Framework:
    problems = [(note.path, note.message) for note in document.notes]
    problems += _invalid(document.value)
    if problems:
        raise _refused(raw, document, where, problems)
    own = msgspec.convert(document.value, OwnFramework)
    entries = tuple(Entry(**msgspec.structs.asdict(each)) for each in own.controls)
    return Framework(own.id, own.version, own.title, own.source, own.note, entries)


def _invalid(value: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Everything that does not fit, each with its own place: the file without its controls, then every control."""
    controls = value.get("controls")
    if not isinstance(controls, list) or not controls:
        yield ("controls",), "controls: a list with at least one control is needed"
        controls = []
    stand_in = [{"id": "x", "title": "x"}]
    try:
        msgspec.convert({**value, "controls": stand_in}, OwnFramework)
    except msgspec.ValidationError as error:
        yield (_named(error, value),), _in_words(error)
    if len(controls) > MAX_CONTROLS:
        yield ("controls",), f"controls: {len(controls)} are more than {MAX_CONTROLS}"
        return
    for index, each in enumerate(controls):
        try:
            msgspec.convert(each, OwnControl)
        except msgspec.ValidationError as error:
            yield ("controls", index), f"controls[{index}]: {_in_words(error)}"


def _named(error: msgspec.ValidationError, value: dict[str, Any]) -> str:
    """The member of ``value`` that ``error`` is about, or one that there is not."""
    words = re.findall(r"[A-Za-z_]+", str(error))
    return next((word for word in reversed(words) if word in value), "")


def _in_words(error: msgspec.ValidationError) -> str:
    said, _, at = str(error).partition(" - at ")
    place = at.strip("`").removeprefix("$").removeprefix(".")
    said = said[:1].lower() + said[1:]
    return f"{place}: {said}" if place else said


def _refused(
    raw: bytes, document: Document, where: str, problems: list[tuple[tuple[str | int, ...], str]]
) -> PolicyError:
    shown = problems[:_MAX_PROBLEMS]
    places = positions(raw, document.format, [(document.index, path) for path, _ in shown])
    said = [f"{where}:{places[document.index, path].line}: {message}" for path, message in shown]
    if len(problems) > len(shown):
        said.append(f"{where}: {len(problems) - len(shown)} more")
    return PolicyError("this is no framework", where=where, problems=said, hint=_HINT)


def _from_oscal(value: dict[str, Any], path: str, read_file: Read) -> Framework:
    from gateproof.catalog.oscal import Controls, Found, controls

    def loader(base: PurePosixPath) -> Any:
        def load(href: str) -> tuple[Any, Any]:
            at = base / href
            return _document(read_file(str(at)), str(at)).value, loader(at.parent)

        return load

    def entry(each: Found, document: Controls) -> Entry:
        title = document.shown(f"{each.below} | {each.title}" if each.below else each.title)
        label = each.label if re.fullmatch(ID, each.label) else each.id
        return Entry(label, title, aliases=() if label == each.id else (each.id,))

    try:
        found = controls(value, loader(PurePosixPath(path).parent))
    except PolicyError as error:
        error.where = error.where or path
        raise
    entries = tuple(entry(each, found) for each in found.found)
    name = re.sub(r"[^a-z0-9._-]+", "-", PurePosixPath(path).name.lower().rpartition(".")[0]).strip("-._")
    problems = [f"{each.id[:80]!r} is no id for a control" for each in entries if not re.fullmatch(ID, each.id)]
    if not entries:
        problems.append("there are no controls")
    if len(entries) > MAX_CONTROLS:
        problems.append(f"{len(entries)} controls are more than {MAX_CONTROLS}")
    if not re.fullmatch(NAME, name):
        problems.append("the file's name gives no id for the framework: rename it to something like acme.json")
    if not re.fullmatch(VERSION, found.version):
        problems.append(f"the version {found.version[:40]!r} cannot stand in an id")
    if problems:
        raise PolicyError("this OSCAL document makes no framework", where=path, problems=problems[:50], hint=_HINT)
    kind = "profile" if "profile" in value else "catalog"
    return Framework(name, found.version, found.title, f"the OSCAL {kind} {PurePosixPath(path).name}", "", entries)
