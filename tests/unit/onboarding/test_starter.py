from __future__ import annotations

from itertools import product

import pytest
import yaml
from tests.unit.onboarding.conftest import ALL, APPLICATION, KUBERNETES, POLICIES, TERRAFORM, surveyed

from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.gate_table import Action, GateTable
from gateproof.catalog.pack import STARTER
from gateproof.catalog.policy import InputKind
from gateproof.catalog.scales import Classification, Environment, Severity, Tier
from gateproof.documents import Format, read
from gateproof.engines.interface import Finding
from gateproof.gate.table import merge, row_for
from gateproof.inputs.context import Context
from gateproof.inputs.workflows import is_workflow
from gateproof.onboarding import snippets
from gateproof.onboarding.starter import COUNT, choose, completed, compose, diff, missing
from gateproof.onboarding.weeks import SOFT, Progress, Standing, soft_row, week
from gateproof.settings.reading import read_settings

NOW = "2026-11-23T05:00:00Z"
KINDS = tuple(kind for kind in InputKind if kind is not InputKind.UNKNOWN)


@pytest.mark.parametrize("name", sorted(ALL))
def test_three_policies_are_chosen_and_the_file_turns_them_on(name: str) -> None:
    chosen = choose(surveyed(ALL[name]), POLICIES)
    ids = [choice.policy.id for choice in chosen]
    assert len(set(ids)) == COUNT
    assert all(choice.why for choice in chosen)
    settings = read_settings(compose(chosen, "payments").encode(), "gateproof.yaml")
    assert settings.policies.pack == tuple(ids)


def test_what_fits_is_chosen() -> None:
    chosen = choose(surveyed(TERRAFORM), POLICIES)
    assert all(choice.kinds == (InputKind.TERRAFORM_PLAN,) for choice in chosen)
    assert {"encryption-at-rest", "s3-public-access"} <= {choice.policy.id for choice in chosen}
    both = choose(surveyed({**TERRAFORM, **KUBERNETES}), POLICIES)
    assert {kind for choice in both for kind in choice.kinds} >= {InputKind.TERRAFORM_PLAN, InputKind.KUBERNETES}


def test_where_nothing_fits_the_default_stands() -> None:
    chosen = choose(surveyed({}), POLICIES)
    assert tuple(sorted(choice.policy.id for choice in chosen)) == STARTER
    assert not any(choice.kinds for choice in chosen)


def test_a_service_is_suggested_unless_its_name_could_be_more() -> None:
    chosen = choose(surveyed(TERRAFORM), POLICIES)
    assert "# service: payments\n" in compose(chosen, "payments")
    assert "# service: my-service\n" in compose(chosen, "a\nversion: 2")


def test_an_existing_file_keeps_what_it_says() -> None:
    chosen = choose(surveyed(TERRAFORM), POLICIES)
    before = "version: 1 # ours\nservice: payments"
    after = completed(before, chosen, missing({"version": 1, "service": "payments"}))
    assert after.startswith(before)
    assert read_settings(after.encode(), "x").policies.pack == tuple(choice.policy.id for choice in chosen)
    assert missing({"version": 1, "policies": {}}) == ()
    assert completed(before, chosen, ()) == before
    assert diff("x", before, before) == "\n"


@pytest.mark.parametrize("name", sorted(ALL))
def test_snippets_are_what_their_systems_read(name: str) -> None:
    repository = surveyed(ALL[name])
    made = snippets.ci(repository, KINDS)
    assert made is not None
    (document,) = read(made.text.encode(), Format.YAML)
    if name == "terraform":
        assert made.path == ".gitlab-ci.yml"
        assert "terraform -chdir=live/prod plan" in "\n".join(document.value["gateproof"]["script"])
        assert document.value["gateproof"]["variables"] == {"GIT_DEPTH": "0"}
    else:
        assert made.path == ".github/workflows/gateproof.yml"
        assert is_workflow(document.value)
        found = surveyed({made.path: made.text})
        assert [gate.tool for gate in found.gates] == ["gateproof"]
        assert not found.pipelines[0].shallow


def test_gitlab_renders_what_it_judges() -> None:
    files = {**KUBERNETES, ".gitlab-ci.yml": "build: {script: [make]}\n"}
    del files[".github/workflows/ci.yml"]
    made = snippets.ci(surveyed(files), {InputKind.KUBERNETES})
    assert made is not None
    script = yaml.safe_load(made.text)["gateproof"]["script"]
    assert script[1:] == [
        "mkdir -p rendered",
        "helm template charts/api > rendered/1.yaml",
        "kubectl kustomize overlays/prod > rendered/2.yaml",
        "gateproof check base/web.yaml rendered --env dev",
    ]
    assert made.notes == ("use an image that has helm and kubectl beside Python",)


def test_hooks_judge_what_is_at_hand() -> None:
    made = snippets.pre_commit(surveyed(KUBERNETES), {InputKind.KUBERNETES})
    assert made is not None
    (gate,) = surveyed({".pre-commit-config.yaml": made.text}).gates
    assert (gate.tool, gate.layer) == ("gateproof", "pre-commit")
    assert "base/web.yaml" in yaml.safe_load(made.text)["repos"][0]["hooks"][0]["entry"]
    assert snippets.pre_commit(surveyed(TERRAFORM), {InputKind.TERRAFORM_PLAN}) is None
    assert snippets.ci(surveyed(APPLICATION), {InputKind.KUBERNETES}) is None


