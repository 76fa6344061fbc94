"""What a server judges by, loaded from files, and when it has changed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tests.unit.server.reviews import RULE

from gateproof.errors import ConfigError, GateproofError, PolicyError
from gateproof.server.loading import fingerprint, from_file, load
from gateproof.settings import Flags

CONFIG = """
version: 1
policies: {pack: false, paths: [policies]}
admission:
  namespaces: [{names: [dev-*], environment: dev, tier: 3, data_classification: public}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "labels.rego").write_text(RULE)
    (tmp_path / "gateproof.yaml").write_text(CONFIG)
    return tmp_path


def _flags(folder: Path, **given: object) -> Flags:
    return Flags(config=folder / "gateproof.yaml", surface="admission", **given)  # type: ignore[arg-type]


def _git(folder: Path, *arguments: str) -> str:
    named = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_file_counts_whole(folder: Path) -> None:
    loaded = load(_flags(folder))
    assert [policy.id for policy in loaded.served.grounds.bundle.policies] == ["labels"]
    assert loaded.served.placement.settings.admission.namespaces[0].names == ("dev-*",)
    assert loaded.served.revision == ""


@pytest.mark.parametrize("name", ["gateproof.yaml", "policies/labels.rego"])
def test_a_change_is_noticed(folder: Path, name: str) -> None:
    loaded = load(_flags(folder))
    before = fingerprint(loaded.places)
    assert fingerprint(loaded.places) == before
    (folder / name).write_text((folder / name).read_text() + "\n# changed\n")
    assert fingerprint(loaded.places) != before


def test_a_policy_that_is_added_or_taken_away_is_noticed(folder: Path) -> None:
    loaded = load(_flags(folder))
    before = fingerprint(loaded.places)
    (folder / "policies" / "more.rego").write_text(RULE.replace("package labels", "package more"))
    assert fingerprint(loaded.places) != before
    (folder / "policies" / "more.rego").unlink()
    (folder / "policies" / "labels.rego").unlink()
    assert fingerprint(loaded.places) != before


def test_a_checkout_counts_as_it_stands_at_its_commit(folder: Path) -> None:
    _git(folder, "init", "--quiet")
    _git(folder, "add", ".")
    _git(folder, "commit", "--quiet", "--message", "one")
    loaded = load(_flags(folder))
    commit = _git(folder, "rev-parse", "HEAD")
    assert loaded.served.revision == commit
    # Half of an update: the files are there, the commit is not.
    (folder / "policies" / "labels.rego").write_text("this is no Rego")
    (folder / "gateproof.yaml").write_text("nor is this a file of settings")
    assert load(_flags(folder)).served.grounds.bundle.digest == loaded.served.grounds.bundle.digest
    before = fingerprint(loaded.places)
    _git(folder, "commit", "--quiet", "--all", "--message", "two")
    assert fingerprint(loaded.places) != before
    with pytest.raises(GateproofError):
        load(_flags(folder))


def test_what_does_not_compile_is_an_error(folder: Path) -> None:
    (folder / "policies" / "labels.rego").write_text("package labels\n\ndeny contains")
    with pytest.raises(PolicyError):
        load(_flags(folder))


def test_policies_that_never_judge_at_the_door_are_an_error(folder: Path) -> None:
    (folder / "gateproof.yaml").write_text("version: 1\npolicies: {pack: [s3-public-access]}\n")
    with pytest.raises(ConfigError, match="at runtime") as caught:
        load(_flags(folder))
    assert caught.value.hint


def test_a_file_is_needed() -> None:
    with pytest.raises(ConfigError) as caught:
        load(Flags())
    assert caught.value.hint


def test_an_overlay_ends(folder: Path) -> None:
    overlay = "{policy: labels, severity: low, loosens: {reason: a move, owner: a, expires: 2999-01-01T00:00:00Z}}"
    (folder / "gateproof.yaml").write_text(CONFIG.replace("[policies]", f"[policies], overlays: [{overlay}]"))
    assert load(_flags(folder)).served.until == "2999-01-01T00:00:00Z"


LISTED = '{"kind": "NamespaceList", "items": [{"metadata": {"name": "shop", "labels": {"tier": "2"}}}]}'
STREAM = """
kind: Namespace
metadata: {name: shop}
---
kind: Namespace
metadata: {name: other}
"""


@pytest.mark.parametrize(("text", "names"), [(LISTED, ["shop"]), (STREAM, ["shop", "other"]), ("[]", [])])
def test_namespaces_of_a_file(tmp_path: Path, text: str, names: list[str]) -> None:
    path = tmp_path / "namespaces"
    path.write_text(text)
    assert list(from_file(path).objects) == names


@pytest.mark.parametrize("text", ['{"items": ', "a: [", "\0"])
def test_namespaces_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "namespaces"
    path.write_text(text)
    with pytest.raises(ConfigError):
        from_file(path)


def test_a_fact_that_gets_too_old_ends(folder: Path) -> None:
    fact = {"name": "a", "source": "b", "observed_at": "2999-01-01T00:00:00Z", "max_age": 59, "value": 1}
    (folder / "fact.json").write_text(json.dumps(fact))
    assert load(_flags(folder, facts=(str(folder / "fact.json"),))).served.until == "2999-01-01T00:01:00Z"
