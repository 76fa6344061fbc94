"""Globs as the Go module gobwas/glob reads them, and puts them together from its parts.

``*`` is any run of characters but delimiters, ``**`` any run, ``?`` one character but a delimiter, ``[abc]``,
``[a-z]`` and ``[!a-z]`` one of (or none of) these, ``{a,b}`` either; ``\\`` takes the meaning from what follows.
"""

from __future__ import annotations

from msgspec.structs import replace

from gateproof.errors import EvaluationError
from gateproof.rego.builtins import glob_matching as match
from gateproof.rego.builtins.glob_matching import Part
from gateproof.rego.builtins.operands import fail
from gateproof.rego.builtins.quoting import well_formed

_MAX_DEPTH = 100
_END = ("", "\0")

Node = tuple[object, ...]
"""An element of a glob: its kind and what it is of. Those of the kinds pattern and any_of are of a tuple of nodes."""


def read(glob: str) -> Node:
    """The elements of ``glob``; raises BuiltinError for what is none."""
    text = well_formed(glob)
    if "\ufffd" in text:
        raise fail("could not read rune")
    return _Reader(text).pattern_of_all()


def size(node: Node) -> int:
    """About how many steps it takes to put ``node`` together."""
    if node[0] not in ("pattern", "any_of"):
        return 1
    children = _children(node)
    own = len(children) ** 3 // 16 if node[0] == "pattern" else len(children)
    return own + sum(size(child) for child in children)


