"""`gateproof test`: run the tests and samples of policies."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from gateproof import settings
from gateproof.cli import EXIT_DENY, EXIT_OK, EXIT_UNDECIDED
from gateproof.cli.output import destination
from gateproof.errors import UsageError

if TYPE_CHECKING:
    from gateproof.adapters.suites import PolicyFolder, Suite
    from gateproof.catalog.frameworks import Catalog
    from gateproof.catalog.policy import Policy
    from gateproof.engines.suites import SuiteCase
    from gateproof.rego.coverage import Coverage
    from gateproof.render.suite import SuiteReport


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command."""

    run: str
    bench: bool
    verbose: bool
    form: str
    output: Path | None
    coverage: str | None
    coverage_output: Path | None
    fail_under: float | None
    schemas: tuple[Path, ...] = ()

    @property
    def measured(self) -> bool:
        """Whether coverage is asked for."""
        return self.coverage is not None or self.coverage_output is not None or self.fail_under is not None


@click.command("test")
@click.argument("paths", nargs=-1, required=True)
@click.option("--run", "-r", default="", metavar="REGEX", help="Run the tests whose names match (data.package.test_x).")
@click.option("--bench", is_flag=True, help="Run each test many times: median time, steps of its budget, memory.")
@click.option("--verbose", "-v", is_flag=True, help="Name those that passed, too.")
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(("text", "json", "junit", "gobench")),
    default="text",
    show_default=True,
    help="gobench: with --bench, for benchstat.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--coverage", type=click.Choice(("text", "json", "lcov")), help="Say which lines were evaluated.")
@click.option("--coverage-output", type=click.Path(path_type=Path), help="Write the coverage here.")
@click.option(
    "--schema",
    "schemas",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Note the rules that could fire on no input of this schema: of Terraform providers, OpenAPI, or JSON Schema.",
)
@click.option("--watch", is_flag=True, help="Run again whenever a file changes, until interrupted.")
@click.option(
    "--fail-under", "--threshold", type=click.FloatRange(0, 100), metavar="PERCENT", help="Exit 1 below this coverage."
)
def command(paths: tuple[str, ...], watch: bool, **options: object) -> int:
    """Run Rego tests, golden samples, and tests of gator and Kyverno: files, or folders with all below them.

    Tests are the rules test_… of all Rego files, as `opa test` runs them. Samples are the files in allowed/, denied/
    and undecided/ beside a policy.rego. Cases are those of suite.yaml files, as `gator verify` runs them, and of
    kyverno-test.yaml files, as `kyverno test` does. Exit code 0 when all pass, 1 for any failure or coverage below the
    threshold, 2 for errors and when there is nothing to test.
    """
    chosen = msgspec.convert(options, Options)
    if chosen.form == "gobench" and not chosen.bench:
        raise UsageError("--format gobench is about times", hint="add --bench")
    if not watch:
        return run(paths, chosen)
    from gateproof.cli.watching import repeat

    written = [str(path) for path in (chosen.output, chosen.coverage_output) if path]
    repeat(paths, lambda: run(paths, chosen), but=written)
    return EXIT_OK


def run(paths: Sequence[str], options: Options) -> int:
    """Run everything once and say how it went; the exit code."""
    from gateproof.adapters.suites import gather

    to_output = options.coverage in ("json", "lcov") and options.coverage_output is None
    if to_output and options.form != "text" and options.output is None:
        hint = "add --output for the report, or --coverage-output"
        raise UsageError("report and coverage would both go to standard output", hint=hint)
    with destination(options.output) as deliver, destination(options.coverage_output) as deliver_coverage:
        report = _tried(gather(paths), options)
        told = _rendered(report, options)
        if to_output and options.output is None:
            click.echo(told, nl=False, err=True)
        else:
            deliver(told)
        if options.measured and (options.form == "text" or options.coverage_output or to_output):
            deliver_coverage(_rendered_coverage(report, options.coverage or "text"))
    return _exit_code(report, options)


