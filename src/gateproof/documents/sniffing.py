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
_JSON = re.compile(r'\{\s*["}]|\[[\s\[]*(?:[{"\-0-9\]]|(?:true|false|null)\b)')
_TOML_TABLE = re.compile(rf"\[\[?[ \t]*{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*[ \t]*\]\]?[ \t]*(?:#|$)")
# Each looks at the first line that is neither blank nor a comment.
_FIRST_LINES = (
    (Format.DOCKERFILE, re.compile(r"(?:FROM|ARG)[ \t]+\S", re.IGNORECASE)),
    (Format.YAML, re.compile(rf"---(?:\s|$)|%YAML[ \t]|-[ \t]+\S|(?:[\w./$-]+|{_QUOTED})[ \t]*:(?:\s|$)")),
    (Format.HCL, re.compile(rf"[A-Za-z_][\w-]*(?:[ \t]+(?:{_QUOTED}|[A-Za-z_][\w-]*))*[ \t]*\{{")),
    (Format.TOML, re.compile(rf"{_NAME}[ \t]*\.[ \t]*{_NAME}[ \t]*=")),
)
_BLANK_OR_COMMENT = re.compile(r"(?:\s+|#[^\n]*(?:\n|$))*+")


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
        if first_line.match(body) and not (hint and format is Format.DOCKERFILE):
            return format
    return hint


def _by_bracket(body: str, hint: Format | None) -> Format | None:
    table = _TOML_TABLE.match(body.split("\n", 1)[0])
    if table and (hint is Format.TOML or not _JSON.match(body)):
        return Format.TOML
    if _JSON.match(body):
        return Format.JSON
    return hint or Format.YAML


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
    match = _BLANK_OR_COMMENT.match(text)
    return match.end() if match else 0
