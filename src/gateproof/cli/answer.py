"""`gateproof answer`: answer an auditor's question from the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateproof.catalog.scales import Classification, Environment, Tier
from gateproof.cli import EXIT_OK, EXIT_UNDECIDED
from gateproof.cli.options import PATH, evidence_store, root_option
from gateproof.cli.output import destination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateproof.answers import Answer, Reader
    from gateproof.catalog.frameworks import Catalog


@click.command("answer")
@click.argument("question", required=False, default="")
@click.option("--evidence", "store", metavar="STORE", help="Where the evidence is.")
@root_option
@click.option("--control", "controls", multiple=True, metavar="ID", help="Ask for this control. May be repeated.")
@click.option("--service", metavar="NAME", help="Only this service.")
@click.option(
    "--env", "environment", type=click.Choice([each.value for each in Environment]), help="Only this environment."
)
@click.option("--tier", type=click.Choice([each.value for each in Tier]), help="Only this tier.")
@click.option(
    "--classification",
    type=click.Choice([each.value for each in Classification]),
    help="Only this data classification.",
)
@click.option("--since", metavar="DATE", help="Only decisions from this day on (UTC).")
@click.option("--until", metavar="DATE", help="Only decisions before this day (UTC).")
@click.option("--format", "form", type=click.Choice(["text", "html"]), default="text", show_default=True)
@click.option("--output", "-o", type=PATH, help="Write here instead of standard output.")
@click.option("--index", "index_path", type=PATH, help="Keep the index in this file.")
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), help="Folder that remembers checkpoints.")
def command(
    question: str,
    store: str | None,
    root: str | None,
    controls: tuple[str, ...],
    service: str | None,
    environment: str | None,
    tier: str | None,
    classification: str | None,
    since: str | None,
    until: str | None,
    form: str,
    output: Path | None,
    index_path: Path | None,
    state: Path | None,
) -> int:
    """Answer QUESTION, such as "encryption at rest for restricted data", with policy, input, verdict and proof.

    Options ask the same by control, service, environment or dates, and win over the sentence. What the evidence does
    not show comes first. Everything is verified under the trust root on the way, and every decision that is shown is
    decided again. Exit code 0 when decisions were found, whatever their verdicts, and all came out the same; 2
    otherwise.
    """
    import msgspec

    from gateproof import wiring
    from gateproof.answers import Index, Question, answer, ask, check_date, update
    from gateproof.errors import UsageError

    if not question and not controls:
        raise click.UsageError('ask a QUESTION, such as "encryption at rest for restricted data", or give --control')
    given = {
        "service": service,
        "environment": Environment(environment) if environment else None,
        "tier": Tier(tier) if tier else None,
        "classification": Classification(classification) if classification else None,
        "since": check_date(since, "--since") if since else None,
        "until": check_date(until, "--until") if until else None,
    }
    place = evidence_store(store)
    evidence = wiring.open_evidence(place, root, state)
    origin = evidence.reader.view.checkpoint.origin
    with destination(output) as deliver, Index(str(index_path or ":memory:"), origin) as index:
        update(index, evidence.reader)
        known = _catalog(controls)
        asked = ask(question, controls, index.services(), known)
        asked = msgspec.structs.replace(asked, **{name: value for name, value in given.items() if value})
        if asked == Question(text=asked.text, topic=asked.topic):
            raise UsageError(
                "nothing of the question is understood: no control, service, environment, data or date",
                hint="ask by control (`gateproof controls WORDS` finds them) or with the options; see --help",
            )
        found = answer(asked, index, evidence.reader, store=place, now=wiring.now(), catalog=known)
        unlike = tuple(_unlike(found, evidence.reader))
        found = msgspec.structs.replace(found, gaps=(*unlike, *found.gaps))
        evidence.remember()
        deliver(_rendered(found, form))
    if output:
        click.echo(f"answered in {output}", err=True)
    return EXIT_OK if found.exhibits and not unlike else EXIT_UNDECIDED


def _catalog(controls: tuple[str, ...]) -> Catalog | None:
    """The catalogue with the frameworks of gateproof.yaml, where a control is asked for that is not shipped.

    An auditor need not have that file, and all else is asked without it.
    """
    from gateproof import wiring
    from gateproof.catalog.frameworks import spelled

    return None if all(map(spelled, controls)) else wiring.configured_catalog()


def _unlike(found: Answer, reader: Reader) -> Iterator[str]:
    """The decisions that are shown and come out otherwise when they are decided again.

    That the key signed them is no proof that they are what the policies say.
    """
    from gateproof.errors import GateproofError
    from gateproof.flow import replay

    for exhibit in found.exhibits:
        record = exhibit.record
        name = f"{record.name} (entry {record.entry})"
        try:
            replayed = replay(reader, record.entry)
        except GateproofError as error:
            yield f"{name} cannot be decided again: {error.message}"
            continue
        if not replayed.same:
            now = replayed.decision.verdict
            yield (
                f"{name} is signed as {record.verdict} and comes out as {now}, with other bytes, when it is decided"
                f" again: it was made by {record.core.tool}, and is false unless that version decided otherwise"
            )


def _rendered(found: Answer, form: str) -> str:
    if form == "html":
        from gateproof.render.answer_html import render
    else:
        from gateproof.render.answer_text import render
    return render(found)
