"""Overlay patterns and their anchors."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gateproof.engines.kyverno.pattern import PatternError, compile_pattern
from gateproof.engines.kyverno.scalars import UndecidableError


def verdict(pattern: str, value: str) -> str:
    """What the pattern says about the value, both YAML."""
    mismatch = compile_pattern(yaml.safe_load(pattern))(yaml.safe_load(value))
    return "pass" if mismatch is None else "skip" if mismatch.skips else "fail"


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("{a: {b: 1}}", "{a: {b: 1, c: 2}}", "pass"),
        ("{a: {b: 1}}", "{a: {b: 2}}", "fail"),
        ("{a: {b: 1}}", "{a: text}", "fail"),
        ("{a: {b: 1}}", "{}", "fail"),
        # "*" asks for a value, of any type.
        ('{a: "*"}', "{a: {b: 1}}", "pass"),
        ('{a: "*"}', "{a: null}", "fail"),
        ('{a: "*"}', "{}", "fail"),
        ("{a: null}", "{}", "pass"),
        # Every element must match; no element is no violation.
        ("{a: [{b: 1}]}", "{a: [{b: 1}, {b: 1, c: 2}]}", "pass"),
        ("{a: [{b: 1}]}", "{a: [{b: 1}, {b: 2}]}", "fail"),
        ("{a: [{b: 1}]}", "{a: []}", "pass"),
        ("{a: [{b: 1}]}", "{}", "fail"),
        ("{a: [{b: 1}]}", "{a: [text]}", "fail"),
        ('{a: ["x*"]}', "{a: [x1, x2]}", "pass"),
        ('{a: ["x*"]}', "{a: [x1, y]}", "fail"),
        ('{a: "x*"}', "{a: [x1, x2]}", "pass"),
        ("{a: [[1], [2]]}", "{a: [[1], [2], [3]]}", "pass"),
        ("{a: [[1], [2]]}", "{a: [[1]]}", "fail"),
        ("{a: [[1], [2]]}", "{a: [[1], [3]]}", "fail"),
        ("{a: [[{(b): 1}]]}", "{a: [[{b: 9}]]}", "skip"),
        ('{a: ["*"]}', "{a: text}", "fail"),
        # Conditional: where the key does not match, the rule is not for this map.
        ("{(a): 1, b: 2}", "{a: 1, b: 2}", "pass"),
        ("{(a): 1, b: 2}", "{a: 1, b: 3}", "fail"),
        ("{(a): 1, b: 2}", "{a: 2, b: 3}", "skip"),
        ("{(a): 1, b: 2}", "{b: 3}", "skip"),
        ("{l: [{(a): 1, b: 2}]}", "{l: [{a: 1, b: 2}, {a: 9, b: 9}]}", "pass"),
        ("{l: [{(a): 1, b: 2}]}", "{l: [{a: 1, b: 9}, {a: 9, b: 9}]}", "fail"),
        ("{l: [{(a): 1, b: 2}]}", "{l: [{a: 9, b: 9}]}", "skip"),
        # Global: where it does not match, the rule is not for the object; a missing key is no reason.
        ("{l: [{<(a): 1}], z: 1}", "{l: [{a: 9}], z: 9}", "skip"),
        ("{<(a): {b: 1}, z: 1}", "{a: {b: 9}, z: 9}", "skip"),
        ("{<(a): {b: 1}, z: 1}", "{a: {b: 1}, z: 9}", "fail"),
        ("{<(a): {b: 1}, z: 1}", "{z: 1}", "pass"),
        # Equality: only if it is there.
        ("{=(a): 1}", "{}", "pass"),
        ("{=(a): 1}", "{a: 1}", "pass"),
        ("{=(a): 1}", "{a: 2}", "fail"),
        ("{=(a): {=(b): 1}}", "{a: {c: 1}}", "pass"),
        # Negation: it must not be there, whatever its value.
        ("{X(a): 1}", "{}", "pass"),
        ("{X(a): 1}", "{a: null}", "fail"),
        # Existence: one element at least.
        ("{^(a): [{b: 1}]}", "{a: [{b: 9}, {b: 1}]}", "pass"),
        ("{^(a): [{b: 1}]}", "{a: [{b: 9}]}", "fail"),
        ("{^(a): [{b: 1}]}", "{a: []}", "fail"),
        ("{^(a): [{b: 1}]}", "{}", "pass"),
        ("{^(a): [{b: 1}]}", "{a: text}", "fail"),
        ("{(a): 1, =(b): 2}", "{a: 9, b: 9}", "skip"),
        ("{(a): 1, X(b): 2}", "{a: 1, b: 9}", "fail"),
        # Several anchors: one that applies keeps the map in; one that does not, at the same level, skips it.
        ("{(a): 1, (b): 2, c: 3}", "{a: 1, b: 9, c: 9}", "skip"),
        ("{=(x): {(a): 1}, =(y): {(a): 1}}", "{x: {a: 9}, y: {a: 1}}", "pass"),
        ("{=(x): {(a): 1}, =(y): {(a): 1}}", "{x: {a: 9}, y: {a: 9}}", "skip"),
        # Keys of labels and annotations may have wildcards, and nothing else may.
        ('{metadata: {labels: {"acme.io/*": "?*"}}}', "{metadata: {labels: {acme.io/team: pay}}}", "pass"),
        ('{metadata: {labels: {"acme.io/*": "?*"}}}', "{metadata: {labels: {app: pay}}}", "fail"),
        ('{metadata: {=(annotations): {"X(evil/*)": "*"}}}', "{metadata: {annotations: {evil/x: y}}}", "fail"),
        ('{metadata: {=(annotations): {"X(evil/*)": "*"}}}', "{metadata: {annotations: {good: y}}}", "pass"),
        ('{spec: {"a*": 1}}', "{spec: {ab: 1}}", "fail"),
    ],
)
def test_patterns(pattern: str, value: str, expected: str) -> None:
    assert verdict(pattern, value) == expected


def test_a_value_that_names_an_anchor_is_no_anchor() -> None:
    # The words that Kyverno's own errors carry must not turn a failure into a skip.
    assert verdict("{a: 1}", '{a: "conditional anchor mismatch"}') == "fail"


def test_the_place_of_the_first_mismatch() -> None:
    pattern = compile_pattern({"spec": {"containers": [{"name": "*", "securityContext": {"runAsNonRoot": True}}]}})
    value = {"spec": {"containers": [{"name": "a", "securityContext": {"runAsNonRoot": True}}, {"name": "b"}]}}
    mismatch = pattern(value)
    assert mismatch is not None
    assert mismatch.path == ("spec", "containers", 1, "securityContext")
    assert mismatch.message == "spec.containers.1.securityContext is not an object"


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ({"a": {"+(b)": 1}}, "add anchor"),
        ({"a": []}, "an empty list at a"),
        ({"a": [{"b": 1}, {"c": 2}]}, "a list with 2 elements"),
    ],
)
def test_what_is_refused(pattern: Any, problem: str) -> None:
    with pytest.raises(PatternError, match=problem):
        compile_pattern(pattern)


HIDDEN = "redacted:sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("pattern", "value", "where"),
    [
        ({"data": {"password": "?*"}}, {"data": {"password": HIDDEN}}, "data.password"),
        ({"=(a)": [{"b": 1}]}, {"a": [{"b": 1}, {"b": HIDDEN}]}, "a.1.b"),
        ({"^(a)": [{"(b)": 1}]}, {"a": [{"b": HIDDEN}, {"b": 1}]}, "a.0.b"),
        ("x", [HIDDEN], "the object"),
    ],
)
def test_hidden_values_have_a_place(pattern: Any, value: Any, where: str) -> None:
    with pytest.raises(UndecidableError, match=rf"^{where}: the value is sensitive"):
        compile_pattern(pattern)(value)


def test_whether_a_hidden_value_is_there_may_be_asked() -> None:
    assert compile_pattern({"data": {"password": "*"}})({"data": {"password": HIDDEN}}) is None
