"""`gateproof audit`: judge what runs in a cluster, and compare it with what admission let in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gateproof.cli import EXIT_DENY, EXIT_OK, EXIT_UNDECIDED
from gateproof.cli.options import PATH
from gateproof.cli.output import destination

if TYPE_CHECKING:
    from gateproof.adapters.dumps import Dump
    from gateproof.audit import Audit, Drift, Ledger
    from gateproof.gate.decision import Decision
    from gateproof.inputs.input import Input, Resource
    from gateproof.server.placement import Namespaces
    from gateproof.wiring import Run

FORMATS = ("text", "json", "policyreport")
_SURFACE = "audit"
_AGE = 24 * 3600
"""Seconds that the Namespaces of a dump count for."""


@click.command("audit")
@click.argument("paths", metavar="[DUMP]...", nargs=-1)
@click.option("--kubeconfig", metavar="FILE", default="", help="Get the objects from this cluster, with kubectl.")
@click.option("--context", "kube_context", metavar="NAME", default="", help="The context of the kubeconfig.")
@click.option("--policy", "policies", multiple=True, metavar="PATH", help="As of `gateproof check`. May be repeated.")
@click.option("--waiver", "waivers", multiple=True, metavar="FILE", help="Signed waiver. May be repeated.")
@click.option("--fact", "facts", multiple=True, metavar="FILE", help="As of `gateproof check`. May be repeated.")
@click.option("--trust", metavar="FILE", help="Signed trust policy.")
@click.option("--roster", metavar="FILE", help="Signed roster.")
@click.option("--root", metavar="FINGERPRINT", help="Fingerprint of the trust root.")
@click.option("--config", type=PATH, help="The gateproof.yaml of the admission server, all of which counts.")
@click.option("--evidence", metavar="STORE", help="Compare with the admission decisions that are recorded there.")
@click.option(
    "--exclude-namespace",
    "excluded",
    multiple=True,
    default=("kube-system",),
    show_default=True,
    metavar="NAME",
    help="A namespace that the gate is not asked about. May be repeated.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--all-results", is_flag=True, help="List what passed and was skipped, too.")
@click.option("--output", "-o", type=PATH, help="Write the report here.")
@click.option("--at", metavar="TIME", help="Judge as of this time (RFC 3339, UTC).")
def command(
    *,
    paths: tuple[str, ...],
    kubeconfig: str,
    kube_context: str,
    evidence: str | None,
    excluded: tuple[str, ...],
    form: str,
    all_results: bool,
    output: Path | None,
    **options: Any,
) -> int:
    """Judge what runs, as admission would judge it today: the DUMP of a cluster, or the cluster itself.

    DUMP is what `kubectl get RESOURCES -A -o json` prints, files or folders of manifests, or - for standard input;
    Namespaces belong to it, for their labels say what they are for. Objects are judged one by one. With --evidence, it
    says what runs without a decision, although refused, differs from what was let in, or would not be let in today.

    Exit code 0 when all would be let in and nothing has drifted, 1 when not, 2 when something could not be decided.
    """
    from gateproof import wiring
    from gateproof.audit import Audit, Ledger
    from gateproof.settings import Flags

    if bool(paths) == bool(kubeconfig or kube_context):
        raise click.UsageError("give a DUMP (- for standard input), or --kubeconfig or --context")
    flags = Flags(**options, layer="runtime", surface=_SURFACE)
    run = wiring.served(flags) if flags.config else wiring.run(flags)
    audit = Audit(run.grounds.bundle, run.now, whole=all_results)
    with destination(output) as deliver, _dump(paths, kubeconfig, kube_context) as dump:
        comparison = None
        if evidence:
            undecided = run.resolved.settings.admission.undecided
            comparison = _Comparison(evidence, options["root"], Ledger(undecided_passes=undecided == "warn"), excluded)
            audit.compared = len(comparison)
        _scan(dump, run, audit, comparison)
        if not audit.objects and not audit.unread:
            raise click.UsageError(f"there is no object in {dump.name}")
        deliver(_rendered(audit, form))
    if comparison:
        comparison.remember()
    return _exit_code(audit)


def _dump(paths: tuple[str, ...], kubeconfig: str, context: str) -> Dump:
    from gateproof.adapters import dumps

    if paths:
        return dumps.of_paths(paths)
    from gateproof.installation import GUARDED

    names = [f"{each.resource}.{each.group}".rstrip(".") for each in GUARDED if "/" not in each.resource]
    asked = [[",".join(name for name in names if name != "secrets")]]
    # The values of other Secrets are not needed, and so not asked for.
    asked.append(["secrets", "--field-selector", "type=kubernetes.io/service-account-token"])
    return dumps.of_cluster(asked, kubeconfig=kubeconfig, context=context)


def _scan(dump: Dump, run: Run, audit: Audit, comparison: _Comparison | None) -> None:
    """Judge every object of ``dump`` alone, as a request that creates it."""
    from gateproof import inputs
    from gateproof.server.placement import Namespaces, by_name

    found = by_name(each for _, subject in _subjects(dump, "Namespace") for each in subject.documents)
    judge = _Judge(run, Namespaces(found, dump.name, run.now, _AGE))
    for source, subject in _subjects(dump):
        if problem := _problem(subject):
            audit.add_unread(f"{source}: {problem}")
            continue
        (resource,) = inputs.resources(subject)
        decision = judge(subject, resource)
        drift = comparison.of(resource, decision) if comparison else None
        audit.add(resource.view["object"], resource.address, decision, drift)


def _problem(subject: Input) -> str:
    """Why ``subject`` is no object of a cluster; empty when it is one."""
    from gateproof.catalog.policy import InputKind

    if subject.problem:
        return subject.problem
    if subject.subject.kind is not InputKind.KUBERNETES or subject.request is not msgspec.UNSET:
        return "it is no object of a cluster"
    return ""


class _Judge:
    """Decides as the admission server does: in the context of the object's namespace."""

    def __init__(self, run: Run, namespaces: Namespaces) -> None:
        from gateproof.server.placement import Placement
        from gateproof.server.waivers import WaiverIndex

        base = run.resolved.base
        source, digest = (base.source, base.digest) if base else ("defaults", "")
        self._grounds = run.grounds
        self._now = run.now
        self._namespaces = namespaces
        self._placement = Placement(run.resolved.settings, source, digest, run.context.claims)
        self._waivers = WaiverIndex(run.grounds.waivers)

    def __call__(self, subject: Input, resource: Resource) -> Decision:
        """The decision on the one object of ``subject``."""
        from gateproof.catalog.cluster_facts import NAMESPACE
        from gateproof.flow import judge_input
        from gateproof.inputs import admission

        asked = admission.request(subject, resource)
        known = self._namespaces.fact(asked["namespace"]) if asked["namespace"] else None
        context = self._placement.context(asked, subject.documents[0], known, self._now)
        return judge_input(
            subject,
            self._grounds.bundle,
            {**self._grounds.facts, NAMESPACE: known} if known else self._grounds.facts,
            msgspec.structs.replace(context, surface=_SURFACE),
            self._waivers.for_input(subject),
            self._grounds.trust,
            self._now,
        )


