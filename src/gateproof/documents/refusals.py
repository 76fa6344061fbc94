"""How a reader says no: always with the place and the next step."""

from __future__ import annotations

from gateproof.documents.interface import Format, Position
from gateproof.errors import DocumentError, LimitError

_NAMES = {
    Format.JSON: "JSON",
    Format.YAML: "YAML",
    Format.TOML: "TOML",
    Format.HCL: "HCL",
    Format.DOCKERFILE: "a Dockerfile",
}


def shown(text: str) -> str:
    """Text of the input, quoted for a message and cut to 60 characters."""
    return repr(text if len(text) <= 60 else text[:59] + "…")


def unreadable(format: Format, problem: str, hint: str, at: Position) -> DocumentError:
    """The refusal of bytes that are not a document of ``format``."""
    return DocumentError(f"not valid as {_NAMES[format]}: {problem}", hint=hint, line=at.line, column=at.column)


def too_deep(max_depth: int, at: Position | None = None) -> LimitError:
    """The refusal of a document that is nested deeper than ``max_depth`` levels."""
    return LimitError(
        f"the document is nested deeper than {max_depth} levels",
        hint="flatten it: nothing that is judged here needs such depth",
        line=at.line if at else None,
        column=at.column if at else None,
    )


def too_many(what: str, limit: int, at: Position | None = None) -> LimitError:
    """The refusal of a document with more than ``limit`` of ``what``."""
    return LimitError(
        f"the document has more than {limit} {what}",
        hint="split it, or raise the limit if you trust where it comes from",
        line=at.line if at else None,
        column=at.column if at else None,
    )
