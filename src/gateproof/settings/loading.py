"""Where settings are found: ``gateproof.yaml`` in the working tree and on the protected base, flags, CI variables.

The protected base is the git ref given with ``--base``; else the default branch as CI or the clone knows it; else the
branch that a pull request asks to be merged into. The file itself is looked for from the working directory upwards to
the top of the repository, in the working tree and on the base independently, so that neither a file that a change
adds nor one that it removes hides the protected one. A base that has a name and cannot be read is an error: what it
protects would be left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from gateproof.catalog.gate_table import GateTable
from gateproof.catalog.overlays import Overlay
from gateproof.catalog.scales import Layer
from gateproof.documents import canonical
from gateproof.errors import ConfigError, InputError
from gateproof.inputs.context import Context
from gateproof.settings.ci import CI, from_environment
from gateproof.settings.resolving import (
    File,
    Flags,
    added_frameworks,
    added_overlays,
    added_paths,
    anchored,
    names_bundle,
    resolve_context,
    resolve_settings,
)
from gateproof.settings.schema import OCI, Evidence, Settings, Trust

NAME = "gateproof.yaml"
_MAX_BYTES = 1024 * 1024

_T = TypeVar("_T", bound=msgspec.Struct)


class Git(Protocol):
    """What is asked of git; ``gateproof.adapters.git`` answers. What is missing is None."""

    def repository(self, folder: Path) -> Path | None:
        """Top of the repository that ``folder`` is in."""

    def check(self, folder: Path) -> None:
        """Raises ConfigError where git cannot be asked about the repository of ``folder``."""

    def resolve(self, folder: Path, ref: str) -> str | None:
        """Hash of the commit that ``ref`` names."""

    def show(self, folder: Path, commit: str, path: str) -> bytes | None:
        """Bytes of ``path``, relative to ``folder``, at ``commit``."""

    def default_branch(self, folder: Path) -> str | None:
        """The remote's default branch, such as ``origin/main``."""

    def head(self, folder: Path) -> tuple[str, str]:
        """Full hash of HEAD and its author; both are empty where there is no commit."""


class PolicyPath(msgspec.Struct, frozen=True):
    """A file or folder of policies, or a file of a framework; with a ``ref`` it is read as it stands at that commit.

    ``asserted``: the change itself names it, beside what is protected.
    """

    path: Path
    ref: str = ""
    asserted: bool = False


