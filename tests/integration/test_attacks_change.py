"""What the author of a change might try from within it: none of it may loosen what the protected branch says."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ALLOWED, Gateproof

STRICT = "version: 1\nservice: pay\ntier: 1\ndata_classification: restricted\npolicies: {paths: [policies]}\n"
LOOSE = "version: 1\nservice: pay\ntier: 3\ndata_classification: public\n"
DENIES = 'package org\n\nimport rego.v1\n\ndeny contains "the organization says no" if input.kind == "Pod"\n'
PASSES = "package mine\n\nimport rego.v1\n\ndeny contains message if {\n\tmessage := input.never\n}\n"


class Repository:
    """A clone of a repository whose protected branch has a policy of its own that denies."""

    def __init__(self, gateproof: Gateproof) -> None:
        self.gateproof = gateproof
        self.home = gateproof.folder / "origin"
        self.clone = gateproof.folder / "clone"
        self.home.mkdir()
        self.git("init", "-q", "-b", "main", at=self.home)
        self.write("pay/gateproof.yaml", STRICT, at=self.home)
        self.write("pay/policies/org.rego", DENIES, at=self.home)
        self.write("pay/pod.yaml", ALLOWED, at=self.home)
        self.commit(at=self.home)
        self.git("clone", "-q", str(self.home), str(self.clone), at=gateproof.folder)

    def git(self, *arguments: str, at: Path | None = None) -> str:
        """Run git in the clone."""
        command = [
            "git",
            "-c",
            "user.name=eve",
            "-c",
            "user.email=eve@acme.example",
            "-c",
            "protocol.file.allow=always",
        ]
        done = subprocess.run(
            [*command, "-C", str(at or self.clone), *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, name: str, text: str, *, at: Path | None = None) -> None:
        """Write a file into the clone."""
        path = (at or self.clone) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def commit(self, *, at: Path | None = None) -> None:
        """Commit everything."""
        self.git("add", "-A", at=at)
        self.git("commit", "-q", "-m", "change", at=at)

    def check(self, *options: str, env: dict[str, str] | None = None, folder: str = "pay") -> tuple[int, str]:
        """Exit code and output of a check in the service's folder."""
        ran = self.gateproof("check", "pod.yaml", *options, env=env, cwd=self.clone / folder)
        assert ran.faults() == []
        return ran.code, ran.out + ran.err


@pytest.fixture
def repository(gateproof: Gateproof) -> Repository:
    made = Repository(gateproof)
    code, said = made.check()
    assert (code, "the organization says no" in said) == (1, True)
    return made


def _loosen(repository: Repository) -> None:
    repository.write("pay/gateproof.yaml", LOOSE)
    repository.write("pay/policies/org.rego", PASSES.replace("package mine", "package org"))


def _nothing_more(repository: Repository) -> None:
    repository.commit()


def _without_files(repository: Repository) -> None:
    shutil.rmtree(repository.clone / "pay" / "policies")
    (repository.clone / "pay" / "gateproof.yaml").unlink()
    repository.commit()


def _tag_named_like_the_branch(repository: Repository) -> None:
    repository.commit()
    repository.git("tag", "origin/main")
    repository.git("tag", "main")
    repository.git("tag", "refs/remotes/origin/main")


def _branch_named_like_the_remote_one(repository: Repository) -> None:
    repository.commit()
    repository.git("branch", "origin/main")


def _replaced_object(repository: Repository) -> None:
    repository.commit()
    repository.git("replace", repository.git("rev-parse", "refs/remotes/origin/main"), "HEAD")


def _folder_that_is_a_repository(repository: Repository) -> None:
    """Git takes a folder with HEAD, objects and refs for a repository, and all of them can be committed."""
    pay, evil = repository.clone / "pay", repository.clone.parent / "evil"
    evil.mkdir()
    repository.git("init", "-q", "-b", "main", at=evil)
    repository.write("gateproof.yaml", LOOSE, at=evil)
    repository.commit(at=evil)
    for name in ("HEAD", "objects", "refs"):
        moved = evil / ".git" / name
        (shutil.copytree if moved.is_dir() else shutil.copy)(moved, pay / name)
    repository.write("pay/refs/remotes/origin/main", (pay / "refs" / "heads" / "main").read_text())
    repository.write("pay/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/main\n")
    repository.write("pay/config", "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n")
    assert repository.git("rev-parse", "--git-dir", at=pay) == "."
    repository.commit()


def _submodule(repository: Repository) -> None:
    evil = repository.clone.parent / "evil"
    evil.mkdir()
    repository.git("init", "-q", "-b", "main", at=evil)
    repository.write("gateproof.yaml", LOOSE, at=evil)
    repository.write("pod.yaml", ALLOWED, at=evil)
    repository.commit(at=evil)
    shutil.rmtree(repository.clone / "pay")
    repository.git("rm", "-rq", "--cached", "pay")
    repository.git("submodule", "--quiet", "add", str(evil), "pay")
    repository.commit()
    assert (repository.clone / "pay" / ".git").is_file()


