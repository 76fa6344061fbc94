"""`check --compat conftest` and conftest on the same files: the same results, output and exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Peer = Callable[[str], str]

POLICY = """package main

import rego.v1

deny contains "privileged" if input.privileged

deny contains sprintf("port %v is below 1024", [input.port]) if input.port < 1024

deny_owner contains message if {
	not input.owner
	message := {"msg": "no owner", "hint": "<add> & \\u00fcber", "_loc": {"file": "x", "line": 3}}
}

violation_name contains {"msg": sprintf("name %q", [input.name]), "of": {input.name, "b", 1}} if input.name != "good"

warn contains "old" if input.version == 1

warn_number contains sprintf("big: %v", [input.big]) if input.big

deny_blank contains ""

exception contains rules if {
	input.legacy
	rules := ["owner", "name"]
}
"""

OTHER = """package other.inner

import rego.v1

deny contains sprintf("in %s", [data.conftest.file.name]) if data.limits.low == 1

warn if input.privileged

helper := true
"""

COMBINED = """package main

import rego.v1

deny contains sprintf("%s has port %v and %v", [one.path, one.contents.port, one.contents.big]) if {
	some one in input
	one.contents.port == 80
}
"""

V0 = """package main

deny[msg] {
	input.privileged
	msg := "privileged"
} {
	input.root
	msg := "root"
}

