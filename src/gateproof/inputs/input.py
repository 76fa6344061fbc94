"""Input: a change that can be judged, read once, its secrets replaced."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from gateproof.catalog.policy import InputKind
from gateproof.documents import canonical
from gateproof.documents.interface import Path, Place

_encoder = msgspec.json.Encoder()


class Subject(msgspec.Struct, frozen=True):
    """What is judged: its kind and the digest and size (bytes) of the bytes as they were given."""

    kind: InputKind
    digest: str
    size: int


class Redaction(msgspec.Struct, frozen=True):
    """A sensitive value that was replaced by ``commitment`` before judging."""

    document: int
    path: Path
    commitment: str


class Remark(msgspec.Struct, frozen=True):
    """Something about the input that a reader should know and that decides nothing (a duplicate YAML key, say)."""

    document: int
    path: Path
    message: str


class Resource(msgspec.Struct, frozen=True):
    """One resource of the input as policies written for gateproof see it.

    ``address`` names it in findings; ``type`` is a Terraform type (``aws_s3_bucket``) or a Kubernetes kind
    (``apps/v1/Deployment``); ``document`` and ``path`` say where it stands in the input; ``view`` is what the policy
    reads as one element of ``input.resources``.
    """

    address: str
    type: str
    document: int
    path: Path
    view: dict[str, Any]


class Input(msgspec.Struct, frozen=True, dict=True):
    """A change, parsed and redacted. ``documents`` are plain JSON values; nothing else of the original is kept.

    A plan is one document. Kubernetes objects are a document each, lists flattened; ``places`` then says for each where
    it stands in the stream. Indices of documents everywhere else (findings, redactions, remarks) are those of
    ``documents``.

    ``problem`` is set when the bytes could not be read or are of no known kind, and then there are no documents;
    ``foreign`` when they were read and are nothing that is judged here. It is also set on a plan that was read and is
    not all of the change. Either way the change cannot pass. Encoding and decoding give the same Input, so a replay
    judges exactly what was judged.

    ``request`` is set when an AdmissionReview was read: its AdmissionRequest without the object, which is the one
    document (see ``inputs.admission``).
    """

    subject: Subject
    documents: tuple[Any, ...] = ()
    redactions: tuple[Redaction, ...] = ()
    remarks: tuple[Remark, ...] = ()
    places: tuple[Place, ...] = ()
    problem: str = ""
    foreign: bool = False
    request: dict[str, Any] | UnsetType = UNSET

    @cached_property
    def encoded(self) -> bytes:
        """JSON: what is stored as evidence, and the same bytes again when it is decoded and encoded.

        Keys stay in the order of the input, which the input's bytes determine: sorting those of a large plan would
        take as long as a third of reading it.
        """
        return b"".join(self._parts)

    @cached_property
    def digest(self) -> str:
        """Digest of ``encoded``."""
        return canonical.digest_of_parts(self._parts)

    def know_text(self, text: bytes) -> None:
        """Take ``text`` for the JSON of the one document, which is then not written again."""
        vars(self)["_text"] = text

    @cached_property
    def _parts(self) -> tuple[bytes, ...]:
        """``encoded`` in pieces: the text of a large document need not be copied to be hashed."""
        text: bytes = vars(self).get("_text", b"")
        if not text:
            return (_encoder.encode(self),)
        # Nothing before the documents can hold what is looked for: a kind, a digest and a number are.
        around = _encoder.encode(msgspec.structs.replace(self, documents=(None,)))
        head, _, tail = around.partition(b"[null]")
        return head + b"[", text, b"]" + tail
