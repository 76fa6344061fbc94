"""Three repositories that have nothing in common, and the command line in this process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest

from gateproof.catalog import pack
from gateproof.catalog.policy import Policy
from gateproof.errors import GateproofError
from gateproof.onboarding.inventory import File, Repository
from gateproof.onboarding.survey import survey

DIGEST = "sha256:" + "ab" * 32

TERRAFORM = {
    "live/prod/main.tf": """
terraform {
  backend "s3" {
    bucket = "acme-state"
    key    = "prod"
  }
}

provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { owner = "platform" }
  }
}

module "data" {
  source = "../../modules/data"
}

module "network" {
  source = "git::https://deploy:hunter2@git.example/network.git?ref=v1"
}

resource "aws_db_instance" "main" { # prod { database
  password = "hunter2"
  tags = {
    tier                  = 1
    "data-classification" = "restricted"
  }
}
""",
    "live/dev/main.tf": """
provider "aws" {}
locals { tags = { owner = "platform" } }
resource "aws_sqs_queue" "jobs" {
  policy = <<-EOT
    resource "aws_fake" "x" {
    }
    EOT
  tags = merge(local.tags, { tier = 3 })
}
resource "aws_s3_bucket" "logs" {
  tags = { owner = "platform" }
}
""",
    "modules/data/main.tf": """
resource "aws_s3_bucket" "data" {
  bucket = "${var.name}-${replace("a}b", "}", "")}"
}
""",
    "modules/data/more.tf.json": '{"resource": {"aws_kms_key": {"data": {"tags": {"owner": "x"}}}}}',
    "policy/rego/s3.rego": "package tf.aws.s3\n",
    "policy/rego/s3_test.rego": "package tf.aws.s3\n",
    ".tflint.hcl": "",
    ".pre-commit-config.yaml": """
repos:
  - repo: https://github.com/antonbabenko/pre-commit-terraform
    hooks: [{id: terraform_checkov}, {id: terraform_tflint, stages: [manual]}]
  - repo: https://github.com/gitleaks/gitleaks
    hooks: [{id: gitleaks}]
""",
    ".gitlab-ci.yml": """
# checkov is not run here
plan:
  script:
    - terraform plan -out=tfplan
    - terraform show -json tfplan > tfplan.json
    - conftest test tfplan.json -p policy/rego
deploy:
  environment: {name: production}
  script: [terraform apply tfplan]
scan:
  allow_failure: true
  script: ["trivy config ."]
""",
    "CODEOWNERS": "# who\n*  @acme/platform\n/live/prod @acme/sre ops@acme.example\n",
}

KUBERNETES = {
    "charts/api/Chart.yaml": "apiVersion: v2\nname: api\nversion: 0.1.0\n",
    "charts/api/templates/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Values.name }}}\n",
    "overlays/prod/kustomization.yaml": "resources: [../../base]\n",
    "base/web.yaml": f"""
apiVersion: v1
kind: Namespace
metadata: {{name: web, labels: {{owner: web, acme.example/Data-Classification: internal, tier: "2"}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, labels: {{owner: web}}}}
spec:
  template:
    spec:
      initContainers: [{{name: init, image: busybox:1.37}}]
      containers: [{{name: web, image: "ghcr.io/acme/web@{DIGEST}"}}]
---
apiVersion: v1
kind: Secret
metadata: {{name: web}}
stringData: {{password: hunter2}}
""",
    "policies/restricted.yaml": "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: restricted}\n",
    "policies/template.yaml": "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: x}\n",
    ".github/CODEOWNERS": "/charts @acme/api\n",
    ".github/workflows/ci.yml": """
on: [push]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: aquasecurity/trivy-action@master
        with: {exit-code: "0"}
      - run: |
          # gitleaks is not run here
          cosign sign --yes ghcr.io/acme/web
          helm template charts/api | gateproof check -
  deploy:
    environment: production
    runs-on: ubuntu-latest
    steps: [{run: kubectl apply -k overlays/prod}]
""",
}

APPLICATION = {
    "Dockerfile": "ARG TAG=3.20\nFROM alpine:${TAG} AS build\nENV TOKEN=hunter2\nFROM scratch\nFROM build\n",
    "src/main.py": "print('hello')\n",
    "package.json": '{"name": "app"}',
}

POLICIES = tuple(
    msgspec.convert(packed["policy"], Policy) for packed in msgspec.json.decode(pack.INDEX.read_bytes()).values()
)
"""What is said of the built-in policies, without their text."""

ALL = {"terraform": TERRAFORM, "kubernetes": KUBERNETES, "application": APPLICATION}


def surveyed(files: Mapping[str, str]) -> Repository:
    """What is found in ``files``, by the built-in policies."""
    found = [File(path, text.encode()) for path, text in sorted(files.items())]
    return survey("repository", found, POLICIES)


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write ``files`` below ``folder``, and make it a repository."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def git(folder: Path, *arguments: str) -> None:
    """Run git in ``folder``."""
    identity = ("-c", "user.name=Abe", "-c", "user.email=abe@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *identity, "-C", str(folder), *arguments], check=True, capture_output=True)


def plan(*types: str) -> str:
    """A plan with a change of each type."""
    return json.dumps({"format_version": "1.2", "resource_changes": [{"type": each} for each in types]})


class Ran(msgspec.Struct, frozen=True):
    """How a command ended; ``error`` is what was raised for the surface to explain."""

    code: int
    out: str
    err: str
    error: GateproofError | None = None


Command = Callable[..., Ran]


@pytest.fixture
def command(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs the command line in this process, away from this machine's settings."""
    from gateproof.cli import cli

    for variable in ("GITHUB_ACTIONS", "GITLAB_CI", "CI"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GATEPROOF_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: str) -> Ran:
        error, code = None, 2
        try:
            ended = cli.main(list(arguments), prog_name="gateproof", standalone_mode=False)
            code = ended if isinstance(ended, int) else 0
        except GateproofError as raised:
            error = raised
        said = capsysbinary.readouterr()
        return Ran(code, said.out.decode(), said.err.decode(), error)

    return run
