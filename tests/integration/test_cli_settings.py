"""Options, facts, waivers and gateproof.yaml with every kind of mistake."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof

pytestmark = pytest.mark.integration

HARDENED = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web,"
    " securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true}}]}\n"
)

# name → (text of gateproof.yaml, what the error says)
FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "expected one mapping"),
    "list": ("[]", "expected one mapping"),
    "text": ("x", "expected one mapping"),
    "documents": ("version: 1\n---\nversion: 1\n", "expected one mapping"),
    "version": ("service: a", "version is missing"),
    "newer": ("version: 2", "it is 1"),
    "setting": ("version: 1\nfoo: 1\n", ":2: there is no setting 'foo'"),
    "tier": ("version: 1\ntier: 9", "it is 3 or 2 or 1"),
    "tiers": ("version: 1\ntier: [1]", "got a list"),
    "environment": ("version: 1\nenvironment: qa", "dev or staging or prod"),
    "classification": ("version: 1\ndata_classification: secret", "public or internal"),
    "service": ("version: 1\nservice: " + "x" * 300, "length <= 200"),
    "twice": ("version: 1\ntier: 1\ntier: 3\n", ":3: duplicate key 'tier'"),
    "number": ("1: 2\nversion: 1", "there is no setting '1'"),
    "cut": ("version: [", "not readable as YAML"),
    "nul": ("version: 1\x00", "control characters"),
    "bytes": (b"version: 1\nservice: \xff\n", "not valid UTF-8"),
    "deep": ("[" * 100_000, "nested deeper"),
    "merge": ("<<: 5\nversion: 1", "a merge needs a mapping"),
    "sparse": (b"\x00" * (1 << 20) + b"x", "1,048,577 bytes"),
    "parameters": ("version: 1\npolicies: {parameters: {encryption-at-rest: 5}}", "expected a mapping"),
    "path": ("version: 1\npolicies: {paths: [nowhere]}", "No such file"),
    "nul path": ('version: 1\npolicies: {paths: ["a\\0b"]}', ""),
    "control": ("version: 1\ngate: {rows: [{name: x, action: block, controls: [foo]}]}", "no control 'foo'"),
    "rows": ("version: 1\ngate: {rows: [1, {name: x}, {name: z, action: maybe}]}", "3 problems"),
    "waiver": ("version: 1\ntrust: {waivers: [nowhere]}", "no such waiver"),
    "root": ("version: 1\ntrust: {policy: trust.json}", "fingerprint of its root"),
    "roster": ("version: 1\ntrust: {roster: roster.json}", "a roster counts under a trust policy"),
    "store": ("version: 1\nevidence: {store: store}", "no key is given"),
}

OPTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "env": (("--env", "qa"), "'dev', 'staging', 'prod'"),
    "case": (("--env", "PROD"), "'dev', 'staging', 'prod'"),
    "tier": (("--tier", "0"), "'1'"),
    "classification": (("--classification", "secret"), "'restricted'"),
    "layer": (("--layer", "moon"), "'pre-commit'"),
    "format": (("--format", "xml"), "'sarif'"),
    "unknown": (("--nope",), "--nope"),
    "time": (("--at", "yesterday"), "2026-11-23T05:00:00Z"),
    "month": (("--at", "2026-13-01T00:00:00Z"), "is not a time"),
    "day": (("--at", "2026-02-30T00:00:00Z"), "is not a time"),
    "zone": (("--at", "2026-11-23T05:00:00+01:00"), "is not a time"),
    "naive": (("--at", "2026-11-23T05:00:00"), "is not a time"),
    "year": (("--at", "0000-01-01T00:00:00Z"), "is not a time"),
    "base": (("--base", "nowhere"), "git knows no commit 'nowhere'"),
    "dash": (("--base", "--output=x"), "git knows no commit"),
    "service": (("--service", "\x1b[31m\n::error::x"), "printable"),
    "bytes": (("--service", b"\xff".decode("utf-8", "surrogateescape")), "printable"),
    "long": (("--service", "x" * 1000), "printable"),
    "output": (("--output", "gone/report"), "gone/report: cannot be written"),
    "folder": (("--output", "."), "Is a directory"),
    "proc": (("--output", "/proc/report"), "/proc/report: cannot be written"),
    "full": (("--output", "/dev/full"), "No space left"),
    "pipe": (("--output", "pipe"), "cannot be written"),
    "trust": (("--trust", "gone"), "fingerprint of its root"),
    "roster": (("--roster", "gone"), "a roster counts under a trust policy"),
    "waiver": (("--waiver", "gone"), "there is no such waiver"),
    "waiver pipe": (("--waiver", "pipe"), "a pipe that nobody writes to"),
    "waiver device": (("--waiver", "/dev/zero"), "a device"),
    "fact": (("--fact", "gone"), "No such file"),
    "fact folder": (("--fact", "."), "a directory"),
    "fact device": (("--fact", "/dev/zero"), "a device"),
    "config": (("--config", "gone"), "no such file"),
    "config folder": (("--config", "."), "a directory"),
    "config pipe": (("--config", "pipe"), "a pipe that nobody writes to"),
    "config device": (("--config", "/dev/zero"), "a device"),
    "config long": (("--config", "x" * 5000), "too long"),
    "evidence": (("--evidence", "store"), "no key is given"),
    "past": (("--evidence", "store", "--at", "2026-11-23T05:00:00Z"), "is not recorded"),
    "empty": (("--evidence", ""), "an argument is empty"),
    "empty path": (("",), "an argument is empty"),
    "empty value": (("--evidence=",), "an argument is empty"),
}


def fact(**changes: Any) -> str:
    whole = {"name": "x", "source": "s", "observed_at": "2026-11-23T05:00:00Z", "max_age": 60, "value": 1}
    return json.dumps({**whole, **changes})


FACTS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "this is no fact"),
    "cut": ("{", "this is no fact"),
    "list": ("[]", "this is no fact"),
    "bytes": (b'{"name":"\xff"}', "this is no fact"),
    "fields": ('{"name":"x"}', "this is no fact"),
    "deep": (fact(value=0).replace(": 0}", ": " + "[" * 100_000 + "]" * 100_000 + "}"), "deeper than 200 levels"),
    "twice": (fact().replace("{", '{"name": "waiver-uses", '), "duplicate key"),
    "infinite": (fact(value=0).replace(": 0}", ": 1e999}"), "this is no fact"),
    "time": (fact(observed_at="yesterday"), "an observed_at such as"),
    "age": (fact(max_age=-60), "a max_age of at least one second"),
    "name": (fact(name=""), "a fact has a name"),
    "clock": (fact(name="trusted-time"), "cannot be given by a file"),
    "uses": (fact(name="waiver-uses"), "cannot be given by a file"),
    "approval": (fact(name="obligation/approval"), "cannot be given by a file"),
}


def test_every_mistake_in_gateproof_yaml_is_told(gateproof: Gateproof) -> None:
    pod = gateproof.write("web.yaml", HARDENED)
    calls = {
        name: ("check", pod, "--config", gateproof.write(f"{number}/gateproof.yaml", text))
        for number, (name, (text, _)) in enumerate(FILES.items())
    }
    failed = {name: missing for name, ran in gateproof.each(calls).items() if (missing := ran.refused(FILES[name][1]))}
    assert failed == {}


def test_a_folder_called_gateproof_yaml_is_told(gateproof: Gateproof) -> None:
    pod = gateproof.write("web.yaml", HARDENED)
    (gateproof.folder / "gateproof.yaml").mkdir()
    assert gateproof("check", pod).refused("gateproof.yaml: a directory") == []


def test_every_mistake_in_an_option_is_told(gateproof: Gateproof) -> None:
    pod = gateproof.write("web.yaml", HARDENED)
    os.mkfifo(gateproof.folder / "pipe")
    ran = gateproof.each({name: ("check", pod, *options) for name, (options, _) in OPTIONS.items()})
    assert {name: missing for name, each in ran.items() if (missing := each.refused(OPTIONS[name][1]))} == {}
    assert sorted(path.name for path in gateproof.folder.iterdir()) == ["pipe", "web.yaml"]


def test_facts_are_read_strictly(gateproof: Gateproof) -> None:
    pod = gateproof.write("web.yaml", HARDENED)
    calls = {
        name: ("check", pod, "--fact", gateproof.write(f"facts/{name}", text)) for name, (text, _) in FACTS.items()
    }
    failed = {name: missing for name, ran in gateproof.each(calls).items() if (missing := ran.refused(FACTS[name][1]))}
    assert failed == {}
    one, other = gateproof.write("one", fact()), gateproof.write("other", fact(value=2))
    assert gateproof("check", pod, "--fact", one, "--fact", other).refused("'x' is given twice") == []
    assert gateproof("check", pod, "--fact", one).code == 0


def test_waivers_that_are_none_do_not_count(gateproof: Gateproof) -> None:
    pod = gateproof.write("web.yaml", HARDENED.replace("runAsNonRoot: true, ", ""))
    envelope = '{"payload":"AA==","payloadType":"x","signatures":[]}'
    garbage: dict[str, str | bytes] = {
        "empty": "",
        "cut": "{",
        "list": "[]",
        "bytes": b"\xff\x00",
        "deep": "[" * 100_000,
        "bare": envelope,
    }
    for name, text in garbage.items():
        gateproof.write(f"waivers/{name}.json", text)
    ran = gateproof("check", pod, "--waiver", "waivers")
    assert (ran.code, ran.out.count("does not count"), ran.faults()) == (1, len(garbage), [])


def test_commands_that_do_not_exist(gateproof: Gateproof) -> None:
    ran = gateproof.each(
        {
            "close": ("chekc",),
            "far": ("frobnicate",),
            "hostile": ("\x1b[31m\n::error::x",),
            "group": ("log", "frobnicate"),
            "option": ("--frobnicate",),
        }
    )
    assert ran["close"].refused("Did you mean 'check'?") == []
    assert ran["far"].refused("frobnicate") == []
    assert ran["hostile"].refused() == []
    assert not any(line.startswith("::") for line in ran["hostile"].err.splitlines())
    assert ran["group"].refused("frobnicate", "gateproof log --help") == []
    assert ran["option"].refused("--frobnicate") == []


def test_a_protected_file_that_git_cannot_read_is_not_left_out(gateproof: Gateproof) -> None:
    def git(*arguments: str) -> str:
        command = [
            "git",
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@acme.example",
            "-C",
            str(gateproof.folder),
            *arguments,
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    pod = gateproof.write("web.yaml", HARDENED)
    gateproof.write("gateproof.yaml", "version: 1\nservice: web\n")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "start")
    call = ("check", pod, "--base", "main")
    assert "web → prod" in gateproof(*call).out
    blob = git("rev-parse", "main:gateproof.yaml")
    (gateproof.folder / "gateproof.yaml").unlink()
    (gateproof.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    assert gateproof(*call).refused("gateproof.yaml: git cannot read this file") == []


@pytest.mark.parametrize(
    "text", ["policies: {paths: [$]}", "trust: {waivers: [$]}", "base: $", "policies: {pack: [$]}"]
)
def test_nul_and_escapes_in_a_protected_file(gateproof: Gateproof, text: str) -> None:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@acme.example", "-C", str(gateproof.folder)]
    pod = gateproof.write("web.yaml", HARDENED)
    gateproof.write("gateproof.yaml", "version: 1\n" + text.replace("$", '"a\\0\\e[31m"') + "\n")
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "start"]):
        subprocess.run([*command, *arguments], check=True, capture_output=True)
    ran = gateproof("check", pod, "--base", "main")
    assert ran.faults() == []
    assert ran.code == 2 or text.startswith("base")
