from __future__ import annotations

import pytest

from gateproof import inputs
from gateproof.catalog.policy import InputKind

WORKFLOW = b"""\
name: ci
on: [push]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make
  deploy:
    needs: build
    uses: ./.github/workflows/deploy.yml
"""
ACTION = b"""\
name: setup
runs:
  using: composite
  steps:
    - uses: actions/setup-python@v5
    - not a step
"""
DOCKERFILE = b"""\
# syntax=docker/dockerfile:1
ARG VERSION=3.11 REGISTRY
FROM --platform=linux/amd64 python:${VERSION}-slim AS build
# the build
RUN pip install .
FROM ${REGISTRY}/base
FROM build AS test
FROM build
USER 1000
"""


def test_a_workflow_and_its_jobs() -> None:
    subject = inputs.parse(WORKFLOW)
    assert subject.subject.kind is InputKind.GITHUB_WORKFLOW
    assert list(subject.documents[0]) == ["name", "on", "jobs"]
    found = inputs.resources(subject)
    assert [one.address for one in found] == ["workflow", "jobs.build", "jobs.deploy"]
    build = found[1].view
    assert [step["path"] for step in build["steps"]] == [["jobs", "build", "steps", 0], ["jobs", "build", "steps", 1]]
    assert build["workflow"]["on"] == ["push"]
    assert inputs.decode(subject.encoded) == subject


def test_a_composite_action() -> None:
    subject = inputs.parse(ACTION)
    (found,) = inputs.resources(subject)
    assert (found.address, found.type) == ("action", "action")
    assert [step["path"] for step in found.view["steps"]] == [["runs", "steps", 0]]


@pytest.mark.parametrize("text", ["jobs: {}", "on: push", "on: push\njobs: []", "runs: x", "runs: {steps: []}"])
def test_half_a_workflow_is_none(text: str) -> None:
    assert inputs.parse(text.encode()).foreign


def test_several_workflows_in_one_file_are_none() -> None:
    assert inputs.parse(WORKFLOW + b"---\n" + WORKFLOW).foreign


@pytest.mark.parametrize("jobs", ["build: x", "build: {steps: x}", "build: null"])
def test_parts_of_a_wrong_type_have_no_steps(jobs: str) -> None:
    subject = inputs.parse(f"on: push\njobs: {{{jobs}}}".encode())
    assert [one.view["steps"] for one in inputs.resources(subject)] == [[], []]


def test_the_stages_of_a_dockerfile() -> None:
    subject = inputs.parse(DOCKERFILE)
    assert subject.subject.kind is InputKind.DOCKERFILE
    stages = [one.view for one in inputs.resources(subject)]
    assert [stage["address"] for stage in stages] == ["stage build", "stage 1", "stage test", "stage 3"]
    assert [stage["image"] for stage in stages] == ["python:3.11-slim", None, "build", "build"]
    assert [stage["stage"] for stage in stages] == [None, None, 0, 0]
    assert [stage["last"] for stage in stages] == [False, False, False, True]
    assert [one["cmd"] for one in stages[0]["instructions"]] == ["from", "run"]
    assert stages[3]["instructions"][-1]["path"] == [7]
    assert inputs.decode(subject.encoded) == subject


@pytest.mark.parametrize(
    ("image", "expanded"),
    [
        ("a:$V", "a:1"),
        ("a:${V}", "a:1"),
        ("a:${W:-2}", "a:2"),
        ("a:${V:+3}", "a:3"),
        ("a${W:+3}", "a"),
        (r"a\$V", "a$V"),
        ("a:$W", None),
    ],
)
def test_variables_of_an_image(image: str, expanded: str | None) -> None:
    (stage,) = inputs.resources(inputs.parse(f"ARG V=1\nFROM {image}\n".encode()))
    assert stage.view["image"] == expanded


def test_yaml_that_looks_like_a_dockerfile_is_what_a_cluster_reads() -> None:
    text = b"FROM: x\napiVersion: v1\nkind: Pod\n"
    assert inputs.parse(text).subject.kind is InputKind.KUBERNETES


def test_a_dockerfile_that_yaml_can_read_is_one() -> None:
    subject = inputs.parse(b"FROM scratch\nLABEL a: b\n")
    assert subject.subject.kind is InputKind.DOCKERFILE


def test_a_stage_can_be_named_through_an_argument() -> None:
    text = b"ARG KIND=slim\nFROM a AS base-slim\nFROM b AS base-full\nFROM Base-${KIND}\n"
    assert [one.view["stage"] for one in inputs.resources(inputs.parse(text))] == [None, None, 0]