def _subjects(dump: Dump, mentioned: str = "") -> Iterator[tuple[str, Input]]:
    """Every object of ``dump`` as an Input of its own, with the name of its file; or those that mention a word."""
    from gateproof import inputs
    from gateproof.audit import pieces
    from gateproof.errors import placed

    word = mentioned.encode()
    for source, chunks in dump.sources():
        with placed(source):
            for piece in pieces(chunks):
                if word not in piece:
                    continue
                subject = inputs.parse(piece)
                if len(subject.documents) == 1 or subject.problem:
                    yield source, subject
                else:  # a List in YAML, or in another List
                    for document in subject.documents:
                        yield source, inputs.parse(msgspec.json.encode(document))


class _Comparison:
    """What admission let in, read from the evidence under its trust root."""

    def __init__(self, store: str, root: str | None, ledger: Ledger, excluded: tuple[str, ...]) -> None:
        from gateproof import inputs, wiring
        from gateproof.installation import GUARDED

        self._evidence = wiring.open_evidence(store, root)
        self._reader = self._evidence.reader
        self._ledger = ledger
        self._excluded = excluded
        for record in self._reader.records():
            predicate = self._reader.predicate(record.entry)
            ledger.add(
                inputs.decode(self._reader.view.blob(record.core.input)),
                verdict=record.verdict,
                surface=predicate.surface,
                decision=record.digest,
                entry=record.entry,
                at=record.core.decided_at,
            )
        # Secrets that are no tokens are never sent to the gate, so that it cannot have seen them.
        guarded = {(each.group, each.kind) for each in GUARDED}
        self._watched = (guarded | ledger.kinds()) - {("", "Secret")}

    def __len__(self) -> int:
        return len(self._ledger)

    def of(self, resource: Resource, decision: Decision) -> Drift | None:
        """How the object has drifted."""
        view = resource.view
        if (view["name"] if view["kind"] == "Namespace" else view["namespace"]) in self._excluded:
            return None
        return self._ledger.compare(
            view["object"], resource.address, today=decision.verdict, watched=self._watched, decided=self._decided
        )

    def remember(self) -> None:
        """Refuse anything older from now on."""
        self._evidence.remember()

    def _decided(self, entry: int) -> Mapping[str, Any]:
        from gateproof.answers import recorded

        found: Mapping[str, Any] = recorded.of(self._reader, entry).subject.documents[0]
        return found


def _rendered(audit: Audit, form: str) -> str:
    if form == "json":
        from gateproof.render.audit_json import render
    elif form == "policyreport":
        from gateproof.render.policy_report import render
    else:
        from gateproof.render.audit_text import render
    return render(audit)


def _exit_code(audit: Audit) -> int:
    """DENY and drift are told before UNDECIDED, as in a verdict; what is older than the gate could not pass it."""
    from gateproof.audit import DriftKind
    from gateproof.gate.decision import Verdict

    if audit.denied or set(audit.drifted) - {DriftKind.OLDER}:
        return EXIT_DENY
    return EXIT_UNDECIDED if audit.verdicts[Verdict.UNDECIDED] else EXIT_OK
