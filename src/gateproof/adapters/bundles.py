"""Policy bundles with their signatures: from files, from a commit, from and to a registry, and kept in a cache.

A file's signature stands beside it: ``policies.tar.gz.dsse.json``. What was pulled by a digest is kept in the user's
cache under it, and is held against it whenever it is read, so that the cache need not be believed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from gateproof.adapters import git
from gateproof.adapters.files import read
from gateproof.adapters.registry import MAX_MANIFEST, Registry
from gateproof.catalog import oci
from gateproof.catalog.oci import Reference
from gateproof.catalog.policy_bundle import MAX_BYTES, PolicyBundle
from gateproof.documents import canonical
from gateproof.errors import GateproofError, InputError, PolicyError

SIGNATURE = ".dsse.json"
MAX_ENVELOPE = 1024 * 1024
_MAX_ENVELOPES = 20


class BundleFile(msgspec.Struct, frozen=True):
    """The bytes of a bundle and of the envelopes that came with it; nothing is known about either yet.

    ``where`` names it in errors. ``cached``: the envelopes are those of an earlier visit to the registry.
    """

    raw: bytes
    envelopes: tuple[bytes, ...]
    where: str
    cached: bool = False

    @property
    def digest(self) -> str:
        """Digest of the bundle."""
        return canonical.digest(self.raw)


def signature_path(path: Path) -> Path:
    """Where the signature of the bundle at ``path`` stands."""
    return path.with_name(path.name + SIGNATURE)


def read_file(path: Path, signature: Path | None = None) -> BundleFile:
    """The bundle at ``path``, and its signature: that at ``signature``, or the one beside it if there is one.

    Raises PolicyError.
    """
    beside = signature or signature_path(path)
    envelopes = (_read(beside, MAX_ENVELOPE),) if signature or os.path.lexists(beside) else ()
    return BundleFile(_read(path, MAX_BYTES), envelopes, str(path))


def read_ref(path: Path, commit: str) -> BundleFile:
    """The same as both stand at ``commit``. Raises PolicyError."""
    where = f"{commit[:12]}:{path.name}"
    raw = git.show(path.parent, commit, path.name)
    if raw is None:
        raise PolicyError("there is no such file at this commit", where=where, hint="check policies.bundles")
    envelope = git.show(path.parent, commit, signature_path(path).name)
    return BundleFile(raw, () if envelope is None else (envelope,), where)


class BundleCache:
    """What was pulled before, in ``folder``; without one, nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, digest: str, limit: int) -> bytes | None:
        """The bytes of ``digest``, if they are there and whole."""
        if self._folder is None or not canonical.is_digest(digest):
            return None
        with suppress(InputError):
            raw = read(self._path(digest), limit)
            return raw if canonical.digest(raw) == digest else None
        return None

    def put(self, raw: bytes) -> None:
        """Keep ``raw``. A cache that cannot be written is not worth an error."""
        self._write(canonical.digest(raw), raw)

    def envelopes(self, manifest: str) -> tuple[bytes, ...]:
        """The envelopes that were found for the bundle whose manifest has that digest."""
        if self._folder is None:
            return ()
        with suppress(InputError, msgspec.MsgspecError, UnicodeError):
            names = msgspec.json.decode(read(self._listing(manifest), MAX_ENVELOPE), type=tuple[str, ...])
            found = (self.get(name, MAX_ENVELOPE) for name in names[:_MAX_ENVELOPES])
            return tuple(each for each in found if each is not None)
        return ()

    def put_envelopes(self, manifest: str, envelopes: tuple[bytes, ...]) -> None:
        """Keep the envelopes of the bundle whose manifest has that digest."""
        for each in envelopes:
            self.put(each)
        self._write(f"{manifest}.signatures", canonical.encode([canonical.digest(each) for each in envelopes]))

    def _write(self, name: str, raw: bytes) -> None:
        import tempfile

        if self._folder is None:
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, temporary = tempfile.mkstemp(dir=self._folder)
            with open(descriptor, "wb") as file:
                file.write(raw)
            os.replace(temporary, self._path(name))

    def _path(self, digest: str) -> Path:
        assert self._folder is not None  # noqa: S101 - who calls it made sure
        return self._folder / digest.removeprefix("sha256:")

    def _listing(self, manifest: str) -> Path:
        return self._path(f"{manifest}.signatures")


