"""Write what is read of the built-in policies at start: their index, and programs that are compiled already.

Usage: python tools/pack.py

``src/gateproof/policies/pack.json`` is the index; ``src/gateproof/engines/programs`` has the programs of the policies
that judge where nobody has chosen.
"""

from __future__ import annotations

from pathlib import Path

from gateproof import rego
from gateproof.catalog import pack
from gateproof.documents import canonical
from gateproof.engines import programs
from gateproof.engines.rego import library, sources_of

PROGRAMS = Path(programs.__file__).parent


def generate() -> bytes:
    """The index for the policies as they stand in the source tree."""
    files = sorted(file for file in pack.POLICIES.glob("*/*.rego") if file.parent.name != "lib")
    sources = {file.relative_to(pack.POLICIES).as_posix(): file.read_text(encoding="utf-8") for file in files}
    return pack.index(pack.load(sources) if sources else ())


def compiled() -> dict[Path, str]:
    """The modules of programs for the policies of the index."""
    written = {}
    for policy in pack.builtin(pack.STARTER):
        sources = sources_of(policy)
        modules = {source.name: source.text for source in sources}
        program = rego.compile(modules, library=library(modules))
        digest = canonical.digest_of((sources, False))
        written[PROGRAMS / f"{programs.module(policy.id)}.py"] = programs.text(policy.id, digest, program)
    return written


if __name__ == "__main__":
    pack.INDEX.write_bytes(generate())
    for path, text in compiled().items():
        path.write_text(text, encoding="utf-8")
    print(f"wrote {pack.INDEX.name}: {len(pack.builtin())} policies")  # noqa: T201 - a tool says what it did
