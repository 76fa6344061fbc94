"""Text from inputs, made harmless for each place where it is shown.

Resource names, messages and file names come from outside. A terminal would obey their escapes, a CI system their
``::commands`` and ``##[commands]``, a forge their Markdown and mentions, a browser their HTML. Each function takes
hostile text and gives text that its destination shows as characters and nothing else.
"""

from __future__ import annotations

import json
import re

import msgspec

# C0 and C1 controls, line and paragraph separators, bidirectional overrides and isolates, zero-width characters,
# interlinear marks, and lone surrogates: everything that moves a cursor, hides, or reorders what is read.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
# Commands of CI systems: GitHub's `::name::` at the start of a line, and `##[name]` or `##vso[...]` anywhere.
_COMMAND = re.compile(r"^\s*::|##(?=\w*\[)", re.MULTILINE)
_INVISIBLE_IN_JSON = re.compile(_INVISIBLE.pattern.replace("\x00-\x1f\x7f", "\x7f"))
_COMMAND_IN_JSON = re.compile(r"##(?=\w*\[)")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~@:/&$^=\"'])")
_LIMIT = 2_000


def plain(text: str, limit: int = _LIMIT) -> str:
    """One line for terminals and logs: controls become visible escapes, CI commands are broken, length is capped."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    text = _INVISIBLE.sub(_visible, text)
    return _COMMAND.sub(lambda match: match[0][:-1] + _visible_character(match[0][-1]), text)


def markdown(text: str) -> str:
    """One line of Markdown that renders as the text itself: no links, mentions, emphasis, tables or HTML."""
    return _MARKDOWN.sub(lambda match: f"&#{ord(match[1])};", plain(text))


def xml(text: str) -> str:
    """Character data or a double-quoted attribute value of XML 1.0."""
    escaped = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace('"', "&quot;").replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def json_document(document: bytes) -> str:
    """JSON text that means the same as ``document``, indented, without what a terminal or CI system would obey."""
    text = msgspec.json.format(document, indent=2).decode()
    text = _INVISIBLE_IN_JSON.sub(lambda match: json.dumps(match[0])[1:-1], text)
    return _COMMAND_IN_JSON.sub(r"#\\u0023", text) + "\n"


def workflow_data(text: str) -> str:
    """The message of a GitHub Actions workflow command."""
    return plain(text).replace("%", "%25")


def workflow_property(text: str) -> str:
    """A property value (``file=``, ``title=``) of a GitHub Actions workflow command."""
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")


def _visible(match: re.Match[str]) -> str:
    return _visible_character(match[0])


def _visible_character(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
