"""Where answers go and what they may contain: streams that close, names from outside, every format, every help."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from gateproof.cli import COMMANDS, cli

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof, House

pytestmark = pytest.mark.integration

FORMATS = ("text", "json", "sarif", "junit", "markdown", "github")
OPEN = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web}]}\n"
HARDENED = OPEN.replace(
    "image: web}", "image: web, securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true}}"
)
BYTES = b"web\xff\xfe.yaml".decode("utf-8", "surrogateescape")
HOSTILE = (
    '"]<img src=x onerror=alert(1)>|**b** [a](javascript:x) @team `x` ]]> --> <!-- %0A\x1b[31m\x1b]0;t\x07\x9b2J'
    "\u202e\u200b\r\n::error::pwned\n::set-output name=x::y\n##[error]pwned\n##vso[task.complete]\n=cmd|'/c calc'!A1"
)
# A policy that does not end: long enough to interrupt it.
ENDLESS = (
    "package a\nimport rego.v1\nr := numbers.range(1, 3000)\n"
    'deny contains "x" if count([1 | some i in r; some j in r; some k in r; i + j + k < 0]) == 1\n'
)


def test_streams_that_are_closed_or_full(gateproof: Gateproof) -> None:
    gateproof.write("web.yaml", OPEN)
    cases = {
        "reader gone": ("gateproof check web.yaml --format json | true; exit ${PIPESTATUS[0]}", ""),
        "reader of help gone": ("gateproof check --help | true; exit ${PIPESTATUS[0]}", ""),
        "closed": ("gateproof check web.yaml >&-", "standard output is closed"),
        "full": ("gateproof check web.yaml >/dev/full", "standard output: cannot be written: No space left"),
        "full list": ("gateproof controls access >/dev/full", "standard output: cannot be written"),
        "full help": ("gateproof check --help >/dev/full", "No space left"),
        "full version": ("gateproof --version >/dev/full", "No space left"),
        "errors full": ("gateproof check gone 2>/dev/full", ""),
        "errors closed": ("gateproof check gone 2>&-", ""),
        "errors unread": ("gateproof check gone 2>&1 >/dev/null | true; exit ${PIPESTATUS[0]}", ""),
    }
    for name, (script, words) in cases.items():
        ran = gateproof.shell(script)
        assert (ran.code, ran.out, ran.faults()) == (2, "", []), name
        assert words in ran.err, name
        assert bool(words) == bool(ran.err), name


def test_a_reader_that_takes_some_gets_some(gateproof: Gateproof) -> None:
    gateproof.write("web.yaml", OPEN)
    ran = gateproof.shell("gateproof check web.yaml | head -1")
    assert (ran.out.count("\n"), "DENY  web.yaml" in ran.out, ran.err) == (1, True, "")


def test_output_goes_where_it_is_sent(gateproof: Gateproof) -> None:
    gateproof.write("web.yaml", HARDENED)
    gateproof.write("target", "before")
    (gateproof.folder / "link").symlink_to("target")
    null = os.stat("/dev/null")
    assert gateproof("check", "web.yaml", "-o", "/dev/null").code == 0
    assert os.stat("/dev/null").st_rdev == null.st_rdev
    assert "ALLOW" in gateproof("check", "web.yaml", "-o", "/dev/stdout").out
    assert gateproof("check", "web.yaml", "-o", "link").code == 0
    assert (gateproof.folder / "link").is_symlink()
    assert "ALLOW" in (gateproof.folder / "target").read_text("utf-8")
    assert gateproof("check", "web.yaml", "-o", "link", "--policy", "gone").code == 2
    assert "ALLOW" in (gateproof.folder / "target").read_text("utf-8")
    assert sorted(path.name for path in gateproof.folder.iterdir()) == ["link", "target", "web.yaml"]


def test_reports_are_utf_8_whatever_the_locale(gateproof: Gateproof) -> None:
    gateproof.write("wéb.yaml", OPEN)
    usual = gateproof("check", "wéb.yaml", "--at", "2026-11-23T05:00:00Z")
    for variables in ({"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}):
        ran = gateproof("check", "wéb.yaml", "--at", "2026-11-23T05:00:00Z", env=variables)
        assert (ran.code, ran.out) == (1, usual.out), variables


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_resource_names_are_shown_as_characters(gateproof: Gateproof, form: str) -> None:
    change = {"actions": ["create"], "before": None, "after": {"acl": "public-read", "bucket": HOSTILE}}
    resources = [
        {"address": address, "mode": "managed", "type": "aws_s3_bucket_acl", "name": "x", "change": change}
        for address in (f'aws_s3_bucket_acl.x["{HOSTILE}"]', *HOSTILE.splitlines())
    ]
    gateproof.write("plan.json", json.dumps({"format_version": "1.2", "resource_changes": resources}))
    text = HARDENED.replace("runAsNonRoot: true", "runAsNonRoot: false").replace(
        "name: web", f"name: {json.dumps(HOSTILE)}"
    )
    gateproof.write("web.yaml", text)
    ran = gateproof("check", "plan.json", "web.yaml", "--format", form)
    assert (ran.code, ran.faults(), ran.err) == (1, [], "")
    assert "pwned" in ran.out
    lines = [line.lstrip() for line in ran.out.splitlines()]
    commands = [line for line in lines if line.startswith(("::", "##["))]
    if form == "github":
        assert commands
        assert all(line.startswith(("::error file=", "::warning file=")) for line in commands)
    else:
        assert commands == []
    assert "##vso[" not in ran.out
    assert "##[error]" not in ran.out
    match form:
        case "json" | "sarif":
            json.loads(ran.out)
        case "junit":
            ElementTree.fromstring(ran.out)  # noqa: S314 - our own output
        case "markdown":
            outside_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", ran.out)
            assert not re.search(r"<img|\]\(javascript|(?<!\w)@team", outside_code)


@pytest.mark.parametrize("name", ["a\n::error::x.yaml", "\x1b[31m\u202eweb.yaml", BYTES, "<b>&'\".yaml", "-web.yaml"])
def test_hostile_file_names(gateproof: Gateproof, name: str) -> None:
    path = f"./{name}"
    gateproof.write(name, OPEN)
    ran = gateproof.each({form: ("check", path, "--format", form) for form in FORMATS})
    assert {form: (each.code, each.faults(), each.err) for form, each in ran.items()} == dict.fromkeys(
        FORMATS, (1, [], "")
    )
    assert not any(line.startswith("::error::") for each in ran.values() for line in each.out.splitlines())
    json.loads(ran["json"].out)
    json.loads(ran["sarif"].out)
    ElementTree.fromstring(ran["junit"].out)  # noqa: S314 - our own output
    assert gateproof("check", ".").code == 1
    assert gateproof("check", "--", name).code == 1
    assert gateproof("check", f"{path}.gone").refused() == []


def test_hostile_names_can_be_recorded_and_found_again(gateproof: Gateproof, house: House) -> None:
    names = ["a\n::error::x.yaml", "\x1b[31m.yaml", BYTES]
    for name in names:
        gateproof.write(name, OPEN)
    assert gateproof("check", *names, *house.options(), "--service", "web <script>").code == 1
    where = ("--evidence", "store", "--root", house.root)
    calls = {
        "verify": ("verify", "store", "--root", house.root),
        "list": ("log", "list", "store", "--root", house.root),
        "replay": ("replay", "--all", *where),
        "text": ("answer", "--control", "AC-6", *where),
        "html": ("answer", "--control", "AC-6", "--format", "html", *where),
    }
    ran = gateproof.each(calls)
    assert {name: (each.code, each.faults(), each.err) for name, each in ran.items()} == dict.fromkeys(
        calls, (0, [], "")
    )
    assert "web <script>" not in ran["html"].out


def test_an_interrupt_records_nothing(gateproof: Gateproof, house: House) -> None:
    gateproof.write("endless.rego", ENDLESS)
    before = sorted((house.folder / "store").rglob("*"))
    command = ["check", "allowed.yaml", *house.options(), "--policy", "endless.rego", "-o", "report"]
    with subprocess.Popen(
        [sys.executable, "-m", "gateproof", *command],
        cwd=house.folder,
        env=gateproof.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # in the background of a shell it is ignored
    ) as process:
        deadline = time.monotonic() + 60
        while not list(house.folder.glob(".report.*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert err.strip() == b"interrupted; nothing was recorded"
    assert sorted((house.folder / "store").rglob("*")) == before
    assert not list(house.folder.glob("*report*"))
    shutil.rmtree(Path(gateproof.environment["GATEPROOF_STATE"]))
    assert gateproof("verify", "store", "--root", house.root).code == 0


def every_command() -> dict[tuple[str, ...], click.Command]:
    context = click.Context(cli)
    found: dict[tuple[str, ...], click.Command] = {}
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        found[(name,)] = command
        if isinstance(command, click.Group):
            found |= {(name, below): each for below, each in command.commands.items()}
    return found


def test_every_command_has_help_for_every_option(gateproof: Gateproof) -> None:
    commands = every_command()
    ran = gateproof.each({" ".join(path): (*path, "--help") for path in commands})
    for path, command in commands.items():
        shown = ran[" ".join(path)]
        assert (shown.code, shown.err, shown.faults()) == (0, "", []), path
        assert shown.out.startswith(f"Usage: gateproof {' '.join(path)} "), path
        for option in (each for each in command.params if isinstance(each, click.Option)):
            assert option.help or option.show_default, (path, option.name)
            assert all(spelling in shown.out for spelling in option.opts), (path, option.name)
    whole = gateproof("--help")
    assert all(f"  {name} " in whole.out for name in COMMANDS)
    assert whole.code == 0
    assert gateproof("-h").out == whole.out


def test_help_comes_to_standard_error_when_no_command_is_given(gateproof: Gateproof) -> None:
    ran = gateproof()
    assert (ran.code, ran.out, "Usage: gateproof" in ran.err) == (2, "", True)