class Repository:
    """Bundles of one repository of a registry, through a cache."""

    def __init__(self, reference: Reference, connect: Callable[[Reference], Registry], cache: BundleCache) -> None:
        self._reference = reference
        self._connect = connect
        self._cache = cache
        self._registry: Registry | None = None

    def resolve(self) -> Reference:
        """The reference with the digest that its tag names now; as it is where it has one. Raises PolicyError."""
        reference = self._reference
        if reference.digest:
            return reference
        return reference.at(canonical.digest(self._manifest(reference.tag or "latest")))

    def pull(self, reference: Reference, *, signed: bool, fresh: bool = False) -> BundleFile:
        """The bundle of a pinned ``reference``; with its envelopes where it is to be ``signed``.

        What is in the cache is not asked for again, but envelopes are when they are to be ``fresh``. Raises
        PolicyError.
        """
        digest, where = reference.digest, str(reference)
        manifest = self._cache.get(digest, MAX_MANIFEST) or self._manifest(digest)
        layer = oci.read_bundle_manifest(manifest, where)
        raw = self._cache.get(layer.digest, MAX_BYTES) or self._connected.blob(layer, MAX_BYTES)
        envelopes = self._cache.envelopes(digest) if signed and not fresh else ()
        cached = bool(envelopes)
        if signed and not envelopes:
            envelopes = self._envelopes(digest, where)
            self._cache.put_envelopes(digest, envelopes)
        self._cache.put(manifest)
        self._cache.put(raw)
        return BundleFile(raw, envelopes, where, cached)

    def push(self, bundle: PolicyBundle, file: BundleFile) -> Reference:
        """Store a bundle under the reference's tag, and its signatures with it; the reference pinned to it.

        The tag comes last, so that it never names a bundle whose signatures are still to come. The same bundle has the
        same digest in every registry. Raises PolicyError.
        """
        registry, tag = self._connected, self._reference.tag
        manifest = oci.bundle_manifest(file.raw, bundle.name, bundle.version)
        registry.put_blob(oci.EMPTY)
        registry.put_blob(file.raw)
        registry.put_manifest(manifest)
        for envelope in file.envelopes:
            registry.put_blob(envelope)
            registry.put_manifest(oci.signature_manifest(envelope, manifest))
        if tag:
            registry.put_manifest(manifest, tag)
        return self._reference.at(canonical.digest(manifest))

    @property
    def _connected(self) -> Registry:
        if self._registry is None:
            self._registry = self._connect(self._reference)
        return self._registry

    def _manifest(self, name: str) -> bytes:
        raw = self._connected.manifest(name)
        if raw is None:
            raise PolicyError(
                "there is no such policy bundle in the registry",
                where=str(self._reference),
                hint="check the reference, and that you are logged in where the repository is private",
            )
        return raw

    def _envelopes(self, digest: str, where: str) -> tuple[bytes, ...]:
        """The envelopes of every signature that can be read; one that cannot be only is no signature."""
        found: list[bytes] = []
        for each in self._connected.referrers(digest, oci.SIGNATURE_TYPE):
            if len(found) == _MAX_ENVELOPES:
                break
            manifest = self._connected.manifest(each.digest)
            with suppress(PolicyError):
                if manifest is not None:
                    layer = oci.read_signature_manifest(manifest, digest, where)
                    found.append(self._connected.blob(layer, MAX_ENVELOPE))
        return tuple(found)


def _read(path: Path, limit: int) -> bytes:
    try:
        return read(path, limit)
    except GateproofError as error:
        raise PolicyError(error.message, where=error.where, hint="check the path of the policy bundle") from None
