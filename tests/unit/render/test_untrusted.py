"""Hostile text, made harmless for each destination."""

from __future__ import annotations

import json
import re
import sys
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateproof.render.untrusted import (
    code,
    encodable,
    json_document,
    markdown,
    plain,
    workflow_data,
    workflow_property,
    xml,
)

ANY = st.text(st.characters(codec=None), max_size=60)
"""Any text at all, lone surrogates included."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("aws_s3_bucket.logs", "aws_s3_bucket.logs"),
        ("Grüße, 日本語 ✔", "Grüße, 日本語 ✔"),
        ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\r\nb\tc", "a\\x0d\\x0ab\\x09c"),
        ("\x9b31m \x7f", "\\x9b31m \\x7f"),
        ("\u202e\u200b\ufeff\u3164\ufe0f", "\\u202e\\u200b\\ufeff\\u3164\\ufe0f"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff", "\\udcff"),
        ("::error::x", ":\\x3aerror::x"),
        ("  ::error::x", "  :\\x3aerror::x"),
        ("a ::error::x", "a ::error::x"),
        ("##[error]", "#\\x23[error]"),
        ("####[x]", "###\\x23[x]"),
        ("##vso[x]", "#\\x23vso[x]"),
        ("## heading", "## heading"),
        ("", ""),
    ],
)
def test_plain_shows_what_is_there_and_breaks_what_would_be_obeyed(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(ANY)
def test_plain_is_one_printable_line_that_is_no_command(text: str) -> None:
    shown = plain(text)
    assert shown.isprintable()
    assert not shown.lstrip().startswith("::")
    assert not re.search(r"##\w*\[", shown)
    assert plain(shown) == shown


@pytest.mark.parametrize("text", ["x" * 100_000, "\U000e0041" * 100_000, "##[" * 100_000])
def test_plain_is_limited_however_much_its_escapes_need(text: str) -> None:
    assert len(plain(text)) == 2_000
    assert len(plain(text, 60)) == 60
    assert plain(text).endswith("…")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("stored data is not encrypted", "stored data is not encrypted"),
        ("S3 buckets (all of them), mustn't be public.", "S3 buckets (all of them), mustn't be public."),
        ("set kms_master_key_id (or call foo()).", "set `kms_master_key_id` (or call `foo())`."),
        ("@octocat", "`@octocat`"),
        ("#123 GH-123", "`#123` `GH-123`"),
        ("deadbeef00", "`deadbeef00`"),
        ("https://evil.example.", "`https://evil.example`."),
        ("[x](y)", "`[x](y)`"),
        ("a`b``c", "`a\\x60b\\x60\\x60c`"),
        ("a | b", "a `|` b"),
        ("-", "`-`"),
        (" two  spaces ", "two spaces"),
        ("", ""),
    ],
)
def test_markdown_leaves_words_and_makes_code_of_the_rest(text: str, shown: str) -> None:
    assert markdown(text) == shown


@given(ANY)
def test_markdown_outside_code_has_words_and_punctuation_only(text: str) -> None:
    for shown in (markdown(text), code(text)):
        assert shown.count("`") % 2 == 0
        assert "\n" not in shown
        outside = " ".join(shown.split("`")[::2])
        assert re.fullmatch(r"[^\W_ -]*|[\w().,;:!?'’ -]*", outside)
        assert not re.search(r"[A-Za-z0-9]{7,}", re.sub(r"[A-Za-z]+", "", outside))


@given(ANY)
def test_xml_is_read_back_as_what_plain_shows(text: str) -> None:
    element = ElementTree.fromstring(f'<a b="{xml(text)}">{xml(text)}</a>')  # noqa: S314 - our own
    assert element.get("b") == (element.text or "") == plain(text)


@given(st.recursive(st.text(max_size=20) | st.integers(-5, 5), lambda inner: st.dictionaries(st.text(), inner)))
def test_json_means_the_same_and_holds_nothing_to_obey(value: object) -> None:
    text = json_document(msgspec.json.encode(value))
    assert json.loads(text) == value
    assert all(line.isprintable() for line in text.split("\n"))
    assert not re.search(r"##\w*\[|^\s*::", text, re.MULTILINE)


def test_json_breaks_commands_with_escapes_only() -> None:
    value = {"##[group]": ["###vso[x]", "\x7f\x9b\u2028\u202e\U000e0041", "::error::x"]}
    text = json_document(msgspec.json.encode(value))
    assert json.loads(text) == value
    assert '"#\\u0023[group]"' in text
    assert '"##\\u0023vso[x]"' in text
    assert '"\\u007f\\u009b\\u2028\\u202e\\udb40\\udc41"' in text


@given(ANY)
def test_workflow_properties_have_no_separators(text: str) -> None:
    assert "\n" not in workflow_data(text)
    assert not set(workflow_property(text)) & set(":,\r\n")


def test_workflow_data_cannot_be_unescaped_to_line_ends() -> None:
    assert workflow_data("%0A::error::x") == "%250A::error::x"


@given(ANY)
def test_encodable_text_is_utf8_and_the_same_unless_it_cannot_be(text: str) -> None:
    shown = encodable(text)
    shown.encode()
    assert shown == text or any(0xD800 <= ord(character) < 0xE000 for character in text)


def test_every_invisible_character_is_escaped() -> None:
    controls = [chr(n) for n in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0xD800, 0xE000))]
    for character in controls:
        assert character not in plain(f"a{character}b")
    assert all(plain(chr(n)).isprintable() for n in range(0, sys.maxunicode, 7))
