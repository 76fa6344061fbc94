"""`gateproof check`: judge plans and manifests, and gate them."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click
import msgspec

from gateproof import inputs, settings
from gateproof.adapters.files import gather, load
from gateproof.catalog.policy import EngineName, Policy
from gateproof.catalog.scales import Classification, Environment, Layer, Tier
from gateproof.cli import EXIT_DENY, EXIT_OK, EXIT_UNDECIDED, KEPT
from gateproof.cli.compat import HandsOver
from gateproof.cli.options import PATH, read_password
from gateproof.cli.output import destination
from gateproof.engines.interface import Outcome
from gateproof.errors import StoreError, UsageError
from gateproof.flow import TOOL, Judged, judge_input
from gateproof.gate.decision import Decision, Verdict
from gateproof.inputs.input import Input, Remark
from gateproof.render.places import spots
from gateproof.render.report import Item, Proof, Report
from gateproof.render.text import render as render_text
from gateproof.render.untrusted import plain

if TYPE_CHECKING:
    from gateproof.adapters.opa import Opa
    from gateproof.log.receipt import Receipt
    from gateproof.rego.program import Program
    from gateproof.rego.vacuity import Watch
    from gateproof.wiring import Recorder, Run

FORMATS = ("text", "json", "sarif", "junit", "markdown", "github")
_LONGEST_SERVICE = 200
_MANY = 20
"""With at least this many files a terminal gets a progress bar."""

_COLLECT_AFTER = 32 * 1024 * 1024
"""Bytes of input after which cyclic garbage is collected before the next file."""


@click.command("check", cls=HandsOver)
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--env",
    "environment",
    type=click.Choice([each.value for each in Environment]),
    help="Where the change goes (default: prod).",
)
@click.option(
    "--tier",
    type=click.Choice([each.value for each in Tier]),
    help="Tier of the service; can only tighten what is protected.",
)
@click.option(
    "--classification",
    type=click.Choice([each.value for each in Classification]),
    help="Of the data; can only tighten.",
)
@click.option("--service", metavar="NAME", help="The service that is changed.")
@click.option(
    "--layer", type=click.Choice([each.value for each in Layer]), help="Where this gate stands (default: ci)."
)
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="PATH",
    help="Rego or Kyverno policies, a file or folder; a policy bundle, FILE.tar.gz or oci://…; 'pack' for the "
    "built-in ones: beside those of gateproof.yaml, or in place of the built-in ones where there is no such file. May "
    "be repeated.",
)
@click.option("--waiver", "waivers", multiple=True, metavar="FILE", help="Signed waiver. May be repeated.")
@click.option(
    "--fact",
    "facts",
    multiple=True,
    metavar="FILE",
    help="Fact that a policy needs (JSON), or manifests: what the cluster has. May be repeated.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", "-o", type=PATH, help="Write the report here.")
@click.option("--evidence", metavar="STORE", help="Record every decision in this store.")
@click.option("--no-record", is_flag=True, help="Record nothing, although gateproof.yaml names a store.")
@click.option("--key", type=PATH, help="Private key that signs decisions and checkpoints.")
@click.option("--password-file", type=PATH, help="Read the key's password from this file.")
@click.option("--trust", metavar="FILE", help="Signed trust policy.")
@click.option("--roster", metavar="FILE", help="Signed roster.")
@click.option("--root", metavar="FINGERPRINT", help="Fingerprint of the trust root.")
@click.option("--config", type=PATH, help="Use this gateproof.yaml.")
@click.option("--base", metavar="REF", help="Git ref of the protected branch (default: the remote's default branch).")
@click.option("--at", metavar="TIME", help="Decide as of this time (RFC 3339, UTC); such a decision is not recorded.")
@click.option(
    "--engine", metavar="OPA", help="Have Rego evaluated by opa, opa:PATH or opa:URL, to compare; nothing is recorded."
)
@click.option("--fail-on-warn", is_flag=True, help="Exit 1 for WARN too.")
@click.option(
    "--compat",
    type=click.Choice(["conftest"]),
    expose_value=False,
    help="Stand in for `conftest test`: its arguments, verdict and exit codes; no Decision.",
)
@click.pass_context
def command(ctx: click.Context, /, **_: object) -> int:
    """Judge Terraform plans (JSON) and Kubernetes manifests: files, folders, quoted patterns, or - for standard input.

    Exit code 0 for ALLOW and WARN, 1 for DENY, 2 when it could not be decided.
    """
    from gateproof import wiring
    from gateproof.settings import Flags

    options = dict(ctx.params)
    paths, form, output = options.pop("paths"), options.pop("form"), options.pop("output")
    fail_on_warn, no_record = options.pop("fail_on_warn"), options.pop("no_record")
    engine = options.pop("engine")
    _check_service(options["service"])
    run = wiring.run(Flags(**options))
    deliver = ctx.with_resource(destination(output))
    recorder = None
    if no_record and options["evidence"]:
        raise click.UsageError("--evidence and --no-record exclude each other")
    if options["at"] and options["evidence"]:
        raise click.UsageError("a decision as of another time (--at) is not recorded: leave out --evidence")
    if engine and options["evidence"]:
        raise click.UsageError("what another engine (--engine) says cannot be replayed, and is not recorded")
    outside = ctx.with_resource(wiring.outside_engine(engine)) if engine else None
    if run.resolved.settings.evidence.store and not (options["at"] or no_record or outside):
        recorder = wiring.recorder(run, read_password(options["password_file"]))
    items, judged, passed_over = _judge_all(paths, run, outside, keep=recorder is not None)
    if not items:
        raise UsageError(
            f"there is nothing to judge: {len(passed_over)} files are neither Terraform plans nor Kubernetes manifests",
            where=", ".join(paths[:3]),
            hint="pass `terraform show -json` output, or manifests with apiVersion and kind",
        )
    if recorder:
        receipts = _record(judged, recorder)
        items = [_with_proof(*each, recorder.place) for each in zip(items, receipts, strict=True)]
    report = Report(tuple(items), run.grounds.bundle, tuple(passed_over), _tool(outside))
    deliver(_rendered(report, form, color=output is None and sys.stdout.isatty() and settings.wants_color()))
    return _exit_code(report, fail_on_warn=fail_on_warn)


def _check_service(name: str | None) -> None:
    if name is not None and not (name.isprintable() and len(name) <= _LONGEST_SERVICE):
        hint = f"up to {_LONGEST_SERVICE} printable characters"
        raise UsageError(f"{name[:40]!r} is no name of a service", where="--service", hint=hint)


def _judge_all(
    paths: Sequence[str], run: Run, outside: Opa | None, *, keep: bool
) -> tuple[list[Item], list[Judged], list[str]]:
    """Items of all files, the judgements if they are to be kept, and the names of those that are nothing we judge."""
    files = gather(paths)
    secretive = {policy.id for policy in run.grounds.bundle.policies if policy.finds_secrets is True}
    items: list[Item] = []
    judged: list[Judged] = []
    passed_over: list[str] = []
    pending = 0
    for path, named in _with_progress(files):
        if pending > _COLLECT_AFTER:
            gc.collect()
            pending = 0
        source = load(path)
        pending += len(source.raw)
        subject = inputs.parse(source.raw)
        if source.problem:
            subject = msgspec.structs.replace(subject, problem=source.problem)
        elif subject.foreign and not named:
            passed_over.append(source.name)
            continue
        decision, remarks = _judge(subject, run, outside)
        one = Judged(source.name, subject, decision)
        findings = [disposition.finding for disposition in one.decision.core.dispositions]
        items.append(Item(one.name, one.decision, spots(source.raw, subject, findings, secretive), remarks))
        KEPT[:] = [subject]
        if keep:
            judged.append(one)
    return items, judged, passed_over


def _judge(subject: Input, run: Run, outside: Opa | None) -> tuple[Decision, tuple[Remark, ...]]:
    """The decision, and what else a reader should know: remarks on the input, and rules that could not hold on it."""
    from gateproof.engines.rego import RegoEngine

    grounds = run.grounds
    watches: dict[str, Watch] = {}

    def observe(policy: Policy, program: Program) -> Watch | None:
        if policy.engine is EngineName.REGO:
            from gateproof.rego.vacuity import Watch

            watches[policy.id] = Watch(program)
        return watches.get(policy.id)

    decision = judge_input(
        subject,
        grounds.bundle,
        grounds.facts,
        run.context,
        grounds.waivers,
        grounds.trust,
        run.now,
        tool=_tool(outside),
        rego=outside.engine if outside else RegoEngine(observe=observe),
    )
    undecided = {result.policy for result in decision.core.results if result.outcome is Outcome.ERROR}
    vacuous = [
        Remark(0, (), f"{policy}: {each.message}")
        for policy, watch in watches.items()
        if policy not in undecided
        for each in watch.vacuous()
    ]
    return decision, (*subject.remarks, *_lifecycle(decision, run), *vacuous)


def _lifecycle(decision: Decision, run: Run) -> Iterator[Remark]:
    """What judged and is deprecated, and what overlays have made more lenient for such an input."""
    bundle, kind = run.grounds.bundle, decision.core.subject.kind
    used = {result.policy for result in decision.core.results if result.outcome is not Outcome.SKIP}
    for policy in bundle.policies:
        if policy.id in used and policy.deprecated is not msgspec.UNSET:
            yield Remark(0, (), f"{policy.id} is {policy.deprecated.told(run.now)}")
    kinds = {policy.id: policy.kinds for policy in bundle.policies}
    for overlay in bundle.overlays:
        if overlay.loosens and (not kinds.get(overlay.policy) or kind in kinds[overlay.policy]):
            yield Remark(0, (), f"overlay of {overlay.policy}: {overlay.said}")


def _tool(outside: Opa | None) -> str:
    return f"{TOOL}, Rego by {outside.name}" if outside else TOOL


def _with_progress(files: list[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """``files``, with a progress bar where somebody watches and it takes long."""
    if len(files) < _MANY or not sys.stderr.isatty():
        yield from files
        return
    with click.progressbar(files, label="judging", file=sys.stderr, item_show_func=_shown) as bar:
        yield from bar


def _shown(file: tuple[str, bool] | None) -> str | None:
    return plain(file[0], 60) if file else None


def _record(judged: list[Judged], recorder: Recorder) -> list[Receipt]:
    try:
        return recorder.record(judged)
    except KeyboardInterrupt:
        raise StoreError(
            "interrupted while recording: the decisions may be in the log or not",
            where=recorder.place,
            hint="`gateproof log list` shows it; the log is in order either way",
        ) from None


def _with_proof(item: Item, receipt: Receipt, place: str) -> Item:
    proof = Proof(item.decision.digest, receipt.index, place)
    return msgspec.structs.replace(item, proof=proof)


def _rendered(report: Report, form: str, *, color: bool) -> str:
    from importlib import import_module

    if form == "text":
        width = min(settings.terminal_width(), 120)
        return render_text(report, color=color, width=width)
    text: str = import_module(f"gateproof.render.{form}").render(report)
    return text


def _exit_code(report: Report, *, fail_on_warn: bool) -> int:
    match report.verdict:
        case Verdict.ALLOW:
            return EXIT_OK
        case Verdict.WARN:
            return EXIT_DENY if fail_on_warn else EXIT_OK
        case Verdict.DENY:
            return EXIT_DENY
        case Verdict.UNDECIDED:
            return EXIT_UNDECIDED
