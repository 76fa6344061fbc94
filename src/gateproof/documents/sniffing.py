"""What format bytes are in, from their content first and a name where the content leaves a choice."""

from __future__ import annotations

import re

from gateproof.documents.interface import Format
from gateproof.documents.text import decode_text
from gateproof.errors import DocumentError

_HEAD = 4096
_SUFFIXES = {
    ".json": Format.JSON,
    ".yaml": Format.YAML,
    ".yml": Format.YAML,
    ".toml": Format.TOML,
    ".tf": Format.HCL,
    ".tfvars": Format.HCL,
    ".hcl": Format.HCL,
    ".dockerfile": Format.DOCKERFILE,
}
_QUOTED = r"""(?:"[^"\n]*"|'[^'\n]*')"""
_NAME = rf"(?:[\w-]+|{_QUOTED})"
# Patterns are compiled when they are asked for: a run that sees JSON alone needs one of them.
_JSON = r'\{\s*["}]|\[[\s\[]*(?:[{"\-0-9\]]|(?:true|false|null)\b)'
_TOML_TABLE = rf"\[\[?[ \t]*{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*[ \t]*\]\]?[ \t]*(?:#|$)"
# Each looks at the first line that is neither blank nor a comment.
_FIRST_LINES = (
    (Format.DOCKERFILE, r"(?i:FROM|ARG)[ \t]+\S"),
    (Format.YAML, rf"---(?:\s|$)|%YAML[ \t]|-[ \t]+\S|(?:[\w./$-]+|{_QUOTED})[ \t]*:(?:\s|$)"),
    (Format.HCL, rf"[A-Za-z_][\w-]*(?:[ \t]+(?:{_QUOTED}|[A-Za-z_][\w-]*))*[ \t]*\{{"),
    (Format.TOML, rf"{_NAME}[ \t]*\.[ \t]*{_NAME}[ \t]*="),
)
_BLANK_OR_COMMENT = r"(?:\s+|#[^\n]*(?:\n|$))*+"


def sniff(raw: bytes, name: str | None) -> Format | None:
    """The format of ``raw``, judged by its first 4 KiB; ``name`` (a path) decides only what those leave open.

    None when neither tells. The answer is what to try: only ``read`` knows whether the bytes are that.
    """
    hint = _by_name(name)
    text = _head(raw)
    if text is None:
        return hint
    body = text[_blank(text) :]
    if body.startswith(("{", "[")):
        return _by_bracket(body, hint)
    for format, first_line in _FIRST_LINES:
        # "from x" may begin a text of any format: there a name that says otherwise is believed.
        if re.match(first_line, body) and not (hint and format is Format.DOCKERFILE):
            return format
    return hint


def _by_bracket(body: str, hint: Format | None) -> Format | None:
    json = re.match(_JSON, body)
    if (hint is Format.TOML or not json) and re.match(_TOML_TABLE, body.split("\n", 1)[0]):
        return Format.TOML
    return Format.JSON if json else hint or Format.YAML


def _by_name(name: str | None) -> Format | None:
    if not name:
        return None
    base = re.split(r"[/\\]", name)[-1].lower()
    if re.match(r"(?:dockerfile|containerfile)(?:\.|$)", base):
        return Format.DOCKERFILE
    dot = base.rfind(".")
    return _SUFFIXES.get(base[dot:]) if dot >= 0 else None


def _head(raw: bytes) -> str | None:
    """The first part as text; None when it is not text. The cut may have split a character: a few bytes fewer do."""
    head = raw[:_HEAD]
    for end in range(len(head), max(len(head) - 4, -1), -1):
        try:
            return decode_text(head[:end])
        except DocumentError:
            if len(raw) <= _HEAD:
                break
    return None


def _blank(text: str) -> int:
    match = re.match(_BLANK_OR_COMMENT, text)
    return match.end() if match else 0
