"""Any bytes give documents or a refusal with a place, in every format; what is written is what is read."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateproof.documents import Document, Format, Limits, Path, lines_around, positions, read, sniff
from gateproof.errors import DocumentError

# Tokens, between blanks; "·" stands for a blank itself, "¶" for a line end, "→" for a tab.
SYNTAX = {
    Format.JSON: r'{ } [ ] " , : \ \u d800 1 e - . null true · ¶',
    Format.YAML: r"""- -· :· ?· & * &a· *a <<:· !!int· !!binary· !!merge· !!float· !!null· !x· !· | > + # % { } [ ] " '
        , \ ¶ ¶·· ¶---¶ ... 1 0x . _ e ~ a →""",
    Format.TOML: r"""[ ] [[ ]] { } = " ' ''' . , # ¶ a b 1 - inf · \ 2026-01-01 12:00:00""",
    Format.HCL: r"""{ } [ ] ( ) = " ${ %{ $${ <<A¶ <<-A¶ A¶ . , # /* */ ¶ a b· 1 - ! · \ ? : ~ for· in· if· else endif
        null true""",
    Format.DOCKERFILE: r"""FROM·a¶ RUN· ENV· ONBUILD· HEALTHCHECK· COPY· CMD· LABEL· SHELL· ARG· ¶ \¶ #·escape=`¶ # `¶
        <<A A¶ [ ] " ' , --x= = a · → \ """,
}
STAND_INS = str.maketrans({"·": " ", "¶": "\n", "→": "\t"})


def inputs(format: Format) -> st.SearchStrategy[bytes]:
    tokens = [token.translate(STAND_INS) for token in SYNTAX[format].split()]
    text = st.one_of(st.text(), st.lists(st.sampled_from(tokens), max_size=40).map("".join))
    encodings = st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
    encoded = st.tuples(text, encodings).map(lambda pair: pair[0].encode(pair[1], "replace"))
    return st.one_of(st.binary(), encoded)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def paths_of(value: Any, path: Path = ()) -> list[Path]:
    found = [path]
    if isinstance(value, dict):
        for key, child in value.items():
            found += paths_of(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            found += paths_of(child, (*path, index))
    return found


@pytest.mark.parametrize("format", list(Format))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_bytes_are_read_or_refused(format: Format, data: st.DataObject) -> None:
    raw = data.draw(inputs(format))
    sniff(raw, None)
    documents: tuple[Document, ...] = ()
    refusal: DocumentError | None = None
    try:
        documents = read(raw, format, limits=Limits(max_depth=20, max_nodes=500))
    except DocumentError as error:
        refusal = error
    assert refusal is None or (refusal.hint and refusal.message)
    for document in documents:
        json.dumps(document.value, allow_nan=False).encode()
        requests = [(document.index, path) for path in paths_of(document.value)]
        for at in positions(raw, format, requests).values():
            assert at.line >= 1
            assert at.column >= 1
            assert lines_around(raw, at)


@given(value=VALUES, indent=st.sampled_from([None, 1, 4]), ascii_only=st.booleans())
@settings(deadline=None)
def test_json_is_read_as_it_was_written(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    (document,) = read(text.encode(), Format.JSON)
    assert document.value == json.loads(text)
    places = positions(text.encode(), Format.JSON, [(0, path) for path in paths_of(value)])
    lines = text.split("\n")
    for (_, path), at in places.items():
        rest = lines[at.line - 1][at.column - 1 :]
        if path and isinstance(path[-1], str):
            assert rest.startswith(json.dumps(path[-1], ensure_ascii=ascii_only) + ":")
        else:
            leaf = value
            for step in path:
                leaf = leaf[step]
            if not isinstance(leaf, dict | list):
                assert rest.startswith(json.dumps(leaf, ensure_ascii=ascii_only))


@given(value=st.dictionaries(st.text(), VALUES, min_size=1, max_size=4))
@settings(deadline=None)
def test_yaml_is_read_as_json_would_be(value: Any) -> None:
    """Strings, null, booleans and structure survive a writer that quotes; numbers are the table's affair."""
    plain = json.loads(json.dumps(value), parse_int=str, parse_float=str)
    text = yaml.safe_dump(plain, default_style='"', allow_unicode=True)
    (document,) = read(text.encode(), Format.YAML)
    assert document.value == plain
    keys = [(0, path) for path in paths_of(plain) if path and isinstance(path[-1], str)]
    lines = text.split("\n")
    for at in positions(text.encode(), Format.YAML, keys).values():
        assert lines[at.line - 1][at.column - 1] == '"'


@given(st.integers(1, 10**12), st.sampled_from(["e", "E", "e+", "E+0"]), st.integers(0, 400))
def test_no_number_becomes_infinite(digits: int, mark: str, exponent: int) -> None:
    raw = f"[{digits}{mark}{exponent}]".encode()
    try:
        (document,) = read(raw, Format.JSON)
    except DocumentError:
        assert float(raw[1:-1]) == float("inf")
    else:
        assert document.value == [float(raw[1:-1])]
        assert document.value != [float("inf")]


def members(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    names = st.sampled_from(['"a"', '"<"', r'"\u003c"', r'"\\u003c"', r'"\":"', '"é"', r'"\u00e9"'])
    pairs = st.tuples(names, st.sampled_from([":", ":", " :"]), inner).map("".join)
    return st.lists(pairs, max_size=3).map(lambda found: "{" + ",".join(found) + "}")


# Members that are there twice, numbers of every spelling, and what some writers escape and others do not.
COMPACT: st.SearchStrategy[str] = st.recursive(
    st.sampled_from(
        ["1", "-0", "1.0", "0.1", "1e5", "1e400", "-1E+999", "null", r'"\ud800"', r'"<\u0026"', '"é"', "x"]
    ),
    lambda inner: members(inner) | st.lists(inner, max_size=3).map(lambda found: "[" + ",".join(found) + "]"),
    max_leaves=10,
)


@given(COMPACT, st.sampled_from(["", "\n", " x", "{}"]))
def test_a_json_document_is_read_in_one_way_whatever_its_size_and_writer(text: str, end: str) -> None:
    def outcome(raw: bytes) -> object:
        try:
            (document,) = read(raw, Format.JSON)
        except DocumentError as error:
            return (str(error), error.hint)
        assert document.text in (b"", msgspec.json.encode(document.value))
        return repr(document.value)

    raw = (text + end).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateproof.documents.json_reader._as_written", lambda _: None)
        strictly = outcome(raw)
    assert outcome(raw) == strictly
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateproof.documents.json_reader._LARGE", 0)
        assert outcome(raw) == strictly
