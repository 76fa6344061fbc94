"""What `gateproof check` makes of inputs that are not what they should be."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof

pytestmark = pytest.mark.integration

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
HARDENED = POD + (
    "spec: {containers: [{name: web, image: web,"
    " securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true}}]}\n"
)
OPEN = POD + "spec: {containers: [{name: web, image: web}]}\n"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + step)}: &{chr(98 + step)} [{','.join(['*' + chr(97 + step)] * 9)}]\n" for step in range(9)
)
DEEP = 100_000

# name → (bytes, what the report says)
UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "empty.json": ("", "it is empty"),
    "empty.yaml": ("", "it is empty"),
    "white.yaml": (" \n\n  \n", "it is empty"),
    "tab.json": (" \n\t\n", "line 2, column 1"),
    "mark.json": ("\ufeff", "it is empty"),
    "comment.yaml": ("# nothing\n", "it is empty"),
    "nulls.yaml": ("---\n---\n", "it is empty"),
    "null.json": ("null", "it is empty"),
    "cut.json": ('{"format_version":"1.2","resource_changes":[{', "line 1, column 45"),
    "cut.yaml": (POD + 'spec: {"a', "line 4, column 10"),
    "bytes.yaml": (POD.encode() + b"spec: \xff\xfe\n", "not valid UTF-8"),
    "bytes.json": (b'{"format_version":"1.2","x":"\xff\xfe"}', "save the file as UTF-8"),
    "nul.json": (b'{"a":"\x00"}', "control character"),
    "nul.yaml": (b'kind: "Po\x00d"\n', "control characters are not allowed"),
    "nuls.yaml": (b"\x00" * 5000, "control characters are not allowed"),
    "deep-lists.json": ("[" * DEEP + "]" * DEEP, "deeper than 200 levels"),
    "deep-objects.json": ('{"a":' * DEEP + "1" + "}" * DEEP, "deeper than 200 levels"),
    "deep-open.json": ("[" * DEEP, "deeper than 200 levels"),
    "deep-flow.yaml": ("[" * DEEP + "]" * DEEP, "deeper than 200 levels"),
    "deep-maps.yaml": ("{a: " * DEEP + "1" + "}" * DEEP, "deeper than 200 levels"),
    "deep-block.yaml": ("- " * DEEP + "1", "deeper than 200 levels"),
    "twice.json": ('{"format_version":"1.2","resource_changes":[],"resource_changes":[]}', "duplicate key"),
    "bomb.yaml": (POD + BOMB, "values once aliases are expanded"),
    "cycle.yaml": (POD + "spec: &a {b: *a}\n", "line 4"),
    "tag.yaml": (POD + "spec: !!python/object/apply:os.system [id]\n", "line 4"),
    "state.json": (
        json.dumps(
            {"version": 4, "terraform_version": "1.9.8", "serial": 1, "lineage": "x", "outputs": {}, "resources": []}
        ),
        "Terraform state",
    ),
    "log.json": ('{"@level":"info","type":"version"}\n{"@level":"info"}\n', "line 2, column 1"),
    "saved.tfplan": (b"PK\x03\x04\x14\x00\x08\x00" + bytes(range(256)), "terraform show -json"),
    "list.json": ("[]", "neither a Terraform plan, Kubernetes manifests"),
    "number.json": ("42", "neither a Terraform plan, Kubernetes manifests"),
    "word.json": ('"x"', "neither a Terraform plan, Kubernetes manifests"),
    "object.json": ("{}", "neither a Terraform plan, Kubernetes manifests"),
    "true.yaml": ("true", "neither a Terraform plan, Kubernetes manifests"),
    "values.yaml": ("replicas: 1\n", "neither a Terraform plan, Kubernetes manifests"),
    "helm.yaml": ("kind: Pod\nname: {{ .Values.name }}\n{{- end }}\n", "helm template"),
    "changes.json": ('{"format_version":"1.2","resource_changes":42}', "resource_changes"),
    "version.json": ('{"format_version":{},"resource_changes":[]}', "format_version"),
    "infinite.json": ('{"format_version":"1.2","resource_changes":[],"x":1e999}', "line 1"),
}


def test_every_bad_document_is_undecided_and_says_why(gateproof: Gateproof) -> None:
    calls = {name: ("check", gateproof.write(name, content)) for name, (content, _) in UNREADABLE.items()}
    failed = {
        name: missing
        for name, ran in gateproof.each(calls).items()
        if (missing := ran.undecided(UNREADABLE[name][1], name))
    }
    assert failed == {}


def test_one_bad_document_does_not_hide_the_others(gateproof: Gateproof) -> None:
    names = [gateproof.write(name, content) for name, (content, _) in UNREADABLE.items()]
    ran = gateproof("check", *names, gateproof.write("open.yaml", OPEN), "--format", "json")
    report = json.loads(ran.out)
    assert ran.faults() == []
    assert (ran.code, report["verdict"]) == (1, "DENY")
    assert [item["name"] for item in report["items"] if item["verdict"] == "UNDECIDED"] == names
    assert all(item["core"]["problems"] for item in report["items"][:-1])


def test_what_is_no_file_is_told_at_once(gateproof: Gateproof) -> None:
    (gateproof.folder / "folder.json").mkdir()
    os.mkfifo(gateproof.folder / "pipe")
    (gateproof.folder / "loop").symlink_to("loop")
    (gateproof.folder / "nowhere").symlink_to("gone")
    with open(gateproof.folder / "sparse.json", "wb") as file:
        file.truncate(1 << 30)
    listener = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(gateproof.folder)
    try:
        listener.bind("socket")
    finally:
        os.chdir(here)
        listener.close()
    undecided = {
        "pipe": "a pipe that nobody writes to",
        "/dev/zero": "a device",
        "/dev/null": "a device",
        "loop": "symbolic links",
        "nowhere": "No such file",
        "socket": "cannot be read",
        "sparse.json": "1,073,741,824 bytes",
    }
    refused = {
        "folder.json": "nothing to judge",
        "gone.json": "no such file or folder",
        "*.nothing": "nothing to judge",
        "folder*": "nothing to judge",
        "x" * 5000: "no such file or folder",
        "pipe/below.json": "no such file or folder",
    }
    ran = gateproof.each({path: ("check", path) for path in (*undecided, *refused)})
    failed = {path: missing for path, words in undecided.items() if (missing := ran[path].undecided(words))}
    failed |= {path: missing for path, words in refused.items() if (missing := ran[path].refused(words))}
    assert failed == {}


def test_standard_input(gateproof: Gateproof) -> None:
    with open(gateproof.folder / "sparse", "wb") as file:
        file.truncate(1 << 30)
    assert gateproof("check", "-").undecided("standard input", "it is empty") == []
    assert gateproof("check", "-", stdin=Path("/dev/zero")).undecided("more than the") == []
    assert gateproof("check", "-", stdin=gateproof.folder / "sparse").undecided("more than the") == []
    assert gateproof.shell("gateproof check - <&-").undecided("standard input is closed") == []
    ran = gateproof("check", "-", "-", stdin=OPEN.encode())
    assert (ran.code, ran.out.count("DENY  standard input")) == (1, 1)


def test_a_pipe_with_a_writer_is_read(gateproof: Gateproof) -> None:
    gateproof.write("pod.yaml", HARDENED)
    ran = gateproof.shell("gateproof check <(sleep 1; cat pod.yaml)")
    assert (ran.code, "ALLOW" in ran.out, ran.faults()) == (0, True, [])


def test_a_folder_is_judged_and_what_is_foreign_is_counted(gateproof: Gateproof) -> None:
    gateproof.write("all/README.md", "# Everything")
    gateproof.write("all/package.json", '{"name": "web"}')
    gateproof.write("all/values.yaml", "replicas: 1\n")
    gateproof.write("all/pod.yaml", HARDENED)
    gateproof.write("all/.hidden/pod.yaml", OPEN)
    gateproof.write("all/.pod.yaml", OPEN)
    gateproof.write("all/.git/pod.yaml", OPEN)
    gateproof.write("all/plans/plan.json", '{"format_version": "1.2", "resource_changes": []}')
    ran = gateproof("check", "all", "--format", "json")
    report = json.loads(ran.out)
    assert [(item["name"], item["verdict"]) for item in report["items"]] == [
        ("all/.pod.yaml", "DENY"),
        ("all/pod.yaml", "ALLOW"),
        ("all/.hidden/pod.yaml", "DENY"),
        ("all/plans/plan.json", "WARN"),
    ]
    assert report["passed_over"] == ["all/package.json", "all/values.yaml"]
    for hidden in (".hidden/pod.yaml", ".pod.yaml"):
        (gateproof.folder / "all" / hidden).unlink()
    gateproof.write("all/broken.yaml", "a: [")
    gateproof.write("all/templates/pod.yaml", "kind: Pod\nname: {{ .Values.name }}\n{{- end }}\n")
    ran = gateproof("check", "all")
    assert ran.undecided("all/broken.yaml", "all/templates/pod.yaml", "helm template", "2 passed over") == []


def test_nothing_to_judge_is_an_error(gateproof: Gateproof) -> None:
    gateproof.write("foreign/values.yaml", "replicas: 1\n")
    gateproof.write("text/README.md", "# nothing")
    (gateproof.folder / "empty").mkdir()
    ran = gateproof.each({name: ("check", name) for name in ("foreign", "text", "empty")})
    assert ran["foreign"].refused("1 files are neither", "foreign") == []
    assert ran["text"].refused("nothing to judge here", "text") == []
    assert ran["empty"].refused("nothing to judge here", "empty") == []
    assert gateproof("check").refused("PATHS") == []


def test_links_in_a_folder_hide_nothing(gateproof: Gateproof) -> None:
    gateproof.write("outside/open.yaml", OPEN)
    gateproof.write("tree/pod.yaml", HARDENED)
    (gateproof.folder / "tree" / "itself").symlink_to(gateproof.folder / "tree")
    assert gateproof("check", "tree").code == 0
    (gateproof.folder / "tree" / "linked.yaml").symlink_to("../outside/open.yaml")
    assert gateproof("check", "tree").code == 1
    (gateproof.folder / "tree" / "linked.yaml").unlink()
    (gateproof.folder / "tree" / "more").symlink_to("../outside")
    assert gateproof("check", "tree").undecided("tree/more", "judged when it is named") == []
    os.mkfifo(gateproof.folder / "tree" / "pipe.json")
    assert gateproof("check", "tree").undecided("tree/pipe.json") == []


def test_patterns_and_repeated_paths(gateproof: Gateproof) -> None:
    gateproof.write("a/one.yaml", HARDENED)
    gateproof.write("a/b/two.yaml", HARDENED)
    gateproof.write("a/[x].yaml", HARDENED)
    calls = {
        "pattern": ("check", "a/*.yaml"),
        "deep": ("check", "a/**/*.yaml"),
        "twice": ("check", "a/one.yaml", "a/one.yaml", "a", "a/*.yaml"),
        "brackets": ("check", "a/[x].yaml"),
        "many": ("check", *["a/one.yaml"] * 3000),
    }
    ran = gateproof.each(calls)
    assert {name: (each.code, each.out.count("ALLOW  ")) for name, each in ran.items()} == {
        "pattern": (0, 2),
        "deep": (0, 3),
        "twice": (0, 3),
        "brackets": (0, 1),
        "many": (0, 1),
    }


def test_duplicate_keys_in_yaml_are_noted(gateproof: Gateproof) -> None:
    ran = gateproof("check", gateproof.write("twice.yaml", "kind: Secret\n" + HARDENED))
    assert (ran.code, "duplicate key 'kind': the last one counts" in ran.out, ran.faults()) == (0, True, [])
