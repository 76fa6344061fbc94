"""Where a gate is put to work: a workflow of GitHub Actions, a job of GitLab, a hook of pre-commit, as text.

They judge what the chosen policies can judge and nothing else: an input that no policy judges is UNDECIDED. A path that
a shell or a CI system could take for more than a path is left out of them, and that is said.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Sequence

import msgspec

from gateproof import __version__
from gateproof.catalog.policy import InputKind
from gateproof.onboarding.inventory import Repository
from gateproof.onboarding.recognition import HOOKS

WORKFLOW = ".github/workflows/gateproof.yml"
GITLAB = ".gitlab-ci.yml"

_CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
_PYTHON = "actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0"
_TERRAFORM = "hashicorp/setup-terraform@b9cd54a3c349d3f38e8881555d616ced269862dd # v3.1.2"
_SAFE = re.compile(r"(?![-/])[\w./+@-]+", re.ASCII)
_MOST_FILES = 20
_MOST_FOLDERS = 10
"""Folders to plan or render one after another in a job: with more, a job for each is what people write."""


class Snippet(msgspec.Struct, frozen=True):
    """A file to make, or what to add to one that is there. ``notes``: what it leaves to its reader."""

    path: str
    text: str
    notes: tuple[str, ...] = ()


class _Work(msgspec.Struct, frozen=True):
    """What there is to judge: files as they are, Terraform to plan, charts and kustomizations to render."""

    files: tuple[str, ...]
    roots: tuple[str, ...]
    charts: tuple[str, ...]
    kustomizations: tuple[str, ...]
    notes: tuple[str, ...]


def ci(repository: Repository, kinds: Collection[InputKind]) -> Snippet | None:
    """The gate in CI for inputs of ``kinds``: GitLab's where only that is in use; None where nothing can be judged."""
    work = _work(repository, kinds)
    if not (work.files or work.roots or work.charts or work.kustomizations):
        return None
    systems = {pipeline.system for pipeline in repository.pipelines}
    if "gitlab-ci" in systems and "github-actions" not in systems:
        return _gitlab(work)
    return _github(work)


def pre_commit(repository: Repository, kinds: Collection[InputKind]) -> Snippet | None:
    """The gate before a commit; None where nothing is at hand that early (a plan is made in CI)."""
    work = _work(repository, kinds)
    if not work.files:
        return None
    hook = f"""\
repos:
  - repo: local
    hooks:
      - id: gateproof
        name: gateproof
        entry: gateproof check {" ".join(work.files)} --env dev --layer pre-commit --no-record
        language: system
        pass_filenames: false
"""
    return Snippet(HOOKS, hook, work.notes)


def _work(repository: Repository, kinds: Collection[InputKind]) -> _Work:
    files: list[str] = []
    roots: list[str] = []
    charts: list[str] = []
    kustomizations: list[str] = []
    if InputKind.TERRAFORM_PLAN in kinds:
        roots = [module.path for module in repository.roots]
    if InputKind.KUBERNETES in kinds:
        files += _manifests(repository)
        charts = [chart.path for chart in repository.charts]
        kustomizations = list(repository.kustomizations)
    if InputKind.GITHUB_WORKFLOW in kinds:
        files += repository.workflow_files
    if InputKind.DOCKERFILE in kinds:
        files += repository.dockerfiles
    unsafe = [path for path in (*files, *roots, *charts, *kustomizations) if not _SAFE.fullmatch(path)]
    notes = [f"left out for their names, which a shell could misread: {len(unsafe)} paths"] if unsafe else []
    for each in (roots, charts, kustomizations):
        if len(each) > _MOST_FOLDERS:
            notes.append(f"{len(each) - _MOST_FOLDERS} folders beyond {each[_MOST_FOLDERS - 1]}: make a job for each")
            del each[_MOST_FOLDERS:]

    def safe(paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(path for path in paths if path not in unsafe)

    return _Work(safe(files), safe(roots), safe(charts), safe(kustomizations), tuple(notes))


def _manifests(repository: Repository) -> list[str]:
    """The files, or their folders where there are many: a folder passes over what is nothing to judge."""
    files = [manifest.path for manifest in repository.manifests]
    if len(files) <= _MOST_FILES:
        return files
    folders = sorted({posixpath.dirname(path) for path in files} - {""})
    tops = [folder for folder in folders if not any(folder.startswith(f"{other}/") for other in folders)]
    return [*(path for path in files if "/" not in path), *tops]


def _github(work: _Work) -> Snippet:
    steps = [
        f"      - uses: {_CHECKOUT}\n        with:\n          fetch-depth: 0 # the protected branch must be there\n"
        "          persist-credentials: false\n",
        f'      - uses: {_PYTHON}\n        with:\n          python-version: "3.12"\n',
        f"      - run: pip install gateproof=={__version__} # from wherever you keep it\n",
    ]
    if work.roots:
        steps.append(f"      - uses: {_TERRAFORM}\n        with:\n          terraform_wrapper: false\n")
    steps += [_step(f"Plan {root}", _plan(root)) for root in work.roots]
    if rendered := _rendered(work):
        steps.append(_step("Render manifests", ["mkdir -p rendered", *rendered]))
    steps.append(_step("Judge", [f"gateproof check {_targets(work)} --env dev --format github"]))
    notes = ("it plans, so the job needs to read your cloud and the state: give it a role that can do no more",)
    text = f"""\
name: gateproof
on:
  pull_request:
permissions:
  contents: read
jobs:
  gateproof:
    runs-on: ubuntu-latest
    steps:
{"".join(steps)}"""
    return Snippet(WORKFLOW, text, (*work.notes, *(notes if work.roots else ())))


def _gitlab(work: _Work) -> Snippet:
    commands = [f"pip install gateproof=={__version__}", *(line for root in work.roots for line in _plan(root))]
    if rendered := _rendered(work):
        commands += ["mkdir -p rendered", *rendered]
    commands.append(f"gateproof check {_targets(work)} --env dev")
    script = "".join(f"    - {command}\n" for command in commands)
    text = f"""\
gateproof:
  image: python:3.12
  variables:
    GIT_DEPTH: "0" # the protected branch must be there
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
{script}"""
    tools = [
        name
        for name, needed in (("terraform", work.roots), ("helm", work.charts), ("kubectl", work.kustomizations))
        if needed
    ]
    notes = (f"use an image that has {' and '.join(tools)} beside Python",) if tools else ()
    return Snippet(GITLAB, text, (*work.notes, *notes))


def _step(name: str, commands: Sequence[str]) -> str:
    return f"      - name: {name}\n        run: |\n" + "".join(f"          {command}\n" for command in commands)


def _plan(root: str) -> list[str]:
    return [
        f"terraform -chdir={root} init -input=false",
        f"terraform -chdir={root} plan -input=false -out=tfplan",
        f"terraform -chdir={root} show -json tfplan > {root}/tfplan.json",
    ]


def _rendered(work: _Work) -> list[str]:
    calls = [f"helm template {path}" for path in work.charts]
    calls += [f"kubectl kustomize {path}" for path in work.kustomizations]
    return [f"{call} > rendered/{number}.yaml" for number, call in enumerate(calls, 1)]


def _targets(work: _Work) -> str:
    plans = [f"{root}/tfplan.json" for root in work.roots]
    return " ".join((*plans, *work.files, *(["rendered"] if _rendered(work) else [])))
