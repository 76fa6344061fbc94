from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conftest import Company
from tests.unit.onboarding.conftest import ALL, APPLICATION, KUBERNETES, TERRAFORM, Command, git, write

from gateproof.adapters import setup
from gateproof.onboarding.diagnosis import json_schema

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = "version: 1\nservice: web\ntier: 2\ndata_classification: internal\npolicies: {pack: [container-hardening]}\n"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with manifests and settings that knows its remote's default branch."""
    place = write(tmp_path / "clone", {"base/web.yaml": KUBERNETES["base/web.yaml"], "gateproof.yaml": SETTINGS})
    git(place, "init")
    commit(place)
    monkeypatch.chdir(place)
    return place


def commit(place: Path) -> None:
    """Commit everything to the default branch of the remote."""
    git(place, "add", "-A")
    git(place, "commit", "-m", "x")
    git(place, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(place, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")


def problems(command: Command, *options: str) -> dict[str, list[str]]:
    """What is wrong, by check."""
    ran = command("doctor", "--format", "json", *options)
    document = json.loads(ran.out)
    found: dict[str, list[str]] = {}
    for each in document["problems"]:
        found.setdefault(each["check"], []).append(each["what"])
    assert ran.code == (1 if found else 2 if document["unchecked"] else 0)
    return found


@pytest.mark.usefixtures("clone")
def test_a_repository_in_order(command: Command) -> None:
    ran = command("doctor")
    assert (ran.code, ran.out.splitlines()[-1][:19]) == (0, "0 problems; checked")


@pytest.mark.usefixtures("clone")
def test_json_is_what_the_schema_says(command: Command) -> None:
    import jsonschema_rs

    schema = json.loads(json.dumps(json_schema()))
    jsonschema_rs.validator_for(schema).validate(json.loads(command("doctor", "--format", "json").out))
    published = ROOT / "docs" / "reference" / "diagnosis.schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == schema


def test_settings_that_cannot_be_read(clone: Path, command: Command) -> None:
    (clone / "gateproof.yaml").write_text("version: 1\ntyre: 1\ntier: 9\n")
    ran = command("doctor")
    assert ran.code == 1
    assert "there is no setting 'tyre' here" in ran.out
    assert "gateproof.yaml:3" in ran.out
    assert "? gate-rows: not checked" in ran.out


def test_no_settings_no_base_no_repository(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    place = write(tmp_path / "x", TERRAFORM)
    monkeypatch.chdir(place)
    found = problems(command)
    assert found["base"] == ["this is no git repository"]
    assert found["settings"] == ["there is no gateproof.yaml"]
    git(place, "init")
    assert problems(command)["base"] == ["git does not know the default branch of the remote"]
    (place / "gateproof.yaml").write_text("version: 1\n")
    commit(write(place, {}))
    (place / "gateproof.yaml").unlink()
    git(place, "add", "-A")
    commit_without = problems(command)
    assert "base" not in commit_without


def test_settings_that_are_not_protected(clone: Path, command: Command) -> None:
    git(clone, "rm", "gateproof.yaml")
    commit(clone)
    write(clone, {"gateproof.yaml": SETTINGS})
    assert problems(command)["base"] == ["there is no gateproof.yaml on origin/main"]
    assert problems(command, "--base", "nowhere")["settings"] == [
        "git knows no commit 'nowhere' here, so what it protects cannot be read"
    ]


def test_policies_rows_and_ids(clone: Path, command: Command) -> None:
    text = """version: 1
policies: {pack: [s3-public-access, container-hardening], disabled: [gone]}
gate:
  rows:
    - {name: soft, action: warn, environments: [prod],
       loosens: {reason: a move, owner: vera, expires: 2027-01-01T00:00:00Z}}
"""
    write(clone, {"gateproof.yaml": text})
    commit(clone)
    at = "2026-11-23T05:00:00Z"
    assert problems(command, "--at", at) == {
        "policies": ["there is no policy 'gone' to turn off", "nothing here is read by s3-public-access"],
        "gate-rows": ["the row 'soft' decides nothing"],
    }
    assert problems(command, "--at", "2027-01-01T00:00:00Z")["gate-rows"] == [
        "the row 'soft' ended at 2027-01-01T00:00:00Z"
    ]


def test_policies_that_do_not_load(clone: Path, command: Command) -> None:
    write(
        clone, {"gateproof.yaml": "version: 1\npolicies: {paths: [policy]}\n", "policy/x.rego": "package x\n\ndeny {"}
    )
    commit(clone)
    ran = command("doctor")
    assert ran.code == 1
    assert "policies: " in ran.out
    assert "? gate-rows: not checked" in ran.out


def test_trust_waivers_key_and_evidence(clone: Path, command: Command, company: Company) -> None:
    from gateproof.trust import DocumentKind, sign_document

    text = f"""{SETTINGS}trust:
  policy: trust.dsse.json
  roster: roster.dsse.json
  root: {company.root.fingerprint}
  waivers: [waivers, nowhere.json]
evidence: {{store: evidence, key: signer.key}}
"""
    write(clone, {"gateproof.yaml": text, "waivers/.keep": "", "signer.key": "x"})
    (clone / "trust.dsse.json").write_bytes(sign_document(DocumentKind.TRUST, company.policy, company.root))
    (clone / "roster.dsse.json").write_bytes(company.roster)
    (clone / "waivers" / "w.json").write_bytes(company.waiver("acl"))
    (clone / "signer.key").chmod(0o644)
    commit(clone)
    found = problems(command, "--at", "2026-11-23T05:00:00Z")
    assert found["waivers"] == [
        f"{clone / 'nowhere.json'}: there is no such waiver",
        "it is for acl, which does not judge here",
        "it ends at 2026-12-01T00:00:00Z",
    ]
    assert found["key"] == ["its mode is 0644", "a private key in the repository"]
    assert found["evidence"] == ["the evidence is inside the repository"]


def test_a_trust_policy_of_somebody_else(clone: Path, command: Command, company: Company, rival: Company) -> None:
    from gateproof.trust import DocumentKind, sign_document

    text = f"{SETTINGS}trust: {{policy: trust.dsse.json, root: '{rival.root.fingerprint}'}}\n"
    write(clone, {"gateproof.yaml": text})
    (clone / "trust.dsse.json").write_bytes(sign_document(DocumentKind.TRUST, company.policy, company.root))
    commit(clone)
    assert len(problems(command)["trust"]) == 1


@pytest.mark.usefixtures("clone")
def test_git_that_is_missing(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = problems(command)
    assert found["base"] == ["git is not installed"]
    assert found["settings"]


def test_a_time_that_is_none(command: Command) -> None:
    assert command("doctor", "--at", "2026-11-23").error is not None


@pytest.mark.parametrize("name", sorted(ALL))
def test_each_repository_after_init(
    name: str, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write(tmp_path / name, ALL[name])
    git(place, "init")
    monkeypatch.chdir(place)
    assert command("init", "--yes").code == 0
    commit(place)
    found = problems(command)
    assert set(found) <= {"policies", "pipelines"}  # an own pipeline may be shallow; few policies may fit


def test_this_repository(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    ran = command("doctor", "--format", "json")
    assert ran.code == 1
    assert "there is no gateproof.yaml" in [each["what"] for each in json.loads(ran.out)["problems"]]


def test_what_the_machine_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert setup.git_wrote(tmp_path) == ""
    place = write(tmp_path / "x", APPLICATION)
    git(place, "init")
    assert setup.git_wrote(place)
    assert not setup.is_shallow(place)
    (place / ".git" / "shallow").write_text("")
    assert setup.is_shallow(place)
    assert setup.key_file(str(place / "none"), None).mode is None
    assert setup.store_place(str(tmp_path / "new" / "store"), place).writable
    assert not setup.store_place(str(place / "Dockerfile" / "x"), None).writable
    (place / "waivers").mkdir()
    assert setup.waiver_files([place / "waivers"]) == ({}, [])
    monkeypatch.setattr(setup, "MAX_WAIVERS", 1)
    write(place, {"waivers/a.json": "", "waivers/b/c.json": "", "waivers/note.txt": ""})
    files, unreadable = setup.waiver_files([place / "waivers"])
    assert (len(files), len(unreadable)) == (1, 1)
    files, unreadable = setup.waiver_files([place / "*.json", tmp_path / "none"])
    assert list(files) == [str(place / "package.json")]
    assert len(unreadable) == 1
