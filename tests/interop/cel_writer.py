"""Random CEL expressions about the variables of :data:`VARIABLES`, most of which compile."""

from __future__ import annotations

import random
from typing import Any

VARIABLES: dict[str, Any] = {
    "object": {
        "metadata": {"name": "web-1", "namespace": "prod", "labels": {"app": "web", "tier": "1", "": "é"}},
        "spec": {
            "replicas": 3,
            "paused": False,
            "ratio": 0.5,
            "containers": [
                {"name": "a", "image": "nginx:1.25", "ports": [80, 443], "limits": {"cpu": "500m", "memory": "1Gi"}},
                {"name": "b", "image": "redis:latest", "ports": [], "privileged": True},
            ],
            "nothing": None,
        },
    },
    "params": {"most": 5, "names": ["a", "web-1"], "range": "10.0.0.0/8"},
}

_FIELDS = {
    "int": ["object.spec.replicas", "params.most", "object.spec.containers[0].ports[1]"],
    "double": ["object.spec.ratio"],
    "string": ["object.metadata.name", "object.metadata.labels.app", "object.spec.containers[1].image", "params.range"],
    "bool": ["object.spec.paused", "object.spec.containers[1].privileged", "has(object.spec.nothing)"],
    "list(string)": ["params.names", "object.spec.containers.map(c, c.name)"],
    "list(int)": ["object.spec.containers[0].ports", "object.spec.containers[1].ports"],
    "map": ["object.metadata.labels", "object.spec.containers[0].limits"],
}
_FAILING = {
    "int": ["object.spec.absent", "object.metadata.name.size", "params.names[7]", "object.spec.nothing"],
    "double": ["object.spec.replicas"],
    "string": ["object.spec.replicas", "object.spec.containers[5].name", "params.absent"],
    "bool": ["object.spec.replicas", "object.absent.absent"],
    "list(string)": ["object.metadata.name", "object.absent"],
    "list(int)": ["object.spec.nothing"],
    "map": ["object.spec.containers", "object.spec.nothing"],
}
_STRINGS = ["", "a", "web", "nginx:1.25", "1.2.3", "500m", "10.1.2.3", "a,b,,c", "Ünï", "https://a.b:80/c?d=e#f", "12"]
_KINDS = list(_FIELDS)


class Writer:
    """Writes expressions. ``failing``: some of them have errors, absorbed or not."""

    def __init__(self, seed: int, *, failing: bool) -> None:
        self._random = random.Random(seed)  # noqa: S311 - sample expressions
        self._failing = failing
        self._variables: list[tuple[str, str]] = []
        self._count = 0

    def expression(self) -> str:
        """The next expression."""
        self._variables.clear()
        return self._of(self._random.choice(_KINDS), 4)

    def _of(self, kind: str, depth: int) -> str:
        chance = self._random.random()
        if depth <= 0 or chance < 0.15:
            return self._leaf(kind)
        if chance < 0.22:
            return f"({self._of('bool', depth - 1)} ? {self._of(kind, depth - 1)} : {self._of(kind, depth - 1)})"
        if self._failing and chance < 0.28:
            return self._random.choice(_FAILING[kind])
        form: str = self._random.choice(_FORMS[kind] + (_FAILING_FORMS.get(kind, []) if self._failing else []))
        return self._filled(form, depth - 1)

    def _filled(self, form: str, depth: int) -> str:
        """A form with its parts: ``<int>`` is any int, ``<V:int:bool>`` a bool that may name an int called V."""
        out = ""
        name = f"x{self._count}"
        self._count += 1
        while "<" in form:
            before, _, rest = form.partition("<")
            part, _, form = rest.partition(">")
            out += before
            if part.startswith("V:"):
                _, variable, kind = part.split(":")
                self._variables.append((name, variable))
                out += self._of(kind, depth)
                self._variables.pop()
            else:
                out += name if part == "V" else {"lt": "<", "gt": ">"}.get(part) or self._of(part, depth)
        return out + form

    def _leaf(self, kind: str) -> str:
        known = [name for name, its in self._variables if its == kind]
        if known and self._random.random() < 0.6:
            return self._random.choice(known)
        if self._random.random() < 0.5:
            return self._random.choice(_FIELDS[kind])
        match kind:
            case "int":
                return str(self._random.choice([0, 1, 2, 3, 7, -1, -5]))
            case "double":
                return str(self._random.choice([0.0, 0.5, 1.0, -2.25, 1e10]))
            case "string":
                return "'" + self._random.choice(_STRINGS) + "'"
            case "bool":
                return self._random.choice(["true", "false"])
            case "list(string)":
                return self._random.choice(["['a', 'b', '']", "['web']", "['b', 'a']"])
            case "list(int)":
                return self._random.choice(["[1, 2, 3]", "[]", "[5]", "[2, 2]"])
        return self._random.choice(["{'a': '1', 'b': 'x'}", "{'app': 'web'}"])


