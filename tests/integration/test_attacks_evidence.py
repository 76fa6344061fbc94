"""What the holder of the decision key might sign: evidence that verifies, and is not what the policies say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from gateproof.adapters.filesystem import FileSystemStore
from gateproof.flow import Judged
from gateproof.gate.decision import Verdict

from .conftest import Gateproof

if TYPE_CHECKING:
    from tests.conftest import Company


def forged(judged: Judged) -> Judged:
    """The same with a verdict that its own results do not give."""
    core = msgspec.structs.replace(judged.decision.core, verdict=Verdict.ALLOW, reasons=("all is well",))
    return msgspec.structs.replace(judged, decision=msgspec.structs.replace(judged.decision, core=core))


@pytest.mark.parametrize("form", ["text", "html"])
def test_a_signed_verdict_that_its_policies_do_not_give_is_told_first(
    gateproof: Gateproof, company: Company, form: str
) -> None:
    grounds = company.grounds()
    denied = company.judged("change.json", company.plan(site="public-read"), grounds)
    assert denied.decision.verdict is Verdict.DENY
    honest, store = gateproof.folder / "honest", gateproof.folder / "store"
    company.record(FileSystemStore(honest), grounds, denied)
    company.record(FileSystemStore(store), grounds, forged(denied))
    question = ("answer", "--control", "soc2@2017:CC6.1", "--root", company.root.fingerprint, "--format", form)
    ran = gateproof(*question, "--evidence", str(honest))
    assert (ran.code, "comes out as" in ran.out, ran.faults()) == (0, False, [])
    (gateproof.folder.parent / "home" / "state").rename(gateproof.folder / "state")
    ran = gateproof(*question, "--evidence", str(store))
    said = " ".join(ran.out.split())
    assert (ran.code, ran.faults()) == (2, [])
    assert "is signed as ALLOW and comes out as DENY" in said
    assert said.index("comes out as DENY") < said.index("which deployments followed")
