"""`gateproof deploy`: the objects that gateproof runs as."""

from __future__ import annotations

from pathlib import Path

import click

from gateproof.catalog.scales import Classification, Tier
from gateproof.cli.options import PATH
from gateproof.cli.output import destination


@click.group("deploy")
def command() -> None:
    """Write what it takes to run gateproof as a service."""


@command.command("kubernetes")
@click.option("--image", required=True, metavar="REF", help="The image of gateproof, pinned: registry/name@sha256:….")
@click.option("--owner", required=True, metavar="NAME", help="Value of the label owner.")
@click.option(
    "--issuer",
    default="",
    metavar="KIND/NAME",
    help="cert-manager's issuer that signs the server's certificate: ClusterIssuer/NAME or Issuer/NAME.",
)
@click.option(
    "--ca-bundle",
    type=PATH,
    metavar="FILE",
    help="In place of --issuer: certificates (PEM) of who signed the one in the Secret gateproof-tls.",
)
@click.option("--namespace", default="gateproof-system", show_default=True, help="Where the server runs.")
@click.option(
    "--break-glass-until",
    metavar="TIME",
    help="Make a namespace that the gate lets pass until then (RFC 3339, UTC), and records.",
)
@click.option("--break-glass-group", default="", metavar="GROUP", help="Who may use it: a group of few people.")
@click.option("--break-glass-namespace", default="gateproof-break-glass", show_default=True, help="Its name.")
@click.option(
    "--config",
    type=PATH,
    metavar="FILE",
    help="The server's gateproof.yaml (default: one under which the built-in policies judge).",
)
@click.option(
    "--file",
    "files",
    multiple=True,
    type=PATH,
    metavar="FILE",
    help="What stands beside it: policies, trust policy, roster. May be repeated.",
)
@click.option(
    "--evidence-claim", default="", metavar="NAME", help="Record evidence in this volume claim (ReadWriteMany)."
)
@click.option(
    "--resource",
    "resources",
    multiple=True,
    metavar="GROUP/PLURAL",
    help="Guard this resource, too: core/configmaps, example.com/widgets, */*. May be repeated.",
)
@click.option(
    "--exclude-namespace",
    "excluded",
    multiple=True,
    default=("kube-system",),
    show_default=True,
    metavar="NAME",
    help="A namespace that the gate is not asked about. May be repeated.",
)
@click.option(
    "--cluster/--no-cluster",
    default=True,
    show_default=True,
    help="Let the server list Namespaces, for their labels, and the collections that --config names.",
)
@click.option("--metrics-from", default="", metavar="NAMESPACE", help="The namespace that the metrics are read from.")
@click.option("--replicas", type=click.IntRange(2, 20), default=2, show_default=True, help="How many Pods.")
@click.option(
    "--tier", type=click.Choice([each.value for each in Tier]), default="1", show_default=True, help="Label tier."
)
@click.option(
    "--classification",
    type=click.Choice([each.value for each in Classification]),
    default="restricted",
    show_default=True,
    help="Label data_classification.",
)
@click.option("--output", "-o", type=PATH, metavar="FILE", help="Write the YAML here instead of standard output.")
@click.option("--kustomize", type=PATH, metavar="FOLDER", help="Write a Kustomize base there, a new folder.")
@click.option("--helm", type=PATH, metavar="FOLDER", help="Write a Helm chart there, a new folder.")
def kubernetes(
    *,
    ca_bundle: Path | None,
    break_glass_until: str | None,
    break_glass_group: str,
    break_glass_namespace: str,
    config: Path | None,
    files: tuple[Path, ...],
    resources: tuple[str, ...],
    excluded: tuple[str, ...],
    cluster: bool,
    tier: str,
    classification: str,
    output: Path | None,
    kustomize: Path | None,
    helm: Path | None,
    image: str,
    owner: str,
    issuer: str,
    namespace: str,
    evidence_claim: str,
    metrics_from: str,
    replicas: int,
) -> None:
    """Write the Kubernetes objects of `gateproof serve --admission`: one YAML stream, or a folder.

    Namespace, ServiceAccount and its rights, ConfigMap, NetworkPolicies, Deployment, Service, PodDisruptionBudget, a
    break-glass namespace where one is asked for, and the ValidatingWebhookConfiguration. They pass the built-in
    policies and the restricted Pod Security Standard.
    """
    from gateproof import __version__, installation
    from gateproof.adapters.files import read, write_new
    from gateproof.settings import read_file

    if len([place for place in (output, kustomize, helm) if place]) > 1:
        raise click.UsageError("--output, --kustomize and --helm exclude each other")
    if break_glass_group and not break_glass_until:
        raise click.UsageError("--break-glass-group needs --break-glass-until")
    glass = None
    if break_glass_until:
        glass = installation.BreakGlass(
            namespace=break_glass_namespace, group=break_glass_group, until=break_glass_until
        )
    written = _files(config, files)
    listed = read_file(config).admission if config else None
    parameters = installation.Parameters(
        image=image,
        owner=owner,
        files=written or {installation.SETTINGS: installation.settings(namespace, glass)},
        namespace=namespace,
        tier=Tier(tier),
        data_classification=Classification(classification),
        replicas=replicas,
        issuer=issuer,
        ca_bundle=read(ca_bundle, 1 << 20) if ca_bundle else b"",
        break_glass=glass,
        excluded=excluded,
        guarded=tuple(map(installation.Guarded.read, resources)),
        evidence_claim=evidence_claim,
        reads_namespaces=cluster,
        collections=(*listed.objects, *listed.policies) if listed else (),
        metrics_from=metrics_from,
    )
    made = installation.objects(parameters)
    if kustomize:
        rendered, folder = installation.kustomization(made), kustomize
    elif helm:
        rendered, folder = installation.chart(made, parameters, __version__), helm
    else:
        with destination(output) as deliver:
            deliver(installation.stream(made))
        return
    write_new(folder, {name: text.encode() for name, text in rendered.items()})
    click.echo(f"written to {folder}", err=True)


def _files(config: Path | None, beside: tuple[Path, ...]) -> dict[str, str]:
    """The files of the ConfigMap by their names there. Raises UsageError."""
    from gateproof.adapters.files import read
    from gateproof.errors import UsageError
    from gateproof.installation import SETTINGS

    if beside and not config:
        raise click.UsageError("--file needs --config: nothing would read what stands beside it")
    found: dict[str, str] = {}
    for path, name in ((config, SETTINGS), *((path, path.name) for path in beside)):
        if path is None:
            continue
        if name in found:
            raise UsageError("two files have this name", where=name, hint="rename one of them")
        try:
            found[name] = read(path, 1 << 20).decode()
        except UnicodeDecodeError:
            raise UsageError("it is no text in UTF-8", where=str(path), hint="use a policy bundle (oci://…)") from None
    return found
