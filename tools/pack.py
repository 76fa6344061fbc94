"""Write ``src/gateproof/policies/pack.json``, the index of the built-in policies that is read at start.

Usage: python tools/pack.py
"""

from __future__ import annotations

from gateproof.catalog import pack


def generate() -> bytes:
    """The index for the policies as they stand in the source tree."""
    files = sorted(file for file in pack.POLICIES.glob("*/*.rego") if file.parent.name != "lib")
    sources = {file.relative_to(pack.POLICIES).as_posix(): file.read_text(encoding="utf-8") for file in files}
    return pack.index(pack.load(sources) if sources else ())


if __name__ == "__main__":
    pack.INDEX.write_bytes(generate())
    print(f"wrote {pack.INDEX.name}: {len(pack.builtin())} policies")  # noqa: T201 - a tool says what it did
