"""`gateproof bundle`: policies as one file that is built, signed, pushed, pulled and verified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateproof.cli.options import PATH, password_file, read_password
from gateproof.cli.output import emit

if TYPE_CHECKING:
    from gateproof.adapters.bundles import BundleFile, Repository
    from gateproof.catalog.policy_bundle import PolicyBundle
    from gateproof.evidence.bundle_statement import SignedBundle

_trust = click.option("--trust", metavar="FILE", help="Signed trust policy (default: that of gateproof.yaml).")
_root = click.option("--root", metavar="FINGERPRINT", help="Fingerprint of the trust root (default: the same).")
_signature = click.option("--signature", type=PATH, help="Its signature (default: the file with .dsse.json after it).")
_plain_http = click.option("--plain-http", is_flag=True, help="Allow HTTP to a registry beyond this machine.")


@click.group("bundle")
def command() -> None:
    """Policies as one file that is built, signed, pushed, pulled and verified."""


@command.command("build")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--output", "-o", type=PATH, required=True, help="Where the bundle goes: a name that ends in .tar.gz.")
@click.option("--name", default="policies", show_default=True, help="What it is called, such as acme/baseline.")
@click.option("--version", default="0.0.0", show_default=True, help="Its version.")
@click.option("--description", default="", help="What it is for.")
@click.option(
    "--settings",
    "from_settings",
    type=PATH,
    help="A gateproof.yaml: its rows of the gate that block, its obligations and its parameters go in, and what it "
    "disables stays out.",
)
@click.option("--framework", "frameworks", multiple=True, type=PATH, help="A framework of one's own. May be repeated.")
def build_command(
    paths: tuple[str, ...],
    output: Path,
    name: str,
    version: str,
    description: str,
    from_settings: Path | None,
    frameworks: tuple[Path, ...],
) -> None:
    """Make a bundle of the policies in PATHs: files and folders of Rego and Kyverno, or 'pack' for the built-in ones.

    The same policies give the same bytes on every machine. Prints the bundle's digest.
    """
    from gateproof import wiring
    from gateproof.adapters.files import write_whole
    from gateproof.catalog import policy_bundle
    from gateproof.documents import canonical
    from gateproof.errors import UsageError
    from gateproof.settings.resolving import names_bundle

    if not names_bundle(output.name):
        raise UsageError("a bundle's name ends in .tar.gz", where=str(output), hint="by it `--policy` knows a bundle")
    bundle = wiring.collected(
        paths, name=name, version=version, description=description, from_settings=from_settings, frameworks=frameworks
    )
    raw = policy_bundle.encode(bundle)
    policy_bundle.decode(raw)  # nobody could use one that is not read again
    write_whole(output, raw)
    click.echo(f"built {_called(bundle)}: {_counted(bundle)}, {len(raw):,} bytes", err=True)
    emit(f"{canonical.digest(raw)}\n")


@command.command("show")
@click.argument("bundle")
@_plain_http
def show_command(bundle: str, plain_http: bool) -> None:
    """Say what is in BUNDLE: a file, or oci://… in a registry. Nothing is verified but that it is whole."""
    from gateproof.catalog import policy_bundle
    from gateproof.render.untrusted import plain

    file = _file(bundle, plain_http=plain_http)
    found = policy_bundle.decode(file.raw)
    lines = [f"{plain(_called(found))}  {file.digest}"]
    lines += [plain(found.description)] if found.description else []
    width = max(len(policy.id) for policy in found.policies)
    lines += [
        f"policy     {plain(policy.id):<{min(width, 60)}}  {policy.severity:<8}  {plain(policy.title)}"
        for policy in found.policies
    ]
    lines += [f"row        {plain(row.name)}" for row in found.gate.rows]
    lines += [f"obligation {plain(rule.name)}" for rule in found.gate.obligations]
    lines += [f"framework  {plain(each.name)}" for each in found.frameworks]
    emit("\n".join(lines) + "\n")


@command.command("sign")
@click.argument("bundle", type=PATH)
@click.option("--key", type=PATH, required=True, help="Private key of the signer: one with the role 'bundle'.")
@click.option("--output", "-o", type=PATH, help="Where the signature goes (default: BUNDLE.dsse.json).")
@password_file
def sign_command(bundle: Path, key: Path, output: Path | None, password_file: Path | None) -> None:
    """Sign BUNDLE: a DSSE envelope with an in-toto statement about it. Prints the envelope's digest."""
    from gateproof.adapters.bundles import read_file, signature_path
    from gateproof.adapters.files import write_whole
    from gateproof.adapters.keyfiles import read_signer
    from gateproof.catalog import policy_bundle
    from gateproof.documents import canonical
    from gateproof.errors import UsageError
    from gateproof.evidence import seal
    from gateproof.evidence.bundle_statement import state_bundle

    target = output or signature_path(bundle)
    if target.resolve() in (bundle.resolve(), key.resolve()):
        raise UsageError("the signature would overwrite what it is made from", where=str(target), hint="name another")
    file = read_file(bundle)
    found = policy_bundle.decode(file.raw)
    envelope = seal(state_bundle(found, file.raw), read_signer(key, read_password(password_file)))
    write_whole(target, envelope)
    click.echo(f"signed {_called(found)}  {target}", err=True)
    emit(f"{canonical.digest(envelope)}\n")