warn[{"msg": "a warning"}] { input.version == 1 }
"""

FILES = {
    "good.json": '{"name": "good", "owner": "me", "port": 8080, "version": 2}',
    "bad.json": '{"name": "b<a>d", "privileged": true, "port": 80, "version": 1, "big": 1234567, "root": true}',
    "legacy.json": '{"name": "x", "legacy": true, "port": 8080}',
    "list.json": '[{"name": "one", "port": 1.5}, {"name": "two", "port": 8080, "big": 2e22}]',
    "warned.yaml": "name: good\nowner: me\nport: 8080\nversion: 1\n",
    "several.yaml": "name: good\n---\nname: other\nprivileged: true\n---\n# nothing\n---\nport: 0o17\n",
    "marked.yml": "%YAML 1.1\n---\nname: marked\n---\nname: good\n",
    "windows.yaml": "name: a\r\n---\r\nname: b\r\n",
    "empty.yaml": "",
    "settings.toml": 'name = "t"\nport = 22\nbig = 12345678\n[inner]\nx = [1, 2.5]\n',
    "main.tf": 'port = 80\nname = "x"\nresource "a" "b" {\n  c = [1, var.d]\n}\n',
    "sample.properties": "# note\nname = good\nport:22\nowner me\n",
    ".env": 'export name=good # note\nowner="me too"\nport=\n',
    "sample.ini": "x = 1\n[s]\nname = good ; note\nport = 22\non = true\nurl = http://%(name)s/%(x)s\n",
    "Dockerfile": '# base\nFROM alpine:3 AS build\nRUN ["sh", "-c", "true"]\nFROM scratch\nCOPY --from=build /a /b\n',
    ".gitignore": "# keys\n*.key\n!public.key\n\n",
    "sbom.cyclonedx": '{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "name": "x"}',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "policy/main.rego": POLICY,
        "policy/other.rego": OTHER,
        "combined/main.rego": COMBINED,
        "v0/main.rego": V0,
        "data/limits/low.yaml": "low: 1\n",
        "data/more.json": '{"more": true}',
        **{f"files/{name}": text for name, text in FILES.items()},
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    return tmp_path


class Done:
    """How a run ended."""

    def __init__(self, command: list[str], folder: Path, given: str) -> None:
        done = subprocess.run(command, cwd=folder, input=given.encode(), capture_output=True, check=False)
        self.code, self.output, self.said = done.returncode, done.stdout.decode(), done.stderr.decode()

    def results(self) -> list[Any]:
        """The results of JSON output in an order of their own: conftest's is that of Go's maps."""
        found = json.loads(self.output) or []
        for one in found:
            for kind in ("warnings", "failures", "exceptions"):
                if kind in one:
                    one[kind].sort(key=lambda message: json.dumps(message, sort_keys=True))
        return sorted(found, key=lambda one: (one["filename"], one["namespace"]))


Both = Callable[..., tuple[Done, Done]]


@pytest.fixture
def both(peer: Peer, folder: Path) -> Both:
    def run(*arguments: str, given: str = "") -> tuple[Done, Done]:
        theirs = Done([peer("conftest"), "test", *arguments], folder, given)
        ours = Done([sys.executable, "-m", "gateproof", "check", "--compat", "conftest", *arguments], folder, given)
        return ours, theirs

    return run


def same(both: Both, *arguments: str, given: str = "") -> list[Any]:
    """Assert that both give the same results and exit code; the results."""
    ours, theirs = both(*arguments, "-o", "json", given=given)
    assert ours.code == theirs.code, (ours.said, theirs.said)
    assert ours.results() == theirs.results()
    return ours.results()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "options", [(), ("--all-namespaces", "-d", "data"), ("--combine", "-p", "combined"), ("--fail-on-warn",)]
)
def test_every_kind_of_file(both: Both, name: str, options: tuple[str, ...]) -> None:
    assert same(both, f"files/{name}", *options)


@pytest.mark.parametrize(
    "arguments",
    [
        ("files",),
        ("files/", "--all-namespaces", "--data", "data"),
        ("files", "--ignore", r"(^|/)l.*\.json$"),
        ("files", "--combine"),
        ("files/bad.json", "files/bad.json", "files/good.json"),
        ("files/bad.json", "--no-fail"),
        ("files/bad.json", "--no-fail", "--fail-on-warn"),
        ("files/warned.yaml", "--fail-on-warn"),
        ("files/bad.json", "--quiet"),
        ("files/bad.json", "-n", "absent"),
        ("files/bad.json", "-n", "main,other.inner"),
        ("files/bad.json", "-n", "main", "-n", "other.inner", "-d", "data"),
        ("files/bad.json", "-n", "o*"),
        ("files/bad.json", "-n", "[^o]*"),
        ("files/bad.json", "-n", "zz*"),
        ("files/bad.json", "--parser", "yaml"),
        ("files/bad.json", "-p", "policy/main.rego"),
        ("files/bad.json", "-p", "v0", "--rego-version", "v0"),
        ("files/bad.json", ""),
        ("files/legacy.json", "--suppress-exceptions"),
        ("files/list.json", "--show-builtin-errors"),
    ],
)
def test_options(both: Both, arguments: tuple[str, ...]) -> None:
    same(both, *arguments)


def test_standard_input(both: Both) -> None:
    assert same(both, "-", given=FILES["several.yaml"])
    assert same(both, "--parser", "ini", "-", given=FILES["sample.ini"])


def test_a_settings_file(both: Both, folder: Path) -> None:
    (folder / "conftest.toml").write_text('policy = "v0"\nrego-version = "v0"\nfail-on-warn = true\n', encoding="utf-8")
    same(both, "files/bad.json")
    same(both, "files/bad.json", "-p", "policy", "--rego-version", "v1")
    (folder / "other.yaml").write_text("namespace: [other.inner]\ndata: [data]\n", encoding="utf-8")
    same(both, "files/bad.json", "-c", "other.yaml")


@pytest.mark.parametrize("name", ["good.json", "bad.json", "legacy.json", "warned.yaml", "several.yaml"])
@pytest.mark.parametrize("form", ["stdout", "json", "tap", "table", "github"])
def test_output_to_the_byte(both: Both, folder: Path, form: str, name: str) -> None:
    # One file and one policy: conftest's order of several is by chance.
    (folder / "policy" / "other.rego").unlink()
    ours, theirs = both(f"files/{name}", "-o", form)
    assert ours.output == theirs.output
    ours, theirs = both(f"files/{name}", "-o", form, "--no-color")
    assert ours.output == theirs.output


def test_junit_has_the_same_cases(both: Both) -> None:
    for options in ((), ("--junit-hide-message",)):
        ours, theirs = both("files/bad.json", "-o", "junit", *options)
        lines = [line for line in theirs.output.replace("&#34;", "&quot;").splitlines() if "propert" not in line]
        assert ours.output.splitlines() == lines


WRONG = {
    "no policy": ("files/bad.json", "-p", "data"),
    "no such policy": ("files/bad.json", "-p", "absent"),
    "no such file": ("files/absent.json",),
    "no file": (),
    "unknown flag": ("files/bad.json", "--evidence", "x"),
    "v1 as v0": ("files/bad.json", "-p", "v0"),
    "unknown parser": ("files/bad.json", "--parser", "nothing"),
    "unknown version": ("files/bad.json", "--rego-version", "v2"),
    "bad expression": ("files", "--ignore", "("),
    "unknown file": ("policy/main.rego",),
    "bad JSON": ("bad.json",),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_exits_with_1_and_prints_nothing(both: Both, folder: Path, case: str) -> None:
    (folder / "bad.json").write_text("{", encoding="utf-8")
    ours, theirs = both(*WRONG[case])
    assert (ours.code, theirs.code) == (1, 1)
    assert not ours.output
    assert ours.said.startswith("error: ")


@pytest.mark.parametrize(
    "rule",
    [
        "deny[msg] if msg := 1",
        "deny.x if true",
        "deny.x.y := true",
        "deny(x) := x",
        'exception contains "owner"\n\ndeny_owner contains "x"',
        'deny contains {"message": "x"}',
        'deny := "a"\n\ndeny := "b"',
        "deny contains x",
    ],
)
def test_policies_that_both_refuse(both: Both, folder: Path, rule: str) -> None:
    for path in (folder / "policy").iterdir():
        path.unlink()
    (folder / "policy" / "main.rego").write_text(f"package main\n\nimport rego.v1\n\n{rule}\n", encoding="utf-8")
    ours, theirs = both("files/bad.json")
    assert (ours.code, theirs.code) == (1, 1), (ours.output, ours.said, theirs.output)
    assert not ours.output


@pytest.mark.parametrize(
    "rule",
    [
        "deny := true",
        'deny := "text"',
        'deny := ["a", "b", 1, {"msg": "c"}, ["d"]]',
        'deny contains 1\n\ndeny contains "a"',
        'deny contains "a"\n\ndeny contains "b" if false\n\ndeny contains "a" if true',
        "default deny := false",
        'deny.x := true\n\ndeny.y := "z" if true',
        'deny[x] := "m" if x := "a"',
        'deny.x contains "m"',
        'deny contains msg if msg := parse_config("yaml", "a: x").a',
        'deny contains "bad" if parse_config("json", "{")',
        'deny_a_b2 contains "x"\n\nexception contains ["a_b2", "a_b2"]\n\nexception contains ["", "a_b2"]',
        'violation_deny_x contains "x"\n\nexception contains ["x"]',
        'deny contains "x"\n\nexception := [[""]]',
        'deny contains "x" if input.absent.y\n\nexception contains [""]',
        'denied contains "y"\n\ndeny_ contains "z"',
        'deny contains {"msg": "x", "n": 1.5, "s": {"k": [null, true, {}], "e": []}}',
        'deny contains {"msg": "x", "_loc": {"line": "3"}}\n\ndeny contains {"msg": "y", "_loc": 1}',
        'deny contains "tab\\tand\\nline"',
        'deny contains sprintf("%v", [time.now_ns() > 1]) if data.conftest.file.name == "bad.json"',
    ],
)
def test_policies_that_both_run(both: Both, folder: Path, rule: str) -> None:
    for path in (folder / "policy").iterdir():
        path.unlink()
    (folder / "policy" / "main.rego").write_text(f"package main\n\nimport rego.v1\n\n{rule}\n", encoding="utf-8")
    same(both, "files/bad.json")
    same(both, "files/bad.json", "files/good.json", "--combine")


def test_prints_say_where_they_stand(both: Both, folder: Path) -> None:
    rule = 'deny contains "x" if {\n\tprint("port", input.port, input.nope)\n\tinput.port == 80\n}\n'
    for path in (folder / "policy").iterdir():
        path.unlink()
    (folder / "policy" / "main.rego").write_text(f"package main\n\nimport rego.v1\n\n{rule}", encoding="utf-8")
    ours, theirs = both("files/bad.json")
    assert ours.output == theirs.output
    assert "policy/main.rego:6: port 80 <undefined>" in ours.output
