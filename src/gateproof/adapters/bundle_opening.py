"""Policy bundles as a run uses them: fetched or read, whole, and signed where a trust policy is configured."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from gateproof.adapters.bundles import BundleCache, BundleFile, Repository, read_file, read_ref
from gateproof.adapters.registry import Registry
from gateproof.catalog import oci, policy_bundle
from gateproof.catalog.oci import Reference
from gateproof.catalog.policy_bundle import PolicyBundle
from gateproof.errors import PolicyError, TrustError, placed
from gateproof.inputs.context import Claim

if TYPE_CHECKING:
    from gateproof.evidence.bundle_statement import SignedBundle
    from gateproof.settings import BundlePlace
    from gateproof.trust import Trust


class OpenedBundle(msgspec.Struct, frozen=True):
    """A bundle that is whole. ``signature`` is the one that counts, None where no trust policy is configured."""

    place: BundlePlace
    file: BundleFile
    bundle: PolicyBundle
    signature: SignedBundle | None

    @property
    def name(self) -> str:
        """Name and version, and how it was named."""
        return f"{self.bundle.name}@{self.bundle.version} ({self.place.shown})"

    @property
    def evidence(self) -> tuple[bytes, ...]:
        """What is kept with decisions that it had a part in: the bundle and its signature."""
        return (self.file.raw, self.signature.envelope) if self.signature else (self.file.raw,)

    @property
    def claim(self) -> Claim:
        """What a Decision says about where some of its policies are from; the digest is the bundle's."""
        return Claim(
            "policies.bundles",
            f"{self.bundle.name}@{self.bundle.version}",
            self.place.source,
            protected=bool(self.place.ref),
            digest=self.file.digest,
        )


class Opener:
    """Opens bundles for a run. ``trust``, if any, must let a key that signed each sign bundles at ``at``."""

    def __init__(
        self, connect: Callable[[Reference], Registry], cache: BundleCache, trust: Trust | None, at: str
    ) -> None:
        self._connect = connect
        self._cache = cache
        self._trust = trust
        self._at = at

    def open(self, place: BundlePlace) -> OpenedBundle:
        """The bundle at ``place``. Raises PolicyError, TrustError, and UsageError for one that is not pinned."""
        if not place.oci:
            file = read_ref(place.path, place.ref) if place.ref else read_file(place.path)
            return self._opened(place, file)
        reference = oci.parse_pinned(place.oci)
        repository = Repository(reference, self._connect, self._cache)
        signed = self._trust is not None
        file = repository.pull(reference, signed=signed)
        try:
            return self._opened(place, file)
        except TrustError:
            if not file.cached:
                raise
            # The signatures are those of an earlier visit: it may have been signed anew since.
            try:
                file = repository.pull(reference, signed=signed, fresh=True)
            except PolicyError:
                file = msgspec.structs.replace(file, cached=False)
            return self._opened(place, file)

    def _opened(self, place: BundlePlace, file: BundleFile) -> OpenedBundle:
        with placed(file.where):
            bundle = policy_bundle.decode(file.raw)
            return OpenedBundle(place, file, bundle, verified(bundle, file, self._trust, self._at))


def verified(bundle: PolicyBundle, file: BundleFile, trust: Trust | None, at: str) -> SignedBundle | None:
    """The signature that counts under ``trust``; None without one. Raises TrustError."""
    if trust is None:
        return None
    from gateproof.evidence.bundle_statement import verify_bundle

    return verify_bundle(bundle, file.raw, file.envelopes, trust, at)