def _tried(suite: Suite, options: Options) -> SuiteReport:
    import time

    from gateproof import rego, wiring
    from gateproof.engines import samples
    from gateproof.rego.coverage import merged
    from gateproof.render.suite import SuiteReport

    now = wiring.now()
    tests = rego.test(
        suite.program,
        data=suite.data,
        only=options.run,
        coverage=options.measured,
        bench=options.bench,
        now_ns=time.time_ns(),
        clock=time.perf_counter_ns,
    )
    coverages = [_without(tests.coverage, suite.library)] if tests.coverage else []
    tried: list[samples.Tried] = []
    vacuous: list[str] = []
    for folder in suite.folders if not options.run else ():
        policies, known = _policies(folder)
        tried += samples.run(policies, folder.samples, now=now, catalog=known)
        vacuous += samples.vacuous(policies, folder.samples, now=now, folder=f"{folder.name}/")
        if options.measured:
            covered = samples.covered(policies, folder.samples, now=now, folder=f"{folder.name}/")
            coverages.append(_placed(covered, folder, policies, suite.modules))
    vacuous += _foreseen(suite, options.schemas)
    cases = _cases(suite, options.run, now)
    if not tests.tests and not tried and not cases and not options.schemas:
        what = (
            "no test matches"
            if options.run
            else "there are no rules test_…, no samples and no tests of gator or Kyverno here"
        )
        raise UsageError(what, hint="docs/guides/policies.md says how to write them")
    covered_lines = merged(coverages) if options.measured else None
    return SuiteReport(tests.tests, tuple(tried), covered_lines, tuple(vacuous), cases)


def _cases(suite: Suite, only: str, now: str) -> tuple[SuiteCase, ...]:
    """The cases of suites that other tools run, those whose names match ``only``."""
    from gateproof.adapters.gator_suites import suite_in
    from gateproof.adapters.kyverno_suites import tests_in

    suites = [found for path in suite.yaml if (found := suite_in(path))]
    tests = [test for path in suite.yaml for test in tests_in(path)]
    if not suites and not tests:
        return ()
    import re2

    cases: list[SuiteCase] = []
    if suites:
        from gateproof.engines.gatekeeper.suite import run as run_gator

        cases += [case for each in suites for case in run_gator(each, now=now)]
    if tests:
        from gateproof.engines.kyverno.suite import run as run_kyverno

        cases += [case for each in tests for case in run_kyverno(each, now=now)]
    return tuple(case for case in cases if not only or re2.search(only, case.name))


def _policies(folder: PolicyFolder) -> tuple[tuple[Policy, ...], Catalog | None]:
    """The policies of a folder, and the catalogue that knows their controls where the shipped one does not."""
    from gateproof import wiring
    from gateproof.catalog import pack
    from gateproof.errors import ConfigError, PolicyError

    try:
        return pack.load(folder.sources), None
    except PolicyError:
        known = None
        with suppress(ConfigError):  # what is wrong with the policy is the thing to say
            known = wiring.configured_catalog()
        if known is None:
            raise
        return pack.load(folder.sources, known), known


def _foreseen(suite: Suite, schemas: Sequence[Path]) -> Sequence[str]:
    """What schemas say of the rules, without an input."""
    if not schemas:
        return ()
    from gateproof.adapters.files import read
    from gateproof.engines.foreseen import foreseen
    from gateproof.inputs.exemplars import exemplars

    return foreseen(suite.program, suite.data, [exemplars(read(path), str(path)) for path in schemas])


def _without(covered: Coverage, files: Collection[str]) -> Coverage:
    return type(covered)(tuple(file for file in covered.files if file.file not in files))


def _placed(
    covered: Coverage, folder: PolicyFolder, policies: Sequence[Policy], modules: Mapping[str, str]
) -> Coverage:
    """``covered`` with the files of the shipped library where they stand among ``modules``, or left out."""
    own = {f"{folder.name}/{name.partition('/')[2]}" for name in folder.sources}
    texts = {text: name for name, text in modules.items()}
    sources = {f"{folder.name}/{source.name}": source.text for policy in policies for source in policy.sources}
    places = {name: name if name in own else texts.get(text) for name, text in sources.items()}
    files = [(places.get(file.file), file) for file in covered.files]
    return type(covered)(tuple(msgspec.structs.replace(file, file=place) for place, file in files if place))


def _rendered(report: SuiteReport, options: Options) -> str:
    from gateproof.render import suite

    if options.form == "json":
        return suite.json(report)
    if options.form == "junit":
        return suite.junit_xml(report)
    if options.form == "gobench":
        return suite.gobench(report)
    color = options.output is None and sys.stdout.isatty() and settings.wants_color()
    return suite.text(report, verbose=options.verbose, bench=options.bench, color=color)


def _rendered_coverage(report: SuiteReport, form: str) -> str:
    from gateproof.render import suite

    assert report.coverage is not None  # noqa: S101 - measured when it is asked for
    return {"text": suite.coverage_text, "json": suite.coverage_json, "lcov": suite.lcov}[form](report.coverage)


def _exit_code(report: SuiteReport, options: Options) -> int:
    if report.has("error"):
        return EXIT_UNDECIDED
    if report.has("fail"):
        return EXIT_DENY
    if report.coverage is not None and options.fail_under is not None and report.coverage.percent < options.fail_under:
        click.echo(f"coverage is {report.coverage.percent:.1f} %, below {options.fail_under:g} %", err=True)
        return EXIT_DENY
    return EXIT_OK
