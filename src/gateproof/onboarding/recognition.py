"""Which files an inventory reads, and which folders it does not go into, told by their names alone."""

from __future__ import annotations

import re

MEGABYTE = 1024 * 1024

SKIPPED_FOLDERS = frozenset(
    {
        ".cache", ".git", ".hg", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".svn", ".terraform",
        ".terragrunt-cache", ".tox", ".venv", "__pycache__", "node_modules", "site-packages", "venv", "vendor",
    }
)  # fmt: skip
"""Folders with what was fetched or made: it belongs to somebody else, or is looked at where it comes from."""

CI_FILES = {
    ".circleci/config.yml": "circleci",
    ".circleci/config.yaml": "circleci",
    ".drone.yml": "drone",
    ".travis.yml": "travis",
    "Jenkinsfile": "jenkins",
    "azure-pipelines.yml": "azure-pipelines",
    "azure-pipelines.yaml": "azure-pipelines",
    "bitbucket-pipelines.yml": "bitbucket",
    ".buildkite/pipeline.yml": "buildkite",
    ".buildkite/pipeline.yaml": "buildkite",
}
"""Path from the top of the repository → CI system, for those whose files are read as lines."""

OWNERS_FILES = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")

SCANNER_FILES = {
    ".checkov.yaml": "checkov",
    ".checkov.yml": "checkov",
    ".gitleaks.toml": "gitleaks",
    ".gitleaksignore": "gitleaks",
    ".hadolint.yaml": "hadolint",
    ".hadolint.yml": "hadolint",
    ".kube-linter.yaml": "kube-linter",
    ".semgrep.yml": "semgrep",
    ".snyk": "snyk",
    ".tflint.hcl": "tflint",
    ".trivyignore": "trivy",
    "conftest.toml": "conftest",
    "gitleaks.toml": "gitleaks",
    "sentinel.hcl": "sentinel",
    "trivy.yaml": "trivy",
}
"""Name of a file → the scanner that it configures."""

HOOKS = ".pre-commit-config.yaml"
SETTINGS = "gateproof.yaml"

TERRAFORM = (".tf", ".tofu", ".tf.json")
_SUFFIXES = (".tf", ".tofu", ".yaml", ".yml", ".rego", ".sentinel")
_DOCKERFILE = re.compile(
    r"(?i)(?:^|/)(?:(?:dockerfile|containerfile)(?:\.[^/]+)?|[^/]+\.(?:dockerfile|containerfile))$"
)
_WORKFLOW = re.compile(r"^\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml$")


def limit(path: str) -> int:
    """How many bytes of the file to read at most, 0 for one that says nothing. Plans may be large."""
    if path.endswith(".json"):
        return 8 * MEGABYTE
    name = path.rpartition("/")[2]
    is_known = name in SCANNER_FILES or path in CI_FILES or path in OWNERS_FILES or name == "OWNERS"
    return MEGABYTE if is_known or name.endswith(_SUFFIXES) or is_dockerfile(path) else 0


def is_dockerfile(path: str) -> bool:
    """Whether a file is called like a Dockerfile; documents that are about one are not."""
    return _DOCKERFILE.search(path) is not None and not path.endswith((".md", ".dockerignore", ".yml", ".yaml"))


def is_workflow(path: str) -> bool:
    """Whether GitHub Actions would run the file."""
    return _WORKFLOW.match(path) is not None