_FORMS: dict[str, list[str]] = {
    "int": [
        "(<int> + <int>)",
        "(<int> - <int>)",
        "size(<string>)",
        "<list(int)>.size()",
        "<string>.indexOf(<string>)",
        "<list(int)>.sum()",
        "int(<double>)",
        "<list(string)>.indexOf(<string>)",
        "cel.bind(<V>, <int>, <V:int:int>)",
        "{'k': <int>}.k",
        "{'k': <int>}.?k.orValue(<int>)",
        "object.?spec.?absent.orValue(<int>)",
        "<list(int)>.lastIndexOf(<int>)",
    ],
    "double": ["(<double> + <double>)", "(<double> * <double>)", "double(<int>)", "math.abs(<double>)"],
    "string": [
        "(<string> + <string>)",
        "string(<int>)",
        "<string>.lowerAscii()",
        "<string>.upperAscii().trim()",
        "<string>.replace(<string>, <string>)",
        "<list(string)>.join(',')",
        "<string>.find('[a-z]+')",
        "'%s-%d'.format([<string>, <int>])",
        "type(<int>) == int ? <string> : ''",
        "<map>.?app.orValue(<string>)",
        "object.?metadata.?labels.?tier.optMap(<V>, <V:string:string>).orValue(<string>)",
        "strings.quote(<string>)",
    ],
    "bool": [
        "(<bool> && <bool>)",
        "(<bool> || <bool>)",
        "!<bool>",
        "(<int> <lt> <int>)",
        "(<int> == <int>)",
        "(<string> != <string>)",
        "(<double> <gt>= <double>)",
        "(<string> <lt>= <string>)",
        "(<string> in <list(string)>)",
        "(<int> in <list(int)>)",
        "(<string> in <map>)",
        "<string>.startsWith(<string>)",
        "<string>.contains(<string>)",
        "<string>.matches('^[a-z]+')",
        "<list(int)>.all(<V>, <V:int:bool>)",
        "<list(string)>.exists(<V>, <V:string:bool>)",
        "<list(int)>.exists_one(<V>, <V:int:bool>)",
        "{'k': <string>}.all(<V>, <V:string:bool>)",
        "{'k': <string>}.exists(k, <V>, k == <string> || <V:string:bool>)",
        "(<list(int)> == <list(int)>)",
        "(<map> == <map>)",
        "isQuantity(<string>)",
        "isIP(<string>) || isCIDR(<string>)",
        "isSemver(<string>, true)",
        "isURL(<string>)",
        "cidr('10.0.0.0/8').containsIP('10.1.2.3') == <bool>",
        "quantity('1Gi').isGreaterThan(quantity('500M').add(<int>))",
        "sets.contains(<list(int)>, <list(int)>)",
        "sets.intersects(<list(string)>, <list(string)>)",
        "format.dns1123Label().validate(<string>).hasValue()",
        "has(object.spec.absent) || <bool>",
        "<list(int)>.isSorted()",
        "duration('1h') <gt> duration('5m') && <bool>",
        "timestamp('2026-11-23T05:00:00Z').getHours() == <int>",
    ],
    "list(string)": [
        "<list(string)>.map(<V>, <V:string:string>)",
        "<list(string)>.filter(<V>, <V:string:bool>)",
        "<string>.split(',')",
        "(<list(string)> + <list(string)>)",
        "<list(int)>.map(<V>, <V:int:string>)",
        "{'k': <string>}.map(<V>, <V:string:string>)",
        "<string>.findAll('[a-z]', 2)",
    ],
    "list(int)": [
        "<list(int)>.map(<V>, <V:int:int>)",
        "<list(int)>.map(<V>, <V:int:bool>, <V:int:int>)",
        "<list(int)>.filter(<V>, <V:int:bool>)",
        "(<list(int)> + <list(int)>)",
        "<list(int)>.transformList(i, <V>, i + <V:int:int>)",
        "<list(int)>.reverse()",
        "<list(string)>.map(<V>, <V:string:int>)",
        "lists.range(3)",
    ],
    "map": ["<map>.transformMap(k, <V>, <V:string:string>)", "{'k': <string>}", "{'k': <string>, ?'l': <map>.?app}"],
}
_FAILING_FORMS: dict[str, list[str]] = {
    "int": [
        "(<int> / <int>)",
        "(<int> % <int>)",
        "(<int> * <int>)",
        "int(<string>)",
        "<list(int)>[<int>]",
        "<list(int)>.max()",
        "<list(int)>.min()",
        "(9223372036854775807 + <int>)",
        "<map>.?a.value().size()",
        "quantity(<string>).asInteger()",
    ],
    "string": [
        "<string>.substring(<int>)",
        "<string>.charAt(<int>)",
        "<map>[<string>]",
        "<list(string)>[<int>]",
        "string(ip(<string>))",
        "url(<string>).getHost()",
    ],
    "bool": [
        "(1 / <int> == 1 || <bool>)",
        "(<bool> && 1 / <int> == 1)",
        "bool(<string>)",
        "<map>[<string>] == <string>",
        "semver(<string>).major() == 1",
    ],
    "double": ["double(<string>)", "(<double> / <double>)"],
    "list(int)": ["<list(int)>.slice(<int>, <int>)"],
    "list(string)": [
        "<list(string)>.sort()",
        "<list(string)>.sortBy(<V>, <V:string:int>)",
        "<list(string)>.distinct()",
        "<list(string)>.slice(<int>, <int>)",
    ],
}
