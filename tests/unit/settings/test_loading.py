"""Finding gateproof.yaml, in the working tree and on the protected base."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateproof.adapters.git import repository
from gateproof.catalog.pack import STARTER
from gateproof.catalog.scales import Environment, Tier
from gateproof.errors import ConfigError
from gateproof.settings import Flags, PolicyPath, Resolved, key_password, load


class FakeGit:
    """A repository's refs as dictionaries of absolute path → text."""

    def __init__(self, default: str | None = "origin/main", **refs: dict[Path, str]) -> None:
        self.default = default
        self.refs = {f"origin/{name}": files for name, files in refs.items()}
        self.asked: list[str] = []
        self.broken = False
        self.missing: set[str] = set()

    def repository(self, folder: Path) -> Path | None:
        return repository(folder)

    def check(self, folder: Path) -> None:
        if self.broken:
            raise ConfigError("git does not say", where=str(folder))

    def resolve(self, folder: Path, ref: str) -> str | None:
        assert repository(folder)
        self.asked.append(ref)
        return None if ref in self.missing else ref

    def show(self, folder: Path, ref: str, path: str) -> bytes | None:
        text = self.refs.get(ref, {}).get(folder / path)
        return None if text is None else text.encode()

    def default_branch(self, folder: Path) -> str | None:
        return self.default if folder else None

    def head(self, folder: Path) -> tuple[str, str]:
        return ("c0ffee", "bob") if folder else ("", "")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app" / "infra").mkdir(parents=True)
    return tmp_path


def run(folder: Path, git: FakeGit, environ: dict[str, str] | None = None, **flags: object) -> Resolved:
    return load(Flags(**flags), folder=folder, git=git, environ=environ or {})  # type: ignore[arg-type]


def test_the_nearest_file_upwards_is_taken_and_its_places_are_absolute(repo: Path) -> None:
    text = "version: 1\nevidence: {store: ev, key: s3://k}\npolicies: {paths: [p]}\ntrust: {waivers: [w]}\n"
    (repo / "app" / "gateproof.yaml").write_text(text)
    (repo / "gateproof.yaml").write_text("version: 1\nservice: top\n")
    found = run(repo / "app" / "infra", FakeGit())
    assert found.settings.evidence.store == str(repo / "app" / "ev")
    assert found.settings.evidence.key == "s3://k"
    assert found.policies == (PolicyPath(repo / "app" / "p"),)
    assert found.waivers == (repo / "app" / "w",)
    assert (found.context.commit, found.context.author) == ("c0ffee", "bob")


def test_the_search_ends_at_the_top_of_the_repository(repo: Path) -> None:
    inner = repo / "app"
    (inner / ".git").mkdir()
    (repo / "gateproof.yaml").write_text("version: 1\nservice: outer\n")
    assert run(inner / "infra", FakeGit()).tree is None


def test_protected_policies_are_read_at_their_ref_and_added_ones_from_disk(repo: Path) -> None:
    (repo / "gateproof.yaml").write_text("version: 1\npolicies: {paths: [p, new]}\n")
    found = run(
        repo, FakeGit(main={repo / "gateproof.yaml": "version: 1\npolicies: {paths: [p]}\n"}), policies=("p", "x")
    )
    assert found.policies == (
        PolicyPath(repo / "p", "origin/main"),
        PolicyPath(repo / "new", asserted=True),
        PolicyPath(repo / "x"),
    )


def test_a_file_that_a_change_adds_nearer_does_not_hide_the_protected_one(repo: Path) -> None:
    (repo / "app" / "gateproof.yaml").write_text("version: 1\nservice: mine\npolicies: {pack: false}\n")
    git = FakeGit(main={repo / "gateproof.yaml": "version: 1\nservice: top\ntier: 2\ndata_classification: internal\n"})
    found = run(repo / "app", git)
    assert (found.context.service, found.context.tier) == ("top", Tier.TWO)
    assert found.settings.policies.pack == STARTER


def test_a_file_that_a_change_removes_still_counts(repo: Path) -> None:
    (repo / "gateproof.yaml").write_text("version: 1\ntier: 3\n")
    git = FakeGit(main={
        repo / "app" / "gateproof.yaml": "version: 1\ntier: 1\n",
        repo / "gateproof.yaml": "version: 1\ntier: 3\n",
    })  # fmt: skip
    assert run(repo / "app", git).context.tier is Tier.ONE