@command.command("verify")
@click.argument("bundle")
@_signature
@_trust
@_root
@_plain_http
def verify_command(bundle: str, signature: Path | None, trust: str | None, root: str | None, plain_http: bool) -> None:
    """Check that BUNDLE, a file or oci://… in a registry, is whole and signed by a key that may sign bundles now.

    Exit code 0 when it is, 2 otherwise.
    """
    from gateproof.catalog import policy_bundle
    from gateproof.errors import UsageError
    from gateproof.render.untrusted import plain

    file = _file(bundle, signature, plain_http=plain_http)
    found = policy_bundle.decode(file.raw)
    signed = _verified(found, file, trust, root)
    if signed is None:
        raise UsageError(
            "no trust policy says who may sign bundles",
            hint="--trust FILE --root FINGERPRINT, or trust.policy and trust.root in gateproof.yaml",
        )
    emit(
        f"verified  {plain(_called(found))}, {_counted(found)}\n"
        f"digest    {file.digest}\n"
        f"signed by {plain(signed.key)} {signed.fingerprint}\n"
    )


@command.command("push")
@click.argument("bundle", type=PATH)
@click.argument("reference")
@_signature
@_plain_http
def push_command(bundle: Path, reference: str, signature: Path | None, plain_http: bool) -> None:
    """Store BUNDLE in a registry as REFERENCE, oci://host/repository:tag, and its signature with it.

    Prints the reference by digest, for gateproof.yaml. Credentials are those of `docker login`.
    """
    from gateproof.adapters.bundles import read_file
    from gateproof.catalog import policy_bundle
    from gateproof.catalog.oci import parse_reference
    from gateproof.errors import UsageError

    target = parse_reference(reference)
    if target.digest or not target.tag:
        raise UsageError(
            "a bundle is pushed under a tag", where=reference, hint="oci://registry.example/policies:1.2.0"
        )
    file = read_file(bundle, signature)
    found = policy_bundle.decode(file.raw)
    pinned = _repository(reference, plain_http=plain_http).push(found, file)
    said = "with its signature" if file.envelopes else "without a signature"
    click.echo(f"pushed {_called(found)} {said}", err=True)
    emit(f"{pinned}\n")


@command.command("pull")
@click.argument("reference")
@click.option("--output", "-o", type=PATH, help="Write the bundle here, and its signature beside it.")
@click.option("--pin", is_flag=True, help="Write the digest into gateproof.yaml, where it names this repository.")
@click.option("--config", type=PATH, default="gateproof.yaml", show_default=True, help="The file that --pin changes.")
@_trust
@_root
@_plain_http
def pull_command(
    reference: str,
    output: Path | None,
    pin: bool,
    config: Path,
    trust: str | None,
    root: str | None,
    plain_http: bool,
) -> None:
    """Fetch REFERENCE, oci://host/repository:tag or @sha256:…, and keep it in the cache, so that it is there offline.

    Where a trust policy is configured, it must be signed as that asks. Prints the reference by digest.
    """
    from contextlib import nullcontext

    from gateproof.adapters.bundles import signature_path
    from gateproof.adapters.files import write_whole
    from gateproof.adapters.pinning import pinned
    from gateproof.catalog import policy_bundle

    repository = _repository(reference, plain_http=plain_http)
    resolved = repository.resolve()
    file = repository.pull(resolved, signed=True, fresh=True)
    found = policy_bundle.decode(file.raw)
    # The settings may name a tag, which only the digest makes readable; and they may say whose signature counts.
    with pinned(config, resolved) if pin else nullcontext("") as said:
        signed = _verified(found, file, trust, root)
    if said:
        click.echo(said, err=True)
    if output:
        write_whole(output, file.raw)
        for envelope in (signed.envelope,) if signed else file.envelopes[:1]:
            write_whole(signature_path(output), envelope)
    said = f"signed by {signed.key}" if signed else "no trust policy says whose signature counts"
    click.echo(f"pulled {_called(found)}: {_counted(found)}; {said}", err=True)
    emit(f"{resolved}\n")


def _file(bundle: str, signature: Path | None = None, *, plain_http: bool) -> BundleFile:
    from gateproof.adapters.bundles import read_file
    from gateproof.settings.schema import OCI

    if not bundle.startswith(OCI):
        return read_file(Path(bundle), signature)
    repository = _repository(bundle, plain_http=plain_http)
    return repository.pull(repository.resolve(), signed=True, fresh=True)


def _repository(reference: str, *, plain_http: bool) -> Repository:
    from gateproof import wiring
    from gateproof.adapters.bundles import Repository
    from gateproof.catalog.oci import parse_reference

    return Repository(parse_reference(reference), wiring.registry(plain_http=plain_http), wiring.bundle_cache())


def _verified(bundle: PolicyBundle, file: BundleFile, trust: str | None, root: str | None) -> SignedBundle | None:
    """The signature that counts; None where no trust policy is configured or given."""
    from gateproof import wiring
    from gateproof.adapters.bundle_opening import verified
    from gateproof.settings import Flags

    at = wiring.now()
    return verified(bundle, file, wiring.trusted(Flags(trust=trust, root=root), at), at)


def _called(bundle: PolicyBundle) -> str:
    return f"{bundle.name}@{bundle.version}"


def _counted(bundle: PolicyBundle) -> str:
    count = len(bundle.policies)
    return f"{count} polic{'y' if count == 1 else 'ies'}"
