"""What git knows about a change: files on the protected base, the commit, its author. Missing git is no error."""

from __future__ import annotations

from pathlib import Path

from gateproof.errors import ConfigError

_TIMEOUT = 10


def show(folder: Path, ref: str, path: str) -> bytes | None:
    """Bytes of ``path`` (relative to ``folder``) at ``ref``, or None when git, the ref or the file is not there.

    Raises ConfigError when the file is there and cannot be read: what it protects would be left out.
    """
    if ref.startswith("-") or not _git(folder, "ls-tree", "-z", "--name-only", ref, "--", f"./{path}"):
        return None
    raw = _git(folder, "show", f"{ref}:./{path}")
    if raw is None:
        raise ConfigError(
            "git cannot read this file", where=f"{ref}:{path}", hint="see `git fsck`; fetch the ref again"
        )
    return raw


def files(folder: Path, ref: str, path: str) -> list[str]:
    """Names, relative to ``folder``, of the files at or under ``path`` at ``ref``; none when git knows nothing."""
    if ref.startswith("-"):
        return []
    listing = _git(folder, "ls-tree", "-r", "-z", "--name-only", ref, "--", f"./{path}") or b""
    return [name.decode("utf-8", "replace") for name in listing.split(b"\0") if name]


def knows(folder: Path, ref: str) -> bool:
    """Whether ``ref`` names a commit of the repository that ``folder`` is in."""
    return not ref.startswith("-") and _git(folder, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}") is not None


def default_branch(folder: Path) -> str | None:
    """The remote's default branch, such as ``origin/main``, or None."""
    name = _git(folder, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    return name.decode("utf-8", "replace").strip() if name else None


def commit(folder: Path) -> str:
    """Full hash of HEAD, or an empty string."""
    return (_git(folder, "rev-parse", "HEAD") or b"").decode("ascii", "replace").strip()


def author(folder: Path) -> str:
    """Author's email of HEAD, or an empty string."""
    return (_git(folder, "log", "-1", "--format=%ae") or b"").decode("utf-8", "replace").strip()


def _git(folder: Path, *arguments: str) -> bytes | None:
    import subprocess

    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, check=False, timeout=_TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise ConfigError(
            f"git did not answer within {_TIMEOUT} seconds", where=str(folder), hint="see whether git works here"
        ) from None
    except (OSError, ValueError):  # no git, or no path
        return None
    return done.stdout if done.returncode == 0 else None
