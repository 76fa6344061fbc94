"""``strings.render_template``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateproof.errors import EvaluationError
from gateproof.rego.errors import BuiltinError

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("template", "variables", "text"),
    [
        ("hello {{.name}}", {"name": "w"}, "hello w"),
        ("{{.a.b}} {{ .n }}", {"a": {"b": True}, "n": 1.5}, "true 1.5"),
        ("{{.nope}}", {}, "<undefined>"),
        ("{{range $i, $x := .xs}}{{if $i}},{{end}}{{$x}}{{end}}", {"xs": ["a", "b"]}, "a,b"),
        ("{{range .xs}}{{.}}{{else}}none{{end}}", {"xs": []}, "none"),
        ("{{with .a}}{{.b}}{{end}}|{{if .c}}x{{else}}y{{end}}", {"a": {"b": 1}}, "1|y"),
        ("a {{- /* note */ -}} b", {}, "ab"),
        ("{{.l}} {{.m}}", {"l": [1, "x"], "m": {"k": None}}, "[1 x] map[k:<nil>]"),
    ],
)
def test_renders(call: Call, template: str, variables: dict[str, Any], text: str) -> None:
    assert call("strings.render_template", template, variables) == text


@pytest.mark.parametrize(
    "template", ["{{", "{{" + '""' * 200, "{{/*" * 200, "{{if .a}}", "{{end}}", "{{.a.b}}", "{{$x}}"]
)
def test_refuses(call: Call, template: str) -> None:
    with pytest.raises(BuiltinError, match="template:"):
        call("strings.render_template", template, {"a": "text"})


@pytest.mark.parametrize("template", ['{{printf "%d" 1}}', "{{.a | len}}", '{{template "x"}}'])
def test_what_is_not_offered_ends_the_evaluation(call: Call, template: str) -> None:
    with pytest.raises(EvaluationError, match="does not offer") as caught:
        call("strings.render_template", template, {"a": "text"})
    assert not isinstance(caught.value, BuiltinError)