class _Reader:
    """Reads character by character; what is no character ends a text, and between elements the glob."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def pattern_of_all(self) -> Node:
        open_: list[list[list[Node]]] = []  # the alternatives of each brace that is open
        elements: list[Node] = []
        while (char := self._peek()) not in _END:
            if char == "{":
                self.at += 1
                if len(open_) >= _MAX_DEPTH:
                    raise EvaluationError("a glob is nested too deeply", hint="write the alternatives out")
                open_.append([elements, elements := []])
            elif open_ and char == ",":
                self.at += 1
                open_[-1].append(elements := [])
            elif open_ and char == "}":
                self.at += 1
                elements = _closed(open_.pop())
            else:
                self._element(char, elements, in_braces=bool(open_))
        while open_:
            elements = _closed(open_.pop())
        return "pattern", tuple(elements)

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _element(self, char: str, elements: list[Node], *, in_braces: bool) -> None:
        if char == "*":
            is_double = self.text.startswith("**", self.at)
            self.at += 1 + is_double
            elements.append(("super" if is_double else "any",))
        elif char == "?":
            self.at += 1
            elements.append(("single",))
        elif char == "[":
            self.at += 1
            elements.append(self._set())
        elif text := self._text("?*[{},\0" if in_braces else "?*[{\0"):
            elements.append(("text", text))

    def _text(self, breakers: str) -> str:
        """A text up to one of ``breakers``; ``\\`` before one makes it part of the text."""
        found: list[str] = []
        is_escaped = False
        while (char := self._peek()) not in _END:
            if not is_escaped and char == "\\":
                is_escaped = True
                self.at += 1
                continue
            if not is_escaped and char in breakers:
                return "".join(found)
            is_escaped = False
            found.append(char)
            self.at += 1
        self.at += len(char)
        return "".join(found)

    def _taken(self) -> str:
        char = self._peek()
        if char in _END:
            raise fail("unexpected end of input")
        self.at += 1
        return char

    def _set(self) -> Node:
        is_negated = self._peek() == "!"
        self.at += is_negated
        low, high, members = "", "", ""
        char = self._taken()
        if self._peek() == "-":
            self.at += 1
            low, high = char, self._taken()
            if high < low:
                raise fail(f"hi character '{high}' should be greater than lo '{low}'")
        else:
            self.at -= 1
            members = self._text("]")
        if self._taken() != "]":
            raise fail("expected close range character")
        if not low and not members:
            raise fail("could not parse range")
        return ("range", low, high, is_negated) if low else ("list", members, is_negated)


def _closed(alternatives: list[list[Node]]) -> list[Node]:
    """What stood before a brace, with the brace behind it."""
    before, *rest = alternatives
    before.append(("any_of", tuple(("pattern", tuple(elements)) for elements in rest)))
    return before


def _children(node: Node) -> tuple[Node, ...]:
    return node[1]  # type: ignore[return-value]  # of a pattern, or of alternatives


def compiled(node: Node, separators: str) -> Part:
    """The parts that match what ``node`` is; ``separators`` are the delimiters."""
    kind = node[0]
    if kind == "any_of":
        shared = _without_what_is_shared(_children(node))
        if shared is not None:
            return compiled(shared, separators)
        return match.AnyOf(_parts(node, separators))
    if kind == "pattern":
        parts = _parts(node, separators)
        return _simpler(_joined(_glued_where_possible(list(parts)))) if parts else match.Nothing()
    return _simpler(_of_one(node, separators))


def _parts(node: Node, separators: str) -> tuple[Part, ...]:
    return tuple(_simpler(compiled(child, separators)) for child in _children(node))


def _of_one(node: Node, separators: str) -> Part:
    kind, *values = node
    if kind == "text":
        return match.Text(str(values[0]))
    if kind == "any":
        return match.Any(tuple(each.encode() for each in separators))
    if kind == "super":
        return match.Super()
    if kind == "nothing":
        return match.Nothing()
    if kind == "single":
        excluded = frozenset(map(ord, separators))
        return match.One(("single", separators), lambda code: code not in excluded)
    if kind == "list":
        members, is_negated = frozenset(map(ord, str(values[0]))), values[1]
        return match.One(node, lambda code: (code in members) != is_negated)
    low, high, is_negated = ord(str(values[0])), ord(str(values[1])), values[2]
    return match.One(node, lambda code: (low <= code <= high) != is_negated)


def _without_what_is_shared(alternatives: tuple[Node, ...]) -> Node | None:
    """Alternatives that begin or end alike, with what they share before and behind them; None where they do not."""
    left, right = _shared(alternatives)
    if not left and not right:
        return None
    rests = [_children(each)[left : len(_children(each)) - right] for each in alternatives]
    distinct = list(dict.fromkeys(("pattern", rest) if rest else ("nothing",) for rest in rests))
    first = _children(alternatives[0])
    result: list[Node] = [("pattern", first[:left])] if left else []
    if len(distinct) > 1:
        result.append(("any_of", tuple(distinct)))
    elif distinct[0] != ("nothing",):
        result.append(distinct[0])
    if right:
        result.append(("pattern", first[len(first) - right :]))
    return "pattern", tuple(result)


def _shared(alternatives: tuple[Node, ...]) -> tuple[int, int]:
    """How many elements at the beginning and at the end all alternatives have in common."""
    if len(alternatives) < 2:
        return 0, 0
    all_children = [_children(each) for each in alternatives]
    shortest = min(all_children, key=len)
    size = len(shortest)
    left = right = 0
    is_left = is_right = True
    for i in range(size):
        if left + right >= size or not (is_left or is_right):
            break
        j = size - 1 - i
        for children in all_children:
            if children is shortest or not (is_left or is_right):
                continue
            is_left = is_left and children[i] == shortest[i]
            is_right = is_right and (is_left is False or j > i) and children[j + len(children) - size] == shortest[j]
        left += is_left
        right += is_right
    return left, right


def _glued_where_possible(parts: list[Part]) -> list[Part]:
    """``parts`` with the longest runs that are one part glued together, again and again."""
    while True:
        best: Part | None = None
        at, count = 0, 0
        for first in range(len(parts)):
            for end in range(len(parts), first + 1, -1):
                glued = _glued(parts[first:end])
                if glued is None:
                    continue
                if best is None or (-1 < best.length < glued.length) or count < end - first:
                    best, at, count = glued, first, end - first
        if best is None:
            return parts
        parts = [*parts[:at], best, *parts[at + count :]]


def _glued(parts: list[Part]) -> Part | None:
    glued = _of_characters(parts)
    return _row(parts) if glued is None else glued


def _row(parts: list[Part]) -> Part | None:
    if any(part.length < 0 for part in parts):
        return None
    return match.Row(tuple(parts), sum(part.length for part in parts))


def _of_characters(parts: list[Part]) -> Part | None:
    """Stars and single characters in a row, of the same separators: how many characters there are at least."""
    has_any = has_super = False
    least = 0
    separators: str | None = None
    for part in parts:
        if isinstance(part, match.Super):
            own, has_super = "", True
        elif isinstance(part, match.Any):
            own, has_any = b"".join(part.separators).decode(), True
        elif isinstance(part, match.One) and (part.name[0] == "single" or (part.name[0] == "list" and part.name[2])):
            own = str(part.name[1])
            least += 1
        else:
            return None
        if separators is not None and own != separators:
            return None
        separators = own
    separators = separators or ""
    if not least:
        return match.Super() if has_super else match.Any(tuple(each.encode() for each in separators))
    is_open = has_any or has_super
    return match.Between(least, None if is_open else least, separators.encode())


def _joined(parts: list[Part]) -> Part:
    """One part of several: around the last of the longest whose length is known, a tree."""
    if len(parts) == 1:
        return parts[0]
    glued = _glued(parts)
    if glued is not None:
        return glued
    known = [place for place, part in enumerate(parts) if part.length >= 0]
    if not known:
        return _tree(parts[0], None, _joined(parts[1:]))
    at = max(known, key=lambda place: (parts[place].length, place))
    left = _joined(parts[:at]) if at else None
    right = _joined(parts[at + 1 :]) if at + 1 < len(parts) else None
    return _tree(parts[at], left, right)


def _tree(value: Part, left: Part | None, right: Part | None) -> match.Tree:
    lengths = [part.length for part in (value, left, right) if part is not None]
    return match.Tree(value, left, right, -1 if -1 in lengths else sum(lengths))


def _simpler(part: Part) -> Part:
    """What does the same as ``part`` (or, for gobwas, nearly so), and is quicker."""
    if isinstance(part, match.Any) and not part.separators:
        return match.Super()
    if isinstance(part, match.AnyOf) and len(part.parts) == 1:
        return part.parts[0]
    if isinstance(part, match.One) and part.name[0] == "list" and not part.name[2] and len(str(part.name[1])) == 1:
        return match.Text(str(part.name[1]))
    return _simpler_tree(part) if isinstance(part, match.Tree) else part


def _simpler_tree(tree: match.Tree) -> Part:
    left = _simpler(tree.left) if tree.left is not None else None
    right = _simpler(tree.right) if tree.right is not None else None
    value = tree.value
    if not isinstance(value, match.Text):
        return replace(tree, left=left, right=right)
    text = value.text
    if left is None and right is None:
        return value
    if isinstance(left, match.Super) and isinstance(right, match.Super):
        return match.Contains(text, is_absent=False)
    if right is None:
        if isinstance(left, match.Super):
            return match.Suffix(text)
        if isinstance(left, match.Prefix) and not left.separators:
            return match.PrefixSuffix(left.prefix, text)
        if isinstance(left, match.Any):
            return match.SuffixAny(text, left.separators)
    if left is None:
        if isinstance(right, match.Super):
            return match.Prefix(text)
        if isinstance(right, match.Suffix):
            return match.PrefixSuffix(text, right.suffix)
        if isinstance(right, match.Any):
            return match.Prefix(text, right.separators)
    return replace(tree, left=left, right=right)
