"""What git knows about a change: files on the protected base, the commit, its author.

The author of a change chooses what the working tree holds and can push branches and tags, but not what is in the
repository's own ``.git``. So git is only ever asked from the top of the repository, never from a folder that the
change could have turned into a repository of its own; a submodule belongs to the repository that holds it; and a base
is a branch, a whole ref name or a whole hash, never a tag that has the name of a branch.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from gateproof.errors import ConfigError

_TIMEOUT = 10
_HASH = "[0-9a-f]{40}|[0-9a-f]{64}"
_REVISION = "([^~^@:]+)([~^][~^0-9]*)?"
_ELSEWHERE = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""Variables that would make git answer for another repository than the one it is asked in; hooks set some of them."""


class Entry(msgspec.Struct, frozen=True):
    """A file, link or submodule at a commit: its name relative to the folder that was asked about."""

    name: str
    mode: str
    digest: str

    @property
    def is_file(self) -> bool:
        """Whether it has content of its own."""
        return self.mode.startswith("100")


def repository(folder: Path) -> Path | None:
    """Top of the repository that ``folder`` is in, of the outermost one where it is a submodule; None outside."""
    here = Path(os.path.normpath(folder))
    for place in (here, *here.parents):
        if (place / ".git").exists() and not (_is_submodule(place) and repository(place.parent)):
            return place
    return None


def check(folder: Path) -> None:
    """Raises ConfigError where ``folder`` is in a repository and git will not say what is in it."""
    top = repository(folder)
    if top is not None:
        _run(top, "rev-parse", "--git-dir", required=True)


def resolve(folder: Path, ref: str) -> str | None:
    """Hash of the commit that ``ref`` names, or None.

    ``ref`` is a branch (``origin/main`` or ``main``), ``HEAD``, a whole ref name or a whole hash, and may end in ``~1``
    or ``^1``. A tag counts by its whole name alone: whoever may push tags could give one the name of a branch.
    """
    parts = re.fullmatch(_REVISION, ref)
    if parts is None or ref.startswith("-"):
        return None
    name, steps = parts[1], parts[2] or ""
    found = name if re.fullmatch(_HASH, name) or name == "HEAD" else _hash_of(folder, name)
    commit = _git(folder, "rev-parse", "--verify", "--quiet", f"{found}{steps}^{{commit}}") if found else None
    return commit.decode("ascii", "replace").strip() if commit else None


def show(folder: Path, commit: str, path: str) -> bytes | None:
    """Bytes of the file ``path`` (relative to ``folder``) at ``commit``, or None when it is not there.

    Raises ConfigError when it is there and cannot be read: what it protects would be left out.
    """
    for entry in entries(folder, commit, path):
        if entry.name == path:
            return content(folder, commit, entry)
    return None


def content(folder: Path, commit: str, entry: Entry) -> bytes:
    """Bytes of one of ``entries``. Raises ConfigError when there are none to be had."""
    where = f"{commit[:12]}:{entry.name}"
    if not entry.is_file:
        kind = "a submodule" if entry.mode == "160000" else "a link"
        raise ConfigError(f"{kind} where a file should be", where=where, hint="commit the file itself")
    raw = _git(folder, "cat-file", "blob", entry.digest)
    if raw is None:
        raise ConfigError("git cannot read this file", where=where, hint="see `git fsck`; fetch the ref again")
    return raw


def entries(folder: Path, commit: str, path: str) -> list[Entry]:
    """What is at or under ``path``, relative to ``folder``, at ``commit``; nothing when git knows nothing."""
    top = repository(folder)
    here = Path(os.path.normpath(folder))
    wanted = Path(os.path.normpath(here / path))
    if top is None or not wanted.is_relative_to(top) or not re.fullmatch(_HASH, commit):
        return []
    below = [] if wanted == top else [str(wanted.relative_to(top))]
    listing = _git(top, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *below) or b""
    found = []
    for line in listing.split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, _, digest = about.decode("ascii").split()
        shown = os.path.relpath(top / name.decode("utf-8", "replace"), here)
        found.append(Entry(shown, mode, digest))
    return found


def default_branch(folder: Path) -> str | None:
    """The remote's default branch, such as ``origin/main``, or None."""
    name = _git(folder, "symbolic-ref", "refs/remotes/origin/HEAD")
    return name.decode("utf-8", "replace").strip().removeprefix("refs/remotes/") if name else None


def head(folder: Path) -> tuple[str, str]:
    """Full hash of HEAD and its author's email; both are empty where there is no commit."""
    said = _git(folder, "log", "-1", "--no-show-signature", "--format=%H%n%ae") or b""
    commit, _, author = said.decode("utf-8", "replace").strip().partition("\n")
    return commit, author


def _is_submodule(place: Path) -> bool:
    """Whether the repository of ``place`` is kept inside of another one's ``.git``."""
    try:
        pointer = (place / ".git").read_bytes()[:4096] if (place / ".git").is_file() else b""
    except OSError:
        return False
    return re.match(rb"gitdir:.*\.git/(.*/)?modules/", pointer) is not None


def _hash_of(folder: Path, name: str) -> str | None:
    """Hash of the ref of this whole name, or of the branch: a remote's before a local one."""
    wanted = [name] if name.startswith("refs/") else [f"refs/remotes/{name}", f"refs/heads/{name}"]
    listing = _git(folder, "for-each-ref", "--format=%(refname) %(objectname)", *wanted) or b""
    known = dict(line.rsplit(" ", 1) for line in listing.decode("utf-8", "replace").splitlines())
    return next((known[ref] for ref in wanted if ref in known), None)


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints in the repository that ``folder`` is in; None when it fails, or outside of one."""
    top = repository(folder)
    return _run(top, *arguments) if top else None


def _run(top: Path, *arguments: str, required: bool = False) -> bytes | None:
    import subprocess

    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    try:
        done = subprocess.run(
            ["git", "--no-replace-objects", "-C", str(top), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise ConfigError(
            f"git did not answer within {_TIMEOUT} seconds", where=str(top), hint="see whether git works here"
        ) from None
    except (OSError, ValueError) as error:  # no git, or no path
        said = str(error)
    else:
        if done.returncode == 0:
            return done.stdout
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
    if required:
        raise ConfigError(
            f"this is a repository, and git does not say what its protected branch holds: {said}",
            where=str(top),
            hint="install git, or see `git status` here (git config --global --add safe.directory … lets it read)",
        )
    return None
