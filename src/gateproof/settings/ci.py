"""What a CI system says about a change, from its variables.

GitHub Actions: https://docs.github.com/actions/reference/workflows-and-actions/variables
GitLab CI: https://docs.gitlab.com/ci/variables/predefined_variables/
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class CI(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is empty outside CI. ``default_branch`` and ``target_branch`` are refs such as ``origin/main``.

    ``target_branch`` is what a pull request asks to be merged into; whoever opens it chooses it.
    """

    name: str = ""
    commit: str = ""
    author: str = ""
    actor: str = ""
    default_branch: str = ""
    target_branch: str = ""


def from_environment(environ: Mapping[str, str]) -> CI:
    """What the variables in ``environ`` say."""
    if environ.get("GITHUB_ACTIONS") == "true":
        author = environ.get("GITHUB_ACTOR", "")
        return CI(
            name="github-actions",
            commit=environ.get("GITHUB_SHA", ""),
            author=author,
            actor=environ.get("GITHUB_TRIGGERING_ACTOR") or author,
            target_branch=_remote(environ.get("GITHUB_BASE_REF", "")),
        )
    if environ.get("GITLAB_CI") == "true":
        return CI(
            name="gitlab-ci",
            commit=environ.get("CI_COMMIT_SHA", ""),
            author=environ.get("CI_COMMIT_AUTHOR", ""),
            actor=environ.get("GITLAB_USER_LOGIN", ""),
            default_branch=_remote(environ.get("CI_DEFAULT_BRANCH", "")),
            target_branch=_remote(environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")),
        )
    return CI()


def _remote(branch: str) -> str:
    return f"origin/{branch}" if branch else ""
