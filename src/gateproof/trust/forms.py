"""Forms: the documents that people write in YAML or JSON and sign, and the way back from what they signed."""

from __future__ import annotations

import contextlib
import typing
from collections.abc import Callable, Sequence
from enum import Enum, StrEnum
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from gateproof.documents import canonical
from gateproof.documents.interface import Format, Limits
from gateproof.errors import DocumentError, TrustError
from gateproof.trust import dsse, policy, roster, waiver
from gateproof.trust.interface import Signer

_LIMITS = Limits(max_bytes=1024 * 1024, max_depth=16, max_aliases=0, max_nodes=200_000)
_PAYLOAD_LIMIT = 4 * 1024 * 1024
_PROBLEM_LIMIT = 100


class DocumentKind(StrEnum):
    """What kinds of document people write and sign."""

    TRUST = "trust"
    ROSTER = "roster"
    WAIVER = "waiver"

    @property
    def payload_type(self) -> str:
        """The DSSE payload type."""
        return f"application/vnd.gateproof.{self.value}+json"


Form = policy.TrustPolicy | roster.Roster | waiver.Waiver


class _Shape(msgspec.Struct, frozen=True):
    type: type[Any]
    check: Callable[[Any], list[str]]


_SHAPES: dict[DocumentKind, _Shape] = {
    DocumentKind.TRUST: _Shape(policy.TrustPolicy, policy.check),
    DocumentKind.ROSTER: _Shape(roster.Roster, roster.check),
    DocumentKind.WAIVER: _Shape(waiver.Waiver, waiver.check),
}


@typing.overload
def parse_document(kind: typing.Literal[DocumentKind.TRUST], raw: bytes) -> policy.TrustPolicy: ...
@typing.overload
def parse_document(kind: typing.Literal[DocumentKind.ROSTER], raw: bytes) -> roster.Roster: ...
@typing.overload
def parse_document(kind: typing.Literal[DocumentKind.WAIVER], raw: bytes) -> waiver.Waiver: ...
@typing.overload
def parse_document(kind: DocumentKind, raw: bytes) -> Form: ...
def parse_document(kind: DocumentKind, raw: bytes) -> Form:
    """The document that a person wrote in YAML or JSON (bytes beginning with ``{``).

    Raises TrustError with every problem at once, each with its field. Duplicate keys, aliases and several documents in
    one file are refused: what is signed must be what was read.
    """
    from gateproof.documents import reading

    format = Format.JSON if raw.lstrip()[:1] == b"{" else Format.YAML
    try:
        documents = reading.read(raw, format, limits=_LIMITS)
    except DocumentError as error:
        raise TrustError(f"the {kind.value} file cannot be read: {error}", hint=error.hint) from None
    if len(documents) != 1:
        raise TrustError(
            f"the {kind.value} file holds {len(documents)} documents where one is expected",
            hint="write each document into a file of its own",
        )
    notes = [f"line {note.position.line}: {note.message}" for note in documents[0].notes]
    if notes:
        raise _problems(kind, notes)
    document: Form = _build(kind, documents[0].value)
    return document


def sign_document(kind: DocumentKind, value: Form, signer: Signer) -> bytes:
    """``value`` under one signature, as canonical envelope bytes. Raises TrustError with every problem."""
    found = _SHAPES[kind].check(value) if isinstance(value, _SHAPES[kind].type) else [f"this is no {kind.value}"]
    if found:
        raise _problems(kind, found)
    payload = canonical.encode(value)
    if len(payload) > _PAYLOAD_LIMIT:
        raise _problems(kind, [f"it is {len(payload)} bytes long, and {_PAYLOAD_LIMIT} is the limit"])
    return dsse.encode(dsse.seal(payload, kind.payload_type, [signer]))


def read_payload(kind: DocumentKind, payload: bytes) -> Any:
    """The document in a signed ``payload``, which must be canonical JSON. Raises TrustError with every problem."""
    value = None
    if len(payload) <= _PAYLOAD_LIMIT:
        with contextlib.suppress(msgspec.MsgspecError, UnicodeError, RecursionError):
            value = msgspec.json.decode(payload)
    if value is None or canonical.encode(value) != payload:
        raise TrustError(
            f"the signed {kind.value} is not canonical JSON", hint="sign the document again with gateproof"
        )
    return _build(kind, value)


def _build(kind: DocumentKind, value: Any) -> Any:
    shape = _SHAPES[kind]
    found = list(islice(_misfits(value, shape.type, ""), _PROBLEM_LIMIT + 1))
    if not found:
        document = msgspec.convert(value, shape.type)
        found = shape.check(document)
        if not found:
            return document
    raise _problems(kind, found)


def _problems(kind: DocumentKind, found: Sequence[str]) -> TrustError:
    shown = [*found[:_PROBLEM_LIMIT], "and more"] if len(found) > _PROBLEM_LIMIT else found
    return TrustError(
        f"the {kind.value} document is not in order:",
        problems=shown,
        hint=f"correct the {kind.value} document and sign it again",
    )


def _misfits(value: Any, type_: Any, path: str) -> typing.Iterator[str]:
    """Everything in ``value`` that does not fit ``type_``; msgspec alone would stop at the first."""
    origin, arguments = typing.get_origin(type_), typing.get_args(type_)
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct) and isinstance(value, dict):
        yield from _struct_misfits(value, type_, path)
    elif origin is tuple and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _misfits(item, arguments[0], f"{path}[{index}]")
    elif isinstance(type_, type) and issubclass(type_, Enum):
        if value not in [member.value for member in type_]:
            yield f"{path}: {value!r:.60} is not one of {', '.join(member.value for member in type_)}"
    else:
        try:
            msgspec.convert(value, type_)
        except msgspec.ValidationError as error:
            yield f"{path or 'the document'}: {error}"


def _struct_misfits(value: dict[str, Any], type_: type[msgspec.Struct], path: str) -> typing.Iterator[str]:
    import difflib

    fields = _fields(type_)
    prefix = f"{path}." if path else ""
    for name in sorted(value.keys() - fields.keys()):
        near = difflib.get_close_matches(name, fields, n=1)
        yield f"{prefix}{name[:60]}: unknown field" + (f"; did you mean {near[0]}?" if near else "")
    for name, field in fields.items():
        if name in value:
            yield from _misfits(value[name], field.type, prefix + name)
        elif field.required:
            yield f"{prefix}{name}: missing"


@lru_cache(maxsize=32)
def _fields(type_: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """The fields of a document's part by name; msgspec works them out anew, which would be half of opening a roster."""
    return {field.encode_name: field for field in msgspec.structs.fields(type_)}