TRICKS: dict[str, Callable[[Repository], None]] = {
    "edited": _nothing_more,
    "removed": _without_files,
    "tags": _tag_named_like_the_branch,
    "branch": _branch_named_like_the_remote_one,
    "replaced": _replaced_object,
    "nested": _folder_that_is_a_repository,
    "submodule": _submodule,
}


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("base", ["clone", "flag", "ci"])
def test_the_protected_policy_still_denies(repository: Repository, trick: str, base: str) -> None:
    _loosen(repository)
    TRICKS[trick](repository)
    options: tuple[str, ...] = ()
    env: dict[str, str] = {}
    if base == "flag":
        options = ("--base", "origin/main")
    elif base == "ci":
        repository.git("remote", "set-head", "origin", "-d")
        env = {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main"}
    code, said = repository.check(*options, env=env)
    assert (code, "the organization says no" in said) == (1, True), said


def test_the_branch_that_a_pull_request_targets_is_not_the_base_where_ci_names_the_default(
    repository: Repository,
) -> None:
    _loosen(repository)
    repository.commit()
    repository.git("push", "-q", "origin", "HEAD:loose")
    repository.git("fetch", "-q")
    repository.git("remote", "set-head", "origin", "-d")
    event = repository.clone.parent / "event.json"
    env = {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "loose", "GITHUB_EVENT_PATH": str(event)}
    event.write_text('{"repository": {"default_branch": "main"}}')
    code, said = repository.check(env=env)
    assert (code, "the organization says no" in said) == (1, True), said


@pytest.mark.parametrize("variable", ["GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"])
def test_variables_do_not_send_git_elsewhere(repository: Repository, variable: str) -> None:
    _loosen(repository)
    repository.commit()
    code, said = repository.check(env={variable: str(repository.clone.parent)})
    assert (code, "the organization says no" in said) == (1, True), said


@pytest.mark.parametrize(
    "base", ["nowhere", "main:", "--help", "HEAD^{/x}", "origin/main@{1}", ":/change", "pay..main"]
)
def test_a_base_that_is_no_branch_is_an_error(repository: Repository, base: str) -> None:
    code, said = repository.check(f"--base={base}")
    assert (code, "git knows no commit" in said) == (2, True), said


@pytest.mark.parametrize("base", ["origin/main~0", "HEAD", "main", "refs/remotes/origin/main", "refs/tags/v1", "hash"])
def test_a_base_may_be_written_in_these_ways(repository: Repository, base: str) -> None:
    repository.git("tag", "v1")
    code, said = repository.check("--base", repository.git("rev-parse", "HEAD") if base == "hash" else base)
    assert (code, "the organization says no" in said) == (1, True), said


def test_without_the_protected_branch_at_hand_nothing_is_decided(repository: Repository) -> None:
    shallow = repository.gateproof.folder / "shallow"
    shallow.mkdir()
    repository.git("init", "-q", "-b", "main", at=shallow)
    repository.git("fetch", "-q", "--depth=1", f"file://{repository.home}", "main", at=shallow)
    repository.git("checkout", "-q", "--detach", "FETCH_HEAD", at=shallow)
    env = {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main"}
    ran = repository.gateproof("check", "pod.yaml", env=env, cwd=shallow / "pay")
    assert ran.refused("git knows no commit 'origin/main'", "fetch-depth: 0") == []


def test_a_repository_that_git_refuses_to_read_is_not_one_without_protection(repository: Repository) -> None:
    code, said = repository.check(env={"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    assert (code, "dubious ownership" in said) == (2, True), said
    code, said = repository.check(env={"PATH": "/nowhere"})
    assert (code, "install git" in said) == (2, True), said


@pytest.mark.parametrize("kind", ["submodule", "link"])
def test_protected_policies_that_are_elsewhere_are_not_passed_over(repository: Repository, kind: str) -> None:
    if kind == "submodule":
        repository.git("submodule", "--quiet", "add", str(repository.home), "pay/policies/shared", at=repository.clone)
    else:
        os.symlink("../../pay", repository.clone / "pay" / "policies" / "shared")
    repository.commit()
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    code, said = repository.check()
    assert (code, "among the policies is not followed" in said) == (2, True), said


def test_linked_folders_of_policies_on_disk_are_not_passed_over(gateproof: Gateproof) -> None:
    gateproof.write("pod.yaml", ALLOWED)
    gateproof.write("policies/mine.rego", PASSES)
    gateproof.write("shared/org.rego", DENIES)
    os.symlink("../shared", gateproof.folder / "policies" / "shared")
    assert gateproof("check", "pod.yaml", "--policy", "policies").refused("a link to a folder") == []


def test_a_change_cannot_bring_the_policy_that_makes_it_judged(repository: Repository) -> None:
    protected = STRICT.replace("policies: {paths: [policies]}", "policies: {pack: [s3-public-access]}")
    repository.write("pay/gateproof.yaml", protected)
    repository.commit()
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert "no policy is loaded for this kind of input" in repository.check()[1]
    repository.write("pay/mine/mine.rego", PASSES)
    repository.write("pay/gateproof.yaml", protected.replace("access]", "access], paths: [mine]"))
    repository.commit()
    code, said = repository.check()
    assert (code, "no policy is loaded for this kind of input" in said) == (2, True), said
    repository.write("pay/mine/mine.rego", DENIES)
    assert repository.check()[0] == 1


def test_an_older_trust_policy_cannot_be_brought_back(repository: Repository) -> None:
    """What the protected file names is read from the protected branch, also where the change replaces it."""
    root = "sha256:" + "0" * 64
    repository.write(
        "pay/gateproof.yaml", f"{STRICT}trust: {{policy: trust.json, roster: roster.json, root: '{root}'}}\n"
    )
    repository.write("pay/trust.json", "the protected one")
    repository.commit()
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repository.write("pay/trust.json", '{"payload": "", "payloadType": "", "signatures": []}')
    code, said = repository.check()
    assert (code, "malformed" in said) == (2, True), said
    repository.git("rm", "-q", "--cached", "pay/trust.json")
    repository.git("commit", "-q", "-m", "without")
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    code, said = repository.check()
    assert (code, "it is not on the base" in said) == (2, True), said
