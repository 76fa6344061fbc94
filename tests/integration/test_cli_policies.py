"""What `gateproof check` makes of policies that do not load, do not end, or say something harmful."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof

pytestmark = pytest.mark.integration

HEAD = "package a\nimport rego.v1\n"
KYVERNO = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: a}\n"
POD = "{any: [{resources: {kinds: [Pod]}}]}"
INPUT = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web,"
    " securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true}}]}\n"
)
DEEP = 100_000


def metadata(**custom: str) -> str:
    lines = "".join(f"#   {key}: {value}\n" for key, value in custom.items())
    return f'# METADATA\n# title: t\n# custom:\n{lines}{HEAD}deny contains "x" if false\n'


# name → (text, what the error says)
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "garbage.rego": ("this is not rego {{{", "garbage.rego: there is no package"),
    "empty.rego": ("", "empty.rego: there is no package"),
    "package.rego": ("package a\n", "there is no policy in package.rego"),
    "bytes.rego": (b"package a\xff\n", "not UTF-8 at byte 9"),
    "metadata.rego": ("# METADATA\n# title: [\n" + HEAD + 'deny contains "x" if false\n', "metadata.rego:2"),
    "control.rego": (metadata(controls="[soc2@2017:CC6.99]"), "the nearest known ids are soc2@2017:CC6.8"),
    "word.rego": (metadata(controls="[access]"), "there is no control 'access'"),
    "severity.rego": (metadata(severity="enormous"), "one of low, medium, high, critical"),
    "deep.rego": ("package a\nx := " + "[" * DEEP + "]" * DEEP, "there is no policy"),
    "garbage.yaml": (": : :\n- x", "there is no policy in garbage.yaml"),
    "empty.yaml": ("", "there is no policy in empty.yaml"),
    "pod.yaml": (INPUT, "there is no policy in pod.yaml"),
    "kind.yaml": (KYVERNO.replace("ClusterPolicy", "PolicyException"), "PolicyException is not read here"),
    "nameless.yaml": (KYVERNO.replace("{name: a}", "{}"), "without metadata.name"),
    "deep.yaml": (KYVERNO + "spec: " + "{a: " * DEEP + "1" + "}" * DEEP, "deeper than 200 levels"),
    "cut.yaml": (KYVERNO + "spec: {", "cut.yaml"),
}

# name → (text, what the error says)
UNUSABLE: dict[str, tuple[str, str]] = {
    "nul.rego": (HEAD + "deny contains \x00 if true\n", "unexpected character"),
    "syntax.rego": (HEAD + "deny contains x if {{{\n", "unexpected end of file"),
    "recursion.rego": (HEAD + 'deny contains "x" if p\np if q\nq if p\n', "recurs"),
    "function.rego": (HEAD + 'f(x) := f(x)\ndeny contains "x" if f(1)\n', "recurs"),
    "unknown.rego": (HEAD + "deny contains foo.bar(1) if true\n", "foo.bar"),
    "http.rego": (HEAD + 'deny contains http.send({"url": "http://127.0.0.1:1"}).status if true\n', "http.send"),
    "unsafe.rego": (HEAD + "deny contains x if y > 1\n", "unsafe"),
    "deep-rule.rego": (HEAD + "deny contains x if x := " + "[" * DEEP + "]" * DEEP, "nested too deeply"),
    "deep-sum.rego": (HEAD + "deny contains x if x := " + "1 + " * DEEP + "1", "nested too deeply"),
    "deep-every.rego": (HEAD + "deny if { " + "every x in [1] { " * 5000 + "true" + " }" * 5001, "nested too deeply"),
    "ruleless.yaml": (KYVERNO + "spec: {}\n", "it has no rules"),
    "images.yaml": (
        KYVERNO + f"spec: {{rules: [{{name: r, match: {POD}, verifyImages: [{{imageReferences: ['*']}}]}}]}}\n",
        "verifyImages is not supported",
    ),
}

# name → (text, what the report says)
UNDECIDED: dict[str, tuple[str, str]] = {
    "range.rego": (
        HEAD + 'deny contains sprintf("%d", [i]) if some i in numbers.range(1, 1000000000)\n',
        "larger than",
    ),
    "loops.rego": (
        HEAD + "r := numbers.range(1, 3000)\n"
        'deny contains "x" if count([1 | some i in r; some j in r; some k in r; i + j + k < 0]) == 1\n',
        "steps",
    ),
    "shift.rego": (HEAD + 'deny contains sprintf("%d", [bits.lsh(1, 10000000000)]) if true\n', "could not decide a"),
    "growth.rego": (
        HEAD + 'a := "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"\nb := replace(a, "a", a)\nc := replace(b, "a", b)\n'
        'd := replace(c, "a", c)\ndeny contains replace(d, "a", d)\n',
        "could not decide a",
    ),
    "message.rego": (HEAD + 'deny contains {"msg": {"a": 1}}\n', "neither a string nor an object with msg"),
    "conflict.rego": (HEAD + 'p := 1\np := 2 if true\ndeny contains "x" if p == 1\n', "must not produce multiple"),
}


def test_policies_that_do_not_load_are_refused_with_their_place(gateproof: Gateproof) -> None:
    pod = gateproof.write("web.yaml", INPUT)
    calls = {
        name: ("check", pod, "--policy", gateproof.write(f"p/{name}", text)) for name, (text, _) in REFUSED.items()
    }
    failed = {
        name: missing for name, ran in gateproof.each(calls).items() if (missing := ran.refused(REFUSED[name][1], name))
    }
    assert failed == {}


def test_policies_that_cannot_be_used_are_refused_whatever_they_are_for(gateproof: Gateproof) -> None:
    plan = gateproof.write("plan.json", '{"format_version": "1.2", "resource_changes": []}')
    calls = {
        name: ("check", plan, "--policy", gateproof.write(f"p/{name}", text)) for name, (text, _) in UNUSABLE.items()
    }
    failed = {
        name: missing for name, ran in gateproof.each(calls).items() if (missing := ran.refused(UNUSABLE[name][1]))
    }
    assert failed == {}


def test_policies_that_cannot_be_evaluated_are_undecided(gateproof: Gateproof) -> None:
    pod = gateproof.write("web.yaml", INPUT)
    calls = {
        name: ("check", pod, "--policy", gateproof.write(f"p/{name}", text)) for name, (text, _) in UNDECIDED.items()
    }
    failed = {
        name: missing for name, ran in gateproof.each(calls).items() if (missing := ran.undecided(UNDECIDED[name][1]))
    }
    assert failed == {}


def test_places_that_hold_no_policies(gateproof: Gateproof) -> None:
    pod = gateproof.write("web.yaml", INPUT)
    gateproof.write("text/README.md", "# nothing")
    (gateproof.folder / "empty").mkdir()
    os.mkfifo(gateproof.folder / "pipe.rego")
    with open(gateproof.folder / "sparse.rego", "wb") as file:
        file.truncate(1 << 30)
    places = {
        "text": "no policies in this folder",
        "empty": "no policies in this folder",
        "gone": "No such file",
        "pipe.rego": "a pipe that nobody writes to",
        "sparse.rego": "1,073,741,824 bytes",
        "/dev/zero": "a device",
        "x" * 5000: "too long",
    }
    ran = gateproof.each({place: ("check", pod, "--policy", place) for place in places})
    assert {place: missing for place, words in places.items() if (missing := ran[place].refused(words))} == {}


def test_every_policy_that_cannot_be_used_is_shown_at_once(gateproof: Gateproof) -> None:
    plan = gateproof.write("plan.json", '{"format_version": "1.2", "resource_changes": []}')
    for name in ("syntax.rego", "http.rego", "ruleless.yaml"):
        text = UNUSABLE[name][0].replace("package a", f"package {name[0]}").replace("name: a", f"name: {name[:4]}")
        gateproof.write(f"policies/{name}", text)
    ran = gateproof("check", plan, "--policy", "policies")
    assert ran.refused("policies/syntax.rego:3:23", "http.send is not supported", "policy rule: it has no rules") == []


def test_all_problems_of_a_folder_are_shown_at_once(gateproof: Gateproof) -> None:
    pod = gateproof.write("web.yaml", INPUT)
    for name in ("garbage.rego", "control.rego", "severity.rego", "nameless.yaml"):
        text = str(REFUSED[name][0]).replace("package a", f"package {name[0]}")
        gateproof.write(f"policies/{name}", text)
    assert (
        gateproof("check", pod, "--policy", "policies").refused(
            "policies/garbage.rego: there is no package",
            "policies/control.rego: there is no control",
            "policies/severity.rego: 'enormous'",
            "policies/nameless.yaml: ",
        )
        == []
    )


def test_a_policy_cannot_write_to_the_terminal(gateproof: Gateproof) -> None:
    pod = gateproof.write("web.yaml", INPUT)
    text = HEAD + 'deny contains "\\u001b[31mred\\u202e\\n::error::x\\n##[error]x\\u0007"\n'
    ran = gateproof("check", pod, "--policy", gateproof.write("evil.rego", text))
    assert (ran.code, ran.faults()) == (1, [])
    assert "\\x1b[31mred" in ran.out
    assert not any(line.lstrip().startswith(("::", "##[")) for line in ran.out.splitlines())
