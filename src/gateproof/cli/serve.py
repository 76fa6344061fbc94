"""`gateproof serve`: the gate at the door of a cluster, and the drain of its spool."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateproof.cli import EXIT_OK, EXIT_UNDECIDED
from gateproof.cli.options import PATH, read_password
from gateproof.errors import UsageError

if TYPE_CHECKING:
    from gateproof.settings import Flags
    from gateproof.wiring import Recorder

_GIVEN = ("config", "policies", "facts", "waivers", "evidence", "key", "password_file", "trust", "roster", "root")


@click.command("serve")
@click.option("--admission", is_flag=True, help="Answer AdmissionReviews of a cluster, over TLS.")
@click.option("--drain", is_flag=True, help="Bring what is in the spool into the log, without a server.")
@click.option("--follow", is_flag=True, help="With --drain: go on until stopped.")
@click.option("--config", type=PATH, required=True, help="The gateproof.yaml that counts, all of it.")
@click.option("--listen", default="0.0.0.0:8443", show_default=True, metavar="ADDRESS", help="Where reviews come in.")
@click.option(
    "--status", default="0.0.0.0:8080", show_default=True, metavar="ADDRESS", help="For /healthz, /readyz, /metrics."
)
@click.option("--tls-cert", type=PATH, default="/etc/gateproof/tls/tls.crt", show_default=True, help="PEM, with chain.")
@click.option("--tls-key", type=PATH, default="/etc/gateproof/tls/tls.key", show_default=True, help="PEM.")
@click.option("--client-ca", type=PATH, help="Take reviews only from clients with a certificate of this CA (PEM).")
@click.option(
    "--spool",
    type=PATH,
    default="/var/lib/gateproof/spool",
    show_default=True,
    help="Folder in which decisions wait for the log; one for each server.",
)
@click.option("--policy", "policies", multiple=True, metavar="PATH", help="As with `check`. May be repeated.")
@click.option("--waiver", "waivers", multiple=True, metavar="FILE", help="Signed waiver, or a folder. May be repeated.")
@click.option("--fact", "facts", multiple=True, metavar="FILE", help="Fact that a policy needs. May be repeated.")
@click.option("--namespaces", type=PATH, help="The cluster's Namespaces, as kubectl prints them (JSON or YAML).")
@click.option(
    "--cluster",
    is_flag=True,
    help="Read Namespaces, `admission.objects` and `admission.policies` from the API server, as the Pod.",
)
@click.option("--evidence", metavar="STORE", help="Record every decision in this store.")
@click.option("--no-record", is_flag=True, help="Record nothing.")
@click.option("--key", type=PATH, help="Private key that signs decisions and checkpoints.")
@click.option("--password-file", type=PATH, help="Read the key's password from this file.")
@click.option("--trust", metavar="FILE", help="Signed trust policy.")
@click.option("--roster", metavar="FILE", help="Signed roster.")
@click.option("--root", metavar="FINGERPRINT", help="Fingerprint of the trust root.")
@click.option(
    "--grace",
    type=click.FloatRange(0, 300),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="When stopped: not ready at once, and answering for so long.",
)
def command(**options: Any) -> int:
    """Judge what comes to a cluster's API server: a validating admission webhook.

    A policy that does not load, a certificate that does not fit and the like leave what was in force. Exit code 0 when
    stopped, 2 when it cannot begin.
    """
    from gateproof.settings import Flags

    if options["admission"] == options["drain"]:
        raise click.UsageError("say what to do: --admission or --drain")
    flags = Flags(**{name: options[name] for name in _GIVEN}, surface="admission")
    if options["drain"]:
        return _drain(flags, options["spool"], follow=options["follow"])
    return _serve(flags, options)


def _serve(flags: Flags, options: dict[str, Any]) -> int:
    import asyncio

    from gateproof import wiring
    from gateproof.server import loading
    from gateproof.server.cluster import Watch
    from gateproof.server.service import Address, Options, Service

    if options["cluster"] and options["namespaces"]:
        raise click.UsageError("--cluster and --namespaces exclude each other")
    recording = not options["no_record"]
    if recording:
        # A key that may not sign is told now, not when the first decision waits.
        run = wiring.recording(flags)
        if not run.resolved.settings.evidence.store:
            raise UsageError(
                "no store is named to record decisions in",
                hint="--evidence STORE, or evidence.store in the file; --no-record to leave no evidence",
            )
        wiring.recorder(run, read_password(options["password_file"]))
    watch = Watch(wiring.cluster()) if options["cluster"] else None
    service = Service(
        Options(
            listen=Address.parse(options["listen"], "--listen"),
            status=Address.parse(options["status"], "--status"),
            certificate=options["tls_cert"],
            key=options["tls_key"],
            client_ca=options["client_ca"],
            spool=options["spool"] if recording else None,
            drain=tuple(_drain_command(options)) if recording else (),
            grace=options["grace"],
        ),
        lambda: loading.load(flags, options["namespaces"], watch),
        watch,
    )
    asyncio.run(service.run())
    return EXIT_OK


def _drain_command(options: dict[str, Any]) -> Iterator[str]:
    """The process that drains beside the server."""
    yield from (sys.executable, "-m", "gateproof", "serve", "--drain", "--follow", "--spool", str(options["spool"]))
    for name in _GIVEN:
        flag = {"policies": "policy", "waivers": "waiver", "facts": "fact"}.get(name, name.replace("_", "-"))
        given = options[name] if isinstance(options[name], tuple) else (options[name],)
        yield from (part for value in given if value for part in (f"--{flag}", str(value)))


def _drain(flags: Flags, folder: Path, *, follow: bool) -> int:
    from gateproof import wiring
    from gateproof.server.drain import Drain
    from gateproof.server.draining import drain

    def recorder() -> Recorder:
        return wiring.recorder(wiring.recording(flags), read_password(flags.password_file))

    drained = drain(Drain(folder, recorder, wiring.now), follow=follow)
    if drained.problem:
        click.echo(f"gateproof: {drained.problem}", err=True)
    click.echo(f"{drained.recorded} decisions recorded, {drained.repeated} were already, {drained.aside} set aside")
    return EXIT_UNDECIDED if drained.problem else EXIT_OK
