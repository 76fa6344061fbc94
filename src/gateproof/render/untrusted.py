"""Text from inputs, made harmless for each place where it is shown.

Resource names, messages and file names come from outside. A terminal would obey their escapes, a CI system their
``::commands`` and ``##[commands]``, a forge their Markdown and mentions, a browser their HTML. Each function takes
hostile text and gives text that its destination shows as characters and nothing else.
"""

from __future__ import annotations

import re

import msgspec

_BEYOND_ASCII = "[^ -~]"
_BEYOND_ASCII_LINES = "[^\n -~]"
# Characters that count as printable and yet leave nothing to see: joiners, fillers, blanks and variation selectors.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0").union(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
# Commands of CI systems: `::name::` at the start of a line, `##[name]`, `##vso[...]` and the like anywhere in it.
_COMMAND = re.compile(r"\A\s*::|##(?=\w*\[)")
_COMMAND_IN_JSON = r"##(?=\w*\[)"
# What no Markdown takes for anything but a word: letters with hyphens or apostrophes inside, or few letters and digits
# (of more, a forge would make a link if they were a commit's).
_PROSE = r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|[^\W_]{0,6}"
_LIMIT = 2_000


def plain(text: str, limit: int = _LIMIT) -> str:
    """One line for terminals and logs, at most ``limit`` characters: what cannot be seen becomes visible escapes.

    CI commands are broken: one at the start, so text that follows an indentation must not be wrapped afterwards.
    """
    shown = text[: limit + 1]
    if not (shown.isascii() and shown.isprintable()):
        shown = re.sub(_BEYOND_ASCII, _visible, shown)
    shown = _COMMAND.sub(lambda match: match[0][:-1] + _escape(match[0][-1]), shown)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def block(text: str, limit: int = 10_000) -> list[str]:
    """The lines of ``text``, each as ``plain`` shows it, tabs as spaces."""
    lines = text[: limit * 100].rstrip("\n").split("\n")
    return [plain(line.rstrip("\r").expandtabs(4), limit) for line in lines]


def markdown(text: str, limit: int = _LIMIT) -> str:
    """One line of Markdown that shows the text: words as they are, and whatever is more than a word as code.

    Nothing inside a code span is markup, a link, a mention or a reference, whatever the forge's extensions are. For use
    behind other text of a line, not in a table.
    """
    return " ".join(map(_markdown_word, plain(text, limit).split()))


def code(text: str, limit: int = _LIMIT) -> str:
    """The whole text as one code span of Markdown."""
    return f"`{_in_code(plain(text, limit)).strip() or ' '}`"


def xml(text: str) -> str:
    """Character data or a double-quoted attribute value of XML 1.0."""
    return plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def encodable(text: str) -> str:
    """``text`` as UTF-8 can hold it: bytes of file names that are no UTF-8 (lone surrogates) become visible escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def json_document(document: bytes) -> str:
    """JSON text that means the same as ``document``, indented, without what a terminal or CI system would obey."""
    return harmless_json(msgspec.json.format(document, indent=2).decode()) + "\n"


def harmless_json(text: str) -> str:
    """JSON text that means the same as ``text``, laid out as it is, without what ``json_document`` takes out."""
    text = re.sub(_BEYOND_ASCII_LINES, lambda match: _shown_in_json(match[0]), text)
    return re.sub(_COMMAND_IN_JSON, r"#\\u0023", text)


def workflow_data(text: str) -> str:
    """The message of a GitHub Actions workflow command."""
    return plain(text).replace("%", "%25")


def workflow_property(text: str) -> str:
    """A property value (``file=``, ``title=``) of a GitHub Actions workflow command."""
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")


def _is_shown(character: str) -> bool:
    return character.isprintable() and character not in _BLANK


def _visible(match: re.Match[str]) -> str:
    return match[0] if _is_shown(match[0]) else _escape(match[0])


def _escape(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _shown_in_json(character: str) -> str:
    import json

    return character if _is_shown(character) else json.dumps(character)[1:-1]


def _markdown_word(word: str) -> str:
    """``word``, as code if need be; parentheses before it and punctuation behind it stay outside."""
    rest = word.lstrip("(")
    body = rest.rstrip(".,;:!?" if "(" in rest else ").,;:!?")
    shown = body if re.fullmatch(_PROSE, body) else f"`{_in_code(body)}`"
    return word[: len(word) - len(rest)] + shown + rest[len(body) :]


def _in_code(text: str) -> str:
    # A backtick would end the span, and parsers differ in how long a longer fence may be.
    return text.replace("`", _escape("`"))
