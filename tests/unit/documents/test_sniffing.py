"""Which format bytes are in."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateproof.documents import Format, sniff

J, Y, T, H, D = Format.JSON, Format.YAML, Format.TOML, Format.HCL, Format.DOCKERFILE


@pytest.mark.parametrize(
    ("text", "name", "format"),
    [
        ('{"a": 1}', None, J),
        ('  \n{\n "a": 1}', "x.yaml", J),
        ("{}", None, J),
        ("[1]", None, J),
        ("[]", None, J),
        ('[{"a": 1}]', "plan.txt", J),
        ("[true]", None, J),
        ("[[1]]", None, J),
        ("{a: 1}", None, Y),
        ("[a, b]", None, Y),
        ("a: 1", None, Y),
        ("# c\n---\na: 1", None, Y),
        ("- a", None, Y),
        ("%YAML 1.1\n---\n", None, Y),
        ('"a b": 1', None, Y),
        ("apiVersion: v1", "main.tf", Y),
        ("[a]\nb = 1", None, T),
        ("[[a.b]]", None, T),
        ('["a"]', "x.toml", T),
        ('["a"]', None, J),
        ("a.b = 1", None, T),
        ("a = 1", None, None),
        ("a = 1", "x.toml", T),
        ("a = 1", "x.tfvars", H),
        ('resource "a" "b" {', None, H),
        ("locals {", "x.txt", H),
        ("FROM alpine", None, D),
        ("ARG X=1\nFROM a", None, D),
        ("# syntax=x\nFROM a", None, D),
        ("from: a", "x.yaml", Y),
        ("from a import b", "x.yaml", Y),
        ("RUN x", "a/Dockerfile.prod", D),
        ("RUN x", "b\\x.dockerfile", D),
        ("hello", None, None),
        ("", None, None),
        ("", "x.json", J),
        ('\ufeff{"a": 1}', None, J),
        ("é: 1", None, Y),
    ],
)
def test_sniff(text: str, name: str | None, format: Format | None) -> None:
    assert sniff(text.encode(), name) is format


def test_utf_16_and_cut_characters() -> None:
    assert sniff('{"a": 1}'.encode("utf-16-le"), None) is J
    assert sniff(b'{"a": "' + "☃".encode() * 5000 + b'"}', None) is J


def test_what_is_not_text_has_only_its_name() -> None:
    assert sniff(b"\xff\x00\x01", None) is None
    assert sniff(b"\x7fELF\x00\xff", "x.yaml") is Y


def test_importing_loads_no_parser() -> None:
    parsers = ("yaml", "jiter", "hcl2", "lark", "tomllib", "json", "re2")
    program = f"import gateproof.documents, sys; print([m for m in {parsers} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
