"""The folder of a new policy: rule, README and samples, which pass lint and test as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from gateproof.catalog import pack
from gateproof.catalog.policy import InputKind
from gateproof.errors import UsageError

STARTERS = Path(__file__).parent / "starters"
_DEFAULT = {
    InputKind.TERRAFORM_PLAN: ("nist-800-53@5:CM-8",),
    InputKind.KUBERNETES: ("nist-800-53@5:CM-8",),
    InputKind.GITHUB_WORKFLOW: ("nist-800-53@5:AC-6",),
    InputKind.DOCKERFILE: ("nist-800-53@5:SR-4", "nist-800-53@5:SI-7"),
}
"""The controls that a starter is about."""

_ID = "[a-z][a-z0-9]*(-[a-z0-9]+)*"
_LONGEST_ID = 80


def scaffold(policy_id: str, kind: InputKind, controls: Sequence[str] = ()) -> dict[str, bytes]:
    """The files of a new policy about inputs of ``kind``, by their names in its folder.

    ``controls`` are ids as the catalogue spells them (default: those that the starter is about). Raises UsageError for
    what is no id, or that of a built-in policy.
    """
    if not re.fullmatch(_ID, policy_id) or len(policy_id) > _LONGEST_ID:
        raise UsageError(f"{policy_id[:80]!r} is no id for a policy", hint="use lower-case words joined by hyphens")
    if policy_id in pack.ids():
        hint = "choose another; what is different about a built-in one is said in policies.overlays"
        raise UsageError(f"there is a built-in policy {policy_id!r}", hint=hint)
    words = {
        b"__ID__": policy_id,
        b"__PACKAGE__": policy_id.replace("-", "_"),
        b"__CONTROLS__": "\n".join(f"#     - {control}" for control in controls or _DEFAULT[kind]),
    }
    home, files = STARTERS / kind.value, {}
    for path in sorted(home.rglob("*")):
        if path.is_file():
            text = path.read_bytes()
            for mark, word in words.items():
                text = text.replace(mark, word.encode())
            files[path.relative_to(home).as_posix()] = text
    return files
