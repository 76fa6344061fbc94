"""One way in: bytes and a format to documents, and paths in them to positions."""

from __future__ import annotations

from collections.abc import Iterable

from gateproof.documents import collector
from gateproof.documents.interface import DEFAULT_LIMITS, Document, Format, Limits, Place, Position
from gateproof.documents.places import look_up
from gateproof.documents.refusals import too_deep
from gateproof.documents.text import decode_text, to_utf8
from gateproof.errors import LimitError

# Each reader is imported where it is used: a run that sees JSON alone never loads a YAML or HCL parser.


def read(raw: bytes, format: Format, *, limits: Limits = DEFAULT_LIMITS) -> tuple[Document, ...]:
    """Read every document of ``raw``.

    JSON, TOML, HCL and Dockerfile give exactly one. A YAML stream gives one for each document that is not null,
    which may be none. Raises ``DocumentError`` with line, column and hint when the bytes are not such a document,
    ``LimitError`` when they go beyond ``limits``, ``MissingExtraError`` for HCL without ``gateproof[hcl]``.
    """
    if len(raw) > limits.max_bytes:
        raise LimitError(
            f"the document is larger than {limits.max_bytes} bytes",
            hint="pass a smaller document, or raise the size limit if you trust where it comes from",
        )
    try:
        with collector.paused():
            return _read(raw, format, limits)
    except RecursionError:  # the caller's stack and the limit together went beyond Python's own
        raise too_deep(limits.max_depth) from None


def positions(raw: bytes, format: Format, paths: Iterable[Place]) -> dict[Place, Position]:
    """Where each (document index, path) stands in ``raw``, a document that ``read`` has accepted.

    A mapping's member stands where its key does, a list's where its value does. A path that does not exist has the
    position of its nearest existing ancestor; so has what comes in through a YAML alias, which stands at the alias.
    """
    requests = list(paths)
    try:
        return _positions(raw, format, requests)
    except RecursionError:
        raise too_deep(DEFAULT_LIMITS.max_depth) from None


def _read(raw: bytes, format: Format, limits: Limits) -> tuple[Document, ...]:
    match format:
        case Format.JSON:
            from gateproof.documents import json_reader

            return json_reader.read(to_utf8(raw), limits)
        case Format.YAML:
            from gateproof.documents import yaml_reader

            return yaml_reader.read(decode_text(raw), limits)
        case Format.TOML:
            from gateproof.documents import toml_reader

            return toml_reader.read(decode_text(raw), limits)
        case Format.HCL:
            from gateproof.documents import hcl_reader

            return hcl_reader.read(decode_text(raw), limits)
        case Format.DOCKERFILE:
            from gateproof.documents import dockerfile_reader

            return dockerfile_reader.read(decode_text(raw))


def _positions(raw: bytes, format: Format, requests: list[Place]) -> dict[Place, Position]:
    match format:
        case Format.JSON:
            from gateproof.documents import json_positions

            return look_up(requests, to_utf8(raw), json_positions.locate)
        case Format.YAML:
            from gateproof.documents import yaml_positions

            return look_up(requests, decode_text(raw), yaml_positions.locate)
        case Format.TOML:
            from gateproof.documents import toml_reader

            return look_up(requests, decode_text(raw), toml_reader.locate)
        case Format.HCL:
            from gateproof.documents import hcl_reader

            return look_up(requests, decode_text(raw), hcl_reader.locate)
        case Format.DOCKERFILE:
            from gateproof.documents import dockerfile_reader

            return look_up(requests, decode_text(raw), dockerfile_reader.locate)
