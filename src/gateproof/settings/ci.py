"""What a CI system says about a change, from its variables and the event that GitHub writes into a file.

GitHub Actions: https://docs.github.com/actions/reference/workflows-and-actions/variables
GitLab CI: https://docs.gitlab.com/ci/variables/predefined_variables/
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from gateproof.errors import InputError

_MAX_EVENT = 64 * 1024 * 1024


class CI(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is empty outside CI. ``default_branch`` and ``target_branch`` are refs such as ``origin/main``.

    ``target_branch`` is what a pull request asks to be merged into; whoever opens it chooses it. ``author`` is who the
    CI system knows has sent the change: what a commit says about its author, its author may choose.
    """

    name: str = ""
    commit: str = ""
    author: str = ""
    actor: str = ""
    default_branch: str = ""
    target_branch: str = ""


class _EventRepository(msgspec.Struct, frozen=True):
    default_branch: str = ""


class _Event(msgspec.Struct, frozen=True):
    """The part of GitHub's event that says which branch is the default one."""

    repository: _EventRepository = _EventRepository()


def from_environment(environ: Mapping[str, str]) -> CI:
    """What the variables in ``environ`` say."""
    if environ.get("GITHUB_ACTIONS") == "true":
        author = environ.get("GITHUB_ACTOR", "")
        return CI(
            name="github-actions",
            commit=environ.get("GITHUB_SHA", ""),
            author=author,
            actor=environ.get("GITHUB_TRIGGERING_ACTOR") or author,
            default_branch=_remote(_in_event(environ.get("GITHUB_EVENT_PATH", ""))),
            target_branch=_remote(environ.get("GITHUB_BASE_REF", "")),
        )
    if environ.get("GITLAB_CI") == "true":
        login = environ.get("GITLAB_USER_LOGIN", "")
        return CI(
            name="gitlab-ci",
            commit=environ.get("CI_COMMIT_SHA", ""),
            author=login or environ.get("CI_COMMIT_AUTHOR", ""),
            actor=login,
            default_branch=_remote(environ.get("CI_DEFAULT_BRANCH", "")),
            target_branch=_remote(environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")),
        )
    return CI()


def _in_event(path: str) -> str:
    """The default branch that GitHub's event names; empty where there is no event."""
    from gateproof.adapters.files import read

    try:
        return msgspec.json.decode(read(Path(path), _MAX_EVENT), type=_Event).repository.default_branch if path else ""
    except (InputError, msgspec.MsgspecError, UnicodeError):
        return ""


def _remote(branch: str) -> str:
    return f"origin/{branch}" if branch else ""