class BundlePlace(msgspec.Struct, frozen=True, kw_only=True):
    """A policy bundle: in a registry, or a file; with a ``ref`` the file is read as it stands at that commit.

    ``source`` says who named it; ``shown`` is how.
    """

    shown: str
    source: str
    oci: str = ""
    path: Path = Path()
    ref: str = ""


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a surface needs to know before it judges. Every place is absolute.

    ``settings`` are those that count (see ``resolve_settings``), ``policies`` every place that policies are read from
    beside the built-in pack, ``waivers`` every place that waivers are read from, ``frameworks`` every file of a
    framework of one's own. ``bundles`` are all policy bundles, ``overlays`` those that the working tree adds,
    which can only raise a severity.
    """

    context: Context
    settings: Settings
    flags: Flags
    base: File | None
    tree: File | None
    policies: tuple[PolicyPath, ...]
    waivers: tuple[Path, ...]
    frameworks: tuple[PolicyPath, ...] = ()
    bundles: tuple[BundlePlace, ...] = ()
    overlays: tuple[Overlay, ...] = ()

    @property
    def gate_table(self) -> GateTable:
        """The default table with the rows and obligations that count."""
        from gateproof.catalog.default_gate import DEFAULT
        from gateproof.gate.table import merge

        gate = self.settings.gate
        return merge(DEFAULT, GateTable(rows=gate.rows, obligations=gate.obligations))


def load(flags: Flags, *, folder: Path, git: Git, environ: Mapping[str, str] | None = None) -> Resolved:
    """Find, read and resolve all settings for a run in ``folder``.

    ``environ``: the environment's variables (default: the process's own). Raises ConfigError with every problem of a
    file, UsageError for a flag.
    """
    folder = folder.resolve()
    ci = from_environment(os.environ if environ is None else environ)
    start = flags.config.resolve().parent if flags.config else folder
    top = git.repository(start)
    searched = [flags.config.resolve()] if flags.config else [place / NAME for place in _upwards(folder, top)]
    tree = _in_tree(searched, required=flags.config is not None)
    base = None
    if top is not None:
        git.check(start)
        base = _on_base(_base_ref(flags, ci, start, git), searched, git)
        ci = _completed(ci, start, git)
    elif flags.base:
        raise _no_commit(flags.base, "--base")
    settings, ignored = resolve_settings(base, tree)
    context = resolve_context(base, tree, flags, ci)
    settings = _with_flags(settings, flags, folder, configured=base is not None or tree is not None)
    return Resolved(
        context=msgspec.structs.replace(context, claims=(*context.claims, *ignored)),
        settings=settings,
        flags=flags,
        base=base,
        tree=tree,
        policies=_policies(base, tree, flags, folder),
        waivers=_waivers(base, tree, flags, folder),
        frameworks=_frameworks(base, tree),
        bundles=_bundles(base, tree, flags, folder),
        overlays=added_overlays(base, tree),
    )


def load_served(flags: Flags, *, git: Git) -> Resolved:
    """The settings of a server: what the file says that it is started with (``flags.config``) counts, all of it.

    Whatever lies in a git checkout, the file and policies that it names, counts as it stands at HEAD: a checkout that
    is being updated is never read by halves. Raises ConfigError with every problem of the file, UsageError for a flag.
    """
    folder = Path.cwd()
    if flags.config is None:
        raise ConfigError("a server is started with a file that says what counts", hint="--config gateproof.yaml")
    # Where volumes are mounted, links are what changes: from here on, all of it is from one version.
    path = flags.config.resolve()
    commit = _head(path, git)
    raw = git.show(path.parent, commit, path.name) if commit else None
    file = _file(raw, path, "HEAD", commit) if raw is not None else _in_tree([path], required=True)
    assert file is not None  # noqa: S101 - it is required
    places = _policies(file, None, flags, folder)
    return Resolved(
        context=Context(service=file.settings.service, layer=Layer.RUNTIME, surface=flags.surface),
        settings=_with_flags(file.settings, flags, folder, configured=True),
        flags=flags,
        base=file,
        tree=None,
        policies=tuple(msgspec.structs.replace(each, ref=_head(each.path, git)) for each in places),
        waivers=_waivers(file, None, flags, folder),
        frameworks=_frameworks(file, None),
        bundles=_bundles(file, None, flags, folder),
    )


def read_file(path: Path) -> Settings:
    """What one ``gateproof.yaml`` says, alone. Raises ConfigError."""
    file = _in_tree([path.resolve()], required=True)
    assert file is not None  # noqa: S101 - it is required
    return file.settings


def key_password(environ: Mapping[str, str] | None = None) -> bytes:
    """The password of the key from ``GATEPROOF_KEY_PASSWORD``, empty when it is not set."""
    return os.fsencode((os.environ if environ is None else environ).get("GATEPROOF_KEY_PASSWORD", ""))


def _head(path: Path, git: Git) -> str:
    """The commit that a checkout stands at which ``path`` is in; empty where it is in none."""
    folder = path if path.is_dir() else path.parent
    if git.repository(folder) is None:
        return ""
    git.check(folder)
    return git.resolve(folder, "HEAD") or ""


def _upwards(folder: Path, top: Path | None) -> Iterator[Path]:
    """``folder`` and its parents, up to the top of the repository (or the file system)."""
    for place in (folder, *folder.parents):
        yield place
        if place == top:
            return


def _in_tree(searched: list[Path], *, required: bool) -> File | None:
    path = next((path for path in searched if path.exists()), None)
    if path is None and required:
        raise ConfigError("there is no such file", where=str(searched[0]), hint="check --config")
    if path is None:
        return None
    from gateproof.adapters.files import read

    try:
        raw = read(path, _MAX_BYTES)
    except InputError as error:
        raise ConfigError(error.message, where=error.where, hint=error.hint) from None
    return _file(raw, path, "")


def _base_ref(flags: Flags, ci: CI, folder: Path, git: Git) -> str:
    return flags.base or ci.default_branch or git.default_branch(folder) or ci.target_branch


def _on_base(ref: str, searched: list[Path], git: Git, *, follow: bool = True) -> File | None:
    """The nearest file at ``ref``; where it names another ``base``, the one there.

    Raises ConfigError where a base has a name and there is no such commit, or where it sends to one without a file.
    """
    if not ref:
        return None
    commit = git.resolve(searched[0].parent, ref)
    if commit is None:
        raise _no_commit(ref, "the protected base")
    for path in searched:
        raw = git.show(path.parent, commit, path.name)
        if raw is not None:
            found = _file(raw, path, ref, commit)
            other = found.settings.base
            return _on_base(other, searched, git, follow=False) if follow and other and other != ref else found
    if not follow:
        raise ConfigError(
            f"the protected file names the base {ref!r}, and there is no {NAME} there",
            where=ref,
            hint=f"commit a {NAME} to it, or correct `base` on the default branch",
        )
    return None


def _no_commit(ref: str, where: str) -> ConfigError:
    return ConfigError(
        f"git knows no commit {ref!r} here, so what it protects cannot be read",
        where=where,
        hint="fetch it (a shallow clone lacks it: fetch-depth: 0), or name a branch that exists with --base",
    )


def _file(raw: bytes, path: Path, ref: str, commit: str = "") -> File:
    from gateproof.settings.reading import read_settings

    settings = read_settings(raw, f"{ref}:{path.name}" if ref else str(path))
    return File(anchored(settings, path.parent), path, canonical.digest(raw), ref, commit)


def _completed(ci: CI, folder: Path, git: Git) -> CI:
    """``ci`` with what git knows where CI says nothing."""
    if ci.commit and ci.author:
        return ci
    commit, author = git.head(folder)
    return msgspec.structs.replace(ci, commit=ci.commit or commit, author=ci.author or author)


def _with_flags(settings: Settings, flags: Flags, folder: Path, *, configured: bool) -> Settings:
    """``settings`` with the policies and places that flags name.

    Without any file, ``--policy`` chooses the policies; with one, it only adds some.
    """
    pack = settings.policies.pack
    if flags.policies and not configured:
        pack = "pack" in flags.policies
    elif "pack" in flags.policies:
        pack = True
    named = Settings(
        evidence=Evidence(store=flags.evidence or "", key=str(flags.key or "")),
        trust=Trust(policy=flags.trust or "", roster=flags.roster or "", root=flags.root or ""),
    )
    named = anchored(named, folder)
    return msgspec.structs.replace(
        settings,
        policies=msgspec.structs.replace(settings.policies, pack=pack),
        evidence=_given(settings.evidence, named.evidence),
        trust=_given(settings.trust, named.trust),
    )


def _given(section: _T, flags: _T) -> _T:
    """``section`` with what ``flags`` say."""
    said = {field: value for field in section.__struct_fields__ if (value := getattr(flags, field))}
    return msgspec.structs.replace(section, **said)


def _policies(base: File | None, tree: File | None, flags: Flags, folder: Path) -> tuple[PolicyPath, ...]:
    """Where policies are read: what the base names, as it stands there; then what the working tree and flags add."""
    protected = [Path(path) for path in base.settings.policies.paths] if base else []
    chosen = [folder / path for path in flags.policies if path != "pack" and not names_bundle(path)]
    named = dict.fromkeys([*map(Path, added_paths(base, tree)), *chosen])
    return (
        *(PolicyPath(path, base.commit) for path in protected if base),
        *(PolicyPath(path, asserted=bool(base) and path not in chosen) for path in named if path not in protected),
    )


def _bundles(base: File | None, tree: File | None, flags: Flags, folder: Path) -> tuple[BundlePlace, ...]:
    """Those of the protected file, as it stands there, or of the working tree's where nothing is protected; and those
    that flags name.
    """
    file = base or tree
    named = [
        BundlePlace(
            shown=each.oci or file.shown(each.path),
            source=file.source,
            oci=each.oci,
            path=Path(each.path),
            ref=file.commit,
        )
        for each in (file.settings.policies.bundles if file else ())
        if file
    ]
    chosen = [
        BundlePlace(shown=place, source="--policy", oci=place if place.startswith(OCI) else "", path=folder / place)
        for place in dict.fromkeys(flags.policies)
        if names_bundle(place)
    ]
    return (*named, *chosen)


def _frameworks(base: File | None, tree: File | None) -> tuple[PolicyPath, ...]:
    """What the base names, as it stands there, and what the working tree adds."""
    protected = [PolicyPath(Path(path), base.commit) for path in base.settings.catalog.frameworks] if base else []
    return (*protected, *(PolicyPath(Path(path)) for path in added_frameworks(base, tree)))


def _waivers(base: File | None, tree: File | None, flags: Flags, folder: Path) -> tuple[Path, ...]:
    """Every waiver that is named: they are signed, so anybody may present one."""
    named = [Path(path) for file in (base, tree) if file for path in file.settings.trust.waivers]
    return tuple(dict.fromkeys([*named, *(folder / path for path in flags.waivers)]))
