"""`gateproof generate`: to standard output, into a folder, and never over something else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateproof.cli.generate import KINDS, command
from gateproof.errors import UsageError
from gateproof.guardrails import Kind, guardrails


def run(*arguments: str) -> Result:
    done = CliRunner().invoke(command, list(arguments))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_the_kinds_are_the_ones_there_are() -> None:
    assert tuple(Kind) == KINDS


def test_one_document_is_what_the_api_takes() -> None:
    done = run("scp", "--control", "SC-28", "--format", "json")
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert document["Version"] == "2012-10-17"
    assert " " not in done.stdout
    assert "note: rds-encryption" in done.stderr


def test_several_documents_are_one_object_by_name() -> None:
    arguments = ("org-policy", "--control", "SC-8", "--target", "organizations/1", "--format", "json")
    found = json.loads(run(*arguments).stdout)
    assert found.keys() == {"storage.secureHttpTransport.json", "gcp.restrictTLSVersion.json"}
    assert found["storage.secureHttpTransport.json"] == {
        "name": "organizations/1/policies/storage.secureHttpTransport",
        "spec": {"rules": [{"enforce": True}]},
    }


def test_what_lacks_a_parameter_is_said() -> None:
    done = run("permission-boundary")
    assert done.stderr.splitlines() == [
        "left out: regions, which needs --region",
        "left out: required-tags, which needs --tag",
    ]
    assert "permission_boundary = {" in done.stdout
    assert "arn:*:iam::*:policy/permission-boundary" in done.stdout


def test_files_are_written_once_and_never_over_something_else(tmp_path: Path) -> None:
    arguments = ("scp", "--control", "SC-28", "--format", "json", "--output", str(tmp_path / "new"))
    assert "written: " in run(*arguments).stderr
    (path,) = (tmp_path / "new").iterdir()
    written = path.read_bytes()
    assert json.loads(written)["Statement"]
    assert "everything is there already" in run(*arguments).stderr
    path.write_bytes(b"{}")
    with pytest.raises(UsageError) as caught:
        run(*arguments)
    assert caught.value.problems == ("guardrails-1.json",)
    assert path.read_bytes() == b"{}"
    run(*arguments, "--force")
    assert path.read_bytes() == written


def test_nothing_is_written_beside_what_differs(tmp_path: Path) -> None:
    arguments = (
        *("azure-policy", "--control", "storage-public-blobs", "--format", "json", "--output", str(tmp_path)),
        *("--target", "/providers/Microsoft.Management/managementGroups/acme"),
    )
    there = tmp_path / "policyAssignments/storage-public-blobs.json"
    there.parent.mkdir()
    there.write_text("mine")
    with pytest.raises(UsageError):
        run(*arguments)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [there]
    run(*arguments, "--force")
    definition = json.loads((tmp_path / "policyDefinitions/storage-public-blobs.json").read_text())
    assert definition["properties"]["policyRule"]["then"] == {"effect": "deny"}
    assert json.loads(there.read_text())["properties"]["policyDefinitionId"] == (
        "/providers/Microsoft.Management/managementGroups/acme"
        "/providers/Microsoft.Authorization/policyDefinitions/storage-public-blobs"
    )


def test_a_folder_where_a_file_should_be(tmp_path: Path) -> None:
    (tmp_path / "scp.tf").mkdir()
    with pytest.raises(UsageError):
        run("scp", "--control", "SC-28", "--output", str(tmp_path))
    with pytest.raises(UsageError):
        run("scp", "--control", "SC-28", "--output", str(tmp_path), "--force")


def test_the_list_has_every_guardrail_with_its_platforms() -> None:
    found = json.loads(run("--list", "--format", "json").stdout)
    assert {each["id"] for each in found} == {each.id for kind in Kind for each in guardrails(kind)}
    rows = {(each["id"], tuple(each["platforms"])) for each in found}
    assert ("root-user", ("scp",)) in rows
    assert ("tls-only", ("scp", "permission-boundary")) in rows
    assert ("required-tags", ("scp", "permission-boundary", "azure-policy")) in rows
    text = run("azure-policy", "--list").stdout
    assert "locations: Only the chosen regions are used (needs --region)\n    azure-policy\n" in text
    assert "root-user" not in text


def test_a_kind_is_needed() -> None:
    done = run()
    assert done.exit_code == 2
    assert "say what to write: scp, permission-boundary" in done.stderr


def test_links_do_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    folder, other = tmp_path / "new", tmp_path / "other"
    folder.mkdir()
    other.write_text("mine")
    (folder / "scp.tf").symlink_to(other)
    for force in ([], ["--force"]):
        with pytest.raises(UsageError):
            run("scp", "--control", "SC-28", "--output", str(folder), *force)
    assert other.read_text() == "mine"


@pytest.mark.parametrize("form", ["json", "terraform"])
def test_more_documents_than_a_target_takes(form: str) -> None:
    roles = [each for number in range(40) for each in ("--except-role", f"arn:aws:iam::*:role/break-glass-{number:03}")]
    assert "a target takes 4 beside FullAWSAccess" in run("scp", "--format", form, *roles).stderr
    assert "a target takes" not in run("scp", "--format", form).stderr