@pytest.mark.parametrize("folder", ["a b", "$(touch x)", "${{ github.token }}", "-x", "a;b", "a\nb", "ä"])
def test_paths_that_a_shell_could_misread_are_left_out(folder: str) -> None:
    files = {f"{folder}/main.tf": 'resource "aws_s3_bucket" "x" {}', "ok/main.tf": 'resource "aws_s3_bucket" "x" {}'}
    made = snippets.ci(surveyed(files), KINDS)
    assert made is not None
    assert folder not in made.text
    assert "1 paths" in made.notes[0]


def test_many_roots_are_cut() -> None:
    files = {f"r{number:02}/main.tf": 'resource "aws_s3_bucket" "x" {}' for number in range(12)}
    made = snippets.ci(surveyed(files), KINDS)
    assert made is not None
    assert ("terraform -chdir=r09 " in made.text, "terraform -chdir=r10 " in made.text) == (True, False)
    assert made.notes[0] == "2 folders beyond r09: make a job for each"


def test_many_manifests_are_named_by_their_folders() -> None:
    pod = "apiVersion: v1\nkind: Pod\n"
    files = {f"base/{number}/a.yaml": pod for number in range(30)} | {"base/x.yaml": pod, "top.yaml": pod}
    made = snippets.pre_commit(surveyed(files), {InputKind.KUBERNETES})
    assert made is not None
    assert "gateproof check top.yaml base --env" in made.text


def test_the_row_of_the_rollout_wins_everywhere_until_it_ends() -> None:
    text = "version: 1\ngate:\n  rows:\n" + soft_row(STARTER, NOW)
    rows = read_settings(text.encode(), "gateproof.yaml").gate.rows
    table = merge(DEFAULT, GateTable(rows=rows))
    for environment, tier, data, severity in product(Environment, Tier, Classification, Severity):
        place = Context(environment=environment, tier=tier, data_classification=data)
        for policy in STARTER:
            finding = Finding(policy=policy, message="", resource="", severity=severity)
            assert row_for(table, place, finding, NOW).name in (SOFT, "prod-low-risk")
            assert row_for(table, place, finding, NOW).action is Action.WARN
            assert row_for(table, place, finding, "2026-12-07T05:00:00Z").name != SOFT


@pytest.mark.parametrize("name", sorted(ALL))
@pytest.mark.parametrize("number", range(1, 7))
def test_every_week_says_what_is_next_and_why(name: str, number: int) -> None:
    repository = surveyed(ALL[name])
    planned = week(number, repository, Standing(), choose(repository, POLICIES), NOW)
    assert planned.title
    assert all(step.why for step in planned.steps)
    assert {step.progress for step in planned.steps} - {Progress.DONE}


def test_locks_are_those_of_the_platforms_in_use() -> None:
    repository = surveyed({"main.tf": 'provider "google" {}\nresource "azurerm_storage_account" "x" {}\n'})
    (step,) = (step for step in week(4, repository, Standing(), (), NOW).steps if "platform" in step.what)
    assert step.how == ("gateproof generate azure-policy --list", "gateproof generate org-policy --list")


def test_weeks_see_what_is_done() -> None:
    repository = surveyed({**TERRAFORM, **KUBERNETES})
    chosen = choose(repository, POLICIES)
    rows = read_settings(("version: 1\ngate:\n  rows:\n" + soft_row(STARTER, NOW)).encode(), "x").gate.rows
    bare, set_up = (
        Standing(),
        Standing(
            text=compose(chosen, "x"),
            is_there=True,
            policies=STARTER,
            tier=Tier.TWO,
            data_classification=Classification.INTERNAL,
            rows=rows,
            store="evidence",
            trust_policy="trust.dsse.json",
            roster="roster.dsse.json",
            root="sha256:x",
            waivers=("waivers",),
        ),
    )
    done = {
        standing.is_there: {
            step.what
            for number in range(1, 7)
            for step in week(number, repository, standing, chosen, NOW).steps
            if step.progress is Progress.DONE
        }
        for standing in (bare, set_up)
    }
    assert done[True] - done[False] == {
        "Three policies, of high signal",
        "Warn only, until a date",
        "Say the tier and the data of the service",
        "Keys, a trust policy and a roster",
        "Every decision of the pipeline is recorded",
        "Exceptions that end",
    }


def test_the_first_week_has_a_diff_that_applies() -> None:
    repository = surveyed(TERRAFORM)
    chosen = choose(repository, POLICIES)
    text = compose(chosen, "x")
    standing = Standing(text=text, is_there=True, policies=STARTER)
    (step,) = (
        step for step in week(1, repository, standing, chosen, NOW).steps if step.how[:1] == ("--- a/gateproof.yaml",)
    )
    added = "".join(f"{line[1:]}\n" for line in step.how[3:] if line.startswith("+"))
    (row,) = read_settings((text + added).encode(), "gateproof.yaml").gate.rows
    assert row.policies == STARTER
    with_rows = Standing(text=f"{text}gate:\n  rows: []\n", is_there=True, policies=STARTER)
    (step,) = (
        step for step in week(1, repository, with_rows, chosen, NOW).steps if step.how[:1] == ("below gate.rows:",)
    )
    assert step.progress is Progress.NEXT
