"""Who may say what: the protected file decides, everything else can only tighten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateproof.catalog.gate_table import Action, Loosening, ObligationRule, Row
from gateproof.catalog.overlays import Overlay
from gateproof.catalog.scales import Classification, Environment, Layer, Severity, Tier
from gateproof.errors import UsageError
from gateproof.inputs.context import Context
from gateproof.settings.ci import CI, from_environment
from gateproof.settings.resolving import File, Flags, added_overlays, added_paths, resolve_context, resolve_settings
from gateproof.settings.schema import Evidence, Gate, Policies, Settings, Trust

HERE = Path("/repo/gateproof.yaml")


def file(ref: str = "", **said: Any) -> File:
    return File(Settings(**said), HERE, "sha256:" + ("b" if ref else "a") * 64, ref)


def base(**said: Any) -> File:
    return file("origin/main", **said)


def context(protected: File | None = None, tree: File | None = None, **flags: Any) -> Context:
    return resolve_context(protected, tree, Flags(**flags), CI())


def used(found: Context, field: str) -> list[tuple[str, str, bool]]:
    return [(c.value, c.source.partition(" (")[0], c.used) for c in found.claims if c.field == field]


@pytest.mark.parametrize(
    ("protected", "in_tree", "flag", "tier"),
    [
        (None, None, None, "1"),
        (None, "3", None, "1"),
        (None, "3", "3", "1"),
        ("3", None, None, "3"),
        ("3", "2", None, "2"),
        ("3", None, "1", "1"),
        ("2", "3", "3", "2"),
        ("1", "3", "2", "1"),
    ],
)
def test_tier(protected: str | None, in_tree: str | None, flag: str | None, tier: str) -> None:
    found = context(
        base(tier=Tier(protected)) if protected else base(),
        file(tier=Tier(in_tree)) if in_tree else None,
        tier=flag,
    )
    assert found.tier == tier
    for value, _, was_used in used(found, "tier"):
        assert was_used is (value == tier)


def test_claims_say_who_said_what_and_cite_the_protected_file() -> None:
    found = context(base(tier=Tier.TWO), file(tier=Tier.THREE), tier="1")
    assert used(found, "tier") == [
        ("2", "origin/main:gateproof.yaml", False),
        ("3", "gateproof.yaml", False),
        ("1", "--tier", True),
    ]
    protected, in_tree, _ = found.claims
    assert (protected.protected, protected.digest) == (True, "sha256:" + "b" * 64)
    assert in_tree.source == "gateproof.yaml (it is looser than what is protected)"


def test_without_a_protected_base_a_claim_says_how_to_protect_it() -> None:
    found = context(None, file(tier=Tier.THREE, data_classification=Classification.PUBLIC))
    assert (found.tier, found.data_classification) == (Tier.ONE, Classification.RESTRICTED)
    assert all("commit gateproof.yaml to the default branch" in claim.source for claim in found.claims)


@pytest.mark.parametrize(
    ("pinned", "in_tree", "asked", "environment"),
    [
        (None, None, None, "prod"),
        (None, None, "dev", "dev"),
        (None, "dev", None, "prod"),
        (None, "prod", "dev", "prod"),
        ("staging", None, "dev", "staging"),
        ("staging", None, "prod", "prod"),
        ("dev", None, None, "dev"),
        ("dev", "staging", None, "staging"),
        ("prod", "dev", "dev", "prod"),
    ],
)
def test_environment_is_the_question_asked(
    pinned: str | None, in_tree: str | None, asked: str | None, environment: str
) -> None:
    found = context(
        base(environment=Environment(pinned)) if pinned else None,
        file(environment=Environment(in_tree)) if in_tree else None,
        environment=asked,
    )
    assert found.environment == environment


def test_an_environment_that_is_not_asked_for_says_how_to_ask() -> None:
    [claim] = context(None, file(environment=Environment.DEV)).claims
    assert claim.source == "gateproof.yaml (it only tightens: ask with --env)"


def test_the_service_is_the_protected_one() -> None:
    found = context(base(service="payments"), file(service="evil"), service="other")
    assert found.service == "payments"
    assert [c.used for c in found.claims] == [True, False, False]
    assert context(None, file(service="new")).service == "new"
    assert context(None, file(service="new"), service="asked").service == "asked"


@pytest.mark.parametrize(
    "flags", [{"environment": "production"}, {"tier": "0"}, {"classification": "secret"}, {"layer": "moon"}]
)
def test_a_flag_that_is_no_word_of_its_scale_is_a_usage_error(flags: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_context(None, None, Flags(**flags), CI())  # type: ignore[arg-type]
    assert "it is one of" in str(caught.value.hint)


def test_what_ci_says_is_taken_over() -> None:
    ci = CI(name="x", commit="c0ffee", author="bob", actor="ann")
    found = resolve_context(None, None, Flags(layer="cd", artifact="sha256:1", surface="hook"), ci)
    assert (found.commit, found.author, found.actor) == ("c0ffee", "bob", "ann")
    assert (found.layer, found.artifact, found.surface) == (Layer.CD, "sha256:1", "hook")


def test_variables_of_ci_systems() -> None:
    github = {"GITHUB_ACTIONS": "true", "GITHUB_SHA": "c0ffee", "GITHUB_ACTOR": "bob", "GITHUB_BASE_REF": "main"}
    assert from_environment(github) == CI(
        name="github-actions", commit="c0ffee", author="bob", actor="bob", target_branch="origin/main"
    )
    assert from_environment({**github, "GITHUB_TRIGGERING_ACTOR": "ann"}).actor == "ann"
    gitlab = {
        "GITLAB_CI": "true",
        "CI_COMMIT_SHA": "c0ffee",
        "CI_COMMIT_AUTHOR": "Bob <bob@example.org>",
        "GITLAB_USER_LOGIN": "ann",
        "CI_DEFAULT_BRANCH": "main",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "release",
    }
    assert from_environment(gitlab) == CI(
        name="gitlab-ci",
        commit="c0ffee",
        author="ann",
        actor="ann",
        default_branch="origin/main",
        target_branch="origin/release",
    )
    assert from_environment({**gitlab, "GITLAB_USER_LOGIN": ""}).author == "Bob <bob@example.org>"
    assert from_environment({"GITHUB_SHA": "c0ffee", "CI": "true"}) == CI()


@pytest.mark.parametrize(
    ("event", "branch"),
    [
        ('{"repository": {"default_branch": "trunk"}}', "origin/trunk"),
        ('{"repository": {}}', ""),
        ("[]", ""),
        ("{", ""),
        (None, ""),
    ],
)
def test_the_event_of_github_names_the_default_branch(tmp_path: Path, event: str | None, branch: str) -> None:
    path = tmp_path / "event.json"
    if event is not None:
        path.write_text(event)
    assert from_environment({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(path)}).default_branch == branch


# The rest of the settings

LOOSE = Loosening("r", "o", "2027-01-01T00:00:00Z")
BLOCKS = Row("blocks", Action.BLOCK, policies=("s3",))
WARNS = Row("warns", Action.WARN, environments=(Environment.DEV,))
LOOSENS = Row("loosens", Action.WARN, policies=("s3",), environments=(Environment.PROD,), loosens=LOOSE)
WITNESS = ObligationRule("witness", "a witness cosigned")


def ignored(protected: File | None, tree: File) -> dict[str, list[str]]:
    _, claims = resolve_settings(protected, tree)
    found: dict[str, list[str]] = {}
    for claim in claims:
        assert not claim.used
        assert not claim.protected
        found.setdefault(claim.field, []).append(claim.value)
    return found


def test_the_same_file_on_both_sides_changes_and_ignores_nothing() -> None:
    said: dict[str, Any] = {
        "policies": Policies(pack=("a",), disabled=("b",), parameters={"a": {"x": 1}}, paths=("/repo/p",)),
        "gate": Gate((LOOSENS, WARNS), (WITNESS,)),
        "trust": Trust(root="sha256:1", waivers=("/repo/w",)),
        "base": "origin/release",
    }
    assert resolve_settings(base(**said), file(**said)) == (Settings(**said), ())
    assert resolve_settings(base(**said), None) == (Settings(**said), ())
    assert resolve_settings(None, None) == (Settings(), ())


@pytest.mark.parametrize(
    ("protected", "asserted", "effective"),
    [
        (True, ("a",), True),
        (True, False, True),
        (("a",), ("b",), ("a", "b")),
        (("a",), True, True),
        (("a",), False, ("a",)),
        (False, ("a",), ("a",)),
        (False, False, False),
    ],
)
def test_the_pack_can_only_grow(protected: Any, asserted: Any, effective: Any) -> None:
    found, claims = resolve_settings(base(policies=Policies(pack=protected)), file(policies=Policies(pack=asserted)))
    assert found.policies.pack == effective
    assert bool(claims) is (asserted != effective)


def test_policies_of_the_working_tree_only_add() -> None:
    protected = base(policies=Policies(paths=("/repo/p", "/repo/q"), disabled=("a", "b"), parameters={"a": {"x": 1}}))
    tree = file(policies=Policies(paths=("/repo/q", "/repo/new"), disabled=("b", "c"), parameters={"a": {"x": 2}}))
    found, _ = resolve_settings(protected, tree)
    assert found.policies.paths == ("/repo/p", "/repo/q")
    assert added_paths(protected, tree) == ("/repo/new",)
    assert found.policies.disabled == ("b",)
    assert found.policies.parameters == {"a": {"x": 1}}
    assert ignored(protected, tree) == {
        "policies.disabled": ["c"],
        "policies.paths": ["without p"],
        "policies.parameters": ["a"],
    }


def test_rows_and_obligations_of_the_working_tree_only_tighten() -> None:
    protected = base(gate=Gate((LOOSENS,), (WITNESS,)))
    changed = Row("loosens", Action.BLOCK, policies=("s3",))
    tree = file(gate=Gate((BLOCKS, WARNS, changed), (ObligationRule("canary", "it ran"),)))
    found, _ = resolve_settings(protected, tree)
    assert [row.name for row in found.gate.rows] == ["loosens", "blocks"]
    assert found.gate.rows[0] == LOOSENS
    assert [rule.name for rule in found.gate.obligations] == ["witness", "canary"]
    assert ignored(protected, tree) == {"gate.rows": ["warns", "loosens"], "gate.obligations": ["without witness"]}
    assert ignored(protected, file()) == {"gate.rows": ["without loosens"], "gate.obligations": ["without witness"]}


def test_without_a_protected_base_the_defaults_are_what_can_be_tightened() -> None:
    tree = file(
        policies=Policies(pack=False, disabled=("s3",), parameters={"a": {}}),
        gate=Gate((LOOSENS, BLOCKS)),
        trust=Trust(policy="/repo/t", roster="/repo/r", root="sha256:mine", waivers=("/repo/w",)),
        evidence=Evidence(store="/repo/e"),
        base="HEAD",
    )
    found, _ = resolve_settings(None, tree)
    assert found.policies == Policies()
    assert found.gate.rows == (BLOCKS,)
    assert found.trust == Trust(policy="/repo/t", roster="/repo/r", root="", waivers=("/repo/w",))
    assert found.evidence.store == "/repo/e"
    assert set(ignored(None, tree)) == {
        "policies.pack", "policies.disabled", "policies.parameters", "gate.rows", "trust.root", "base",
    }  # fmt: skip


def test_trust_and_evidence_that_are_protected_stay() -> None:
    protected = base(
        trust=Trust(policy="/repo/t", roster="/repo/r", root="sha256:1"), evidence=Evidence(store="s3://e")
    )
    tree = file(
        trust=Trust(policy="/repo/x", root="sha256:2", waivers=("/repo/w",)), evidence=Evidence(store="/repo/e")
    )
    found, _ = resolve_settings(protected, tree)
    assert found.trust == Trust(policy="/repo/t", roster="/repo/r", root="sha256:1", waivers=("/repo/w",))
    assert found.evidence.store == "s3://e"
    assert ignored(protected, tree) == {
        "evidence.store": ["e"],
        "trust.policy": ["x"],
        "trust.roster": ["(none)"],
        "trust.root": ["sha256:2"],
    }


def test_a_signed_but_older_trust_policy_or_roster_of_the_working_tree_does_not_count() -> None:
    asserted = file(trust=Trust(policy="/repo/t", roster="/repo/r"))
    found, ignored = resolve_settings(base(trust=Trust(root="sha256:1")), asserted)
    assert found.trust == Trust(root="sha256:1")
    assert {claim.field for claim in ignored} >= {"trust.policy", "trust.roster"}


def test_overlays_of_the_working_tree_only_raise_a_severity() -> None:
    off = Overlay("a", enabled=False, loosens=Loosening("moving", "ann", "2027-01-01T00:00:00Z"))
    raising, tuned = Overlay("b", severity=Severity.CRITICAL), Overlay("c", parameters={"x": 1})
    protected = base(policies=Policies(overlays=(raising,)))
    asserted = file(policies=Policies(overlays=(off, tuned, Overlay("d", severity=Severity.HIGH, parameters={"x": 1}))))
    settings, claims = resolve_settings(protected, asserted)
    assert settings.policies.overlays == (raising,)
    assert added_overlays(protected, asserted) == (Overlay("d", severity=Severity.HIGH),)
    said = [claim.value for claim in claims if claim.field == "policies.overlays"]
    assert [value.partition(":")[0] for value in said] == ["a", "c", "d", "without b"]
    assert not any(claim.used for claim in claims)


def test_the_same_overlays_on_both_sides_are_neither_added_nor_ignored() -> None:
    overlays = (Overlay("a", severity=Severity.CRITICAL), Overlay("b", parameters={"x": 1}))
    protected, asserted = base(policies=Policies(overlays=overlays)), file(policies=Policies(overlays=overlays))
    assert resolve_settings(protected, asserted) == (protected.settings, ())
    assert added_overlays(protected, asserted) == ()
    assert [one.policy for one in added_overlays(None, asserted)] == ["a"]