@pytest.mark.parametrize(
    ("default", "environ", "flag", "ref"),
    [
        ("origin/main", {}, "origin/given", "origin/given"),
        ("origin/main", {}, None, "origin/main"),
        ("origin/main", {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "evil"}, None, "origin/main"),
        (None, {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "target"}, None, "origin/target"),
        ("origin/x", {"GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "main"}, None, "origin/main"),
    ],
)
def test_which_ref_is_the_base(
    repo: Path, default: str | None, environ: dict[str, str], flag: str | None, ref: str
) -> None:
    git = FakeGit(default)
    run(repo, git, environ, base=flag)
    assert set(git.asked) == {ref}


def test_without_any_ref_nothing_is_protected(repo: Path) -> None:
    (repo / "gateproof.yaml").write_text("version: 1\ntier: 3\n")
    git = FakeGit(None)
    assert run(repo, git).context.tier is Tier.ONE
    assert git.asked == []


def test_outside_a_repository_git_is_not_asked(tmp_path: Path) -> None:
    git = FakeGit()
    assert run(tmp_path, git).context.commit == ""
    with pytest.raises(ConfigError, match="git knows no commit 'origin/main'"):
        run(tmp_path, git, base="origin/main")
    assert git.asked == []


@pytest.mark.parametrize(
    ("environ", "flag", "missing"),
    [
        ({}, None, "origin/main"),
        ({}, "origin/given", "origin/given"),
        ({"GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "trunk"}, None, "origin/trunk"),
    ],
)
def test_a_base_that_was_not_fetched_is_an_error_and_not_no_protection(
    repo: Path, environ: dict[str, str], flag: str | None, missing: str
) -> None:
    git = FakeGit()
    git.missing.add(missing)
    with pytest.raises(ConfigError, match=f"git knows no commit '{missing}'"):
        run(repo, git, environ, base=flag)


def test_a_repository_that_git_will_not_read_is_an_error_and_not_no_protection(repo: Path) -> None:
    git = FakeGit()
    git.broken = True
    with pytest.raises(ConfigError, match="git does not say"):
        run(repo, git)


def test_a_base_that_the_protected_file_sends_to_must_have_the_file(repo: Path) -> None:
    main = {repo / "gateproof.yaml": "version: 1\nbase: origin/release\n"}
    with pytest.raises(ConfigError, match=r"there is no gateproof\.yaml there"):
        run(repo, FakeGit(main=main))
    git = FakeGit(main=main)
    git.missing.add("origin/release")
    with pytest.raises(ConfigError, match="git knows no commit 'origin/release'"):
        run(repo, git)


def test_only_a_protected_file_may_name_another_base(repo: Path) -> None:
    path = repo / "gateproof.yaml"
    path.write_text("version: 1\nbase: origin/evil\n")

    def git(main: str) -> FakeGit:
        release, evil = "version: 1\ntier: 2\n", "version: 1\ntier: 3\n"
        return FakeGit(main={path: main}, release={path: release}, evil={path: evil})

    assert run(repo, git("version: 1\ntier: 1\n")).context.tier is Tier.ONE
    found = run(repo, git("version: 1\nbase: origin/release\n"))
    assert found.context.tier is Tier.TWO
    assert found.base is not None
    assert found.base.ref == "origin/release"


def test_a_problem_of_the_protected_file_names_its_ref(repo: Path) -> None:
    with pytest.raises(ConfigError, match=r"origin/main:gateproof\.yaml:1"):
        run(repo, FakeGit(main={repo / "gateproof.yaml": "version: 3\n"}))


def test_a_file_that_is_named_must_be_there_and_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        run(tmp_path, FakeGit(), config=tmp_path / "missing.yaml")
    with pytest.raises(ConfigError, match="directory"):
        run(tmp_path, FakeGit(), config=tmp_path)
    (tmp_path / "own.yaml").write_text("version: 1\nservice: x\n")
    assert run(tmp_path, FakeGit(), config=tmp_path / "own.yaml").context.service == "x"


def test_without_a_file_the_policy_flag_chooses_the_policies(tmp_path: Path) -> None:
    assert run(tmp_path, FakeGit()).settings.policies.pack == STARTER
    chosen = run(tmp_path, FakeGit(), policies=("rego",))
    assert (chosen.settings.policies.pack, chosen.policies) == (False, (PolicyPath(tmp_path / "rego"),))
    both = run(tmp_path, FakeGit(), policies=("pack", "rego"))
    assert (both.settings.policies.pack, both.policies) == (True, (PolicyPath(tmp_path / "rego"),))


def test_with_a_file_the_policy_flag_only_adds(tmp_path: Path) -> None:
    (tmp_path / "gateproof.yaml").write_text("version: 1\n")
    assert run(tmp_path, FakeGit(), policies=("rego",)).settings.policies.pack == STARTER


def test_the_policy_flag_brings_back_a_pack_that_is_switched_off(repo: Path) -> None:
    git = FakeGit(main={repo / "gateproof.yaml": "version: 1\npolicies: {pack: false}\n"})
    assert run(repo, git).settings.policies.pack is False
    assert run(repo, git, policies=("pack",)).settings.policies.pack is True


def test_flags_name_stores_keys_and_trust(tmp_path: Path) -> None:
    found = run(
        tmp_path, FakeGit(), evidence="ev", key=Path("k.pem"), trust="t", roster="r", root="sha256:1", waivers=("w",)
    )
    assert found.settings.evidence.store == str(tmp_path / "ev")
    assert found.settings.evidence.key == str(tmp_path / "k.pem")
    assert (found.settings.trust.policy, found.settings.trust.root) == (str(tmp_path / "t"), "sha256:1")
    assert found.waivers == (tmp_path / "w",)


def test_the_gate_table_has_own_rows_beside_the_default(repo: Path) -> None:
    row = "{name: own, action: block, environments: [staging, prod], severities: [medium, high, critical]}"
    (repo / "gateproof.yaml").write_text(f"version: 1\ngate: {{rows: [{row}]}}\n")
    found = run(repo, FakeGit(), environment="staging")
    assert "own" in [r.name for r in found.gate_table.rows]
    assert "prod-everything" in [r.name for r in found.gate_table.rows]
    assert found.context.environment is Environment.STAGING


def test_the_password_comes_from_the_environment() -> None:
    assert key_password({}) == b""
    assert key_password({"GATEPROOF_KEY_PASSWORD": "pä"}) == "pä".encode()
