"""Parts of YAML files as sources: each name once, and every line where it was."""

from __future__ import annotations

import pytest

from gateproof.catalog.policy import Source
from gateproof.catalog.streams import joined
from gateproof.documents import Format, read


def documents(text: str) -> list[object]:
    return [document.value for document in read(text.encode(), Format.YAML)]


def test_names_of_their_own_stay_as_they_are() -> None:
    sources = (Source("b", "x: 1\n"), Source("a", "\n\nw: 1\n"))
    assert joined(sources) == sources


@pytest.mark.parametrize(
    "parts",
    [
        ("a: 1\n", "\n\nb: 2\n"),
        ("a: 1\n", "\n # said\nb: 2\n"),
        ("a: 1\nc: 3\n", "\n\n\n\n\n\nb: 2\n"),
        ("\n\n\na: 1\n", "\n\n\n\n\nb: 2\n", "\n\n\n\n\n\n\nd: 2\n"),
    ],
    ids=["next", "beside the dashes", "after a gap", "three"],
)
def test_parts_of_a_file_keep_their_lines(parts: tuple[str, ...]) -> None:
    [source] = joined(Source("a", text) for text in reversed(parts))
    assert documents(source.text) == [one for part in parts for one in documents(part)]
    lines = source.text.split("\n")
    for part in parts:
        for number, line in enumerate(part.split("\n")):
            assert not line or lines[number] in (line, f"---{line}")


def test_files_of_one_name_keep_their_documents() -> None:
    [source] = joined([Source("a", "x: 1\nw: 2\n"), Source("a", "z: 3\n"), Source("a", "z: 3\n")])
    assert documents(source.text) == [{"x": 1, "w": 2}, {"z": 3}]
