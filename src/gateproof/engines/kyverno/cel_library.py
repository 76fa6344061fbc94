"""What Kyverno's CEL has that an API server's has not: functions that depend on their operands, and lookups in facts.

Lookups are methods of variables: ``resource.get``, ``globalContext.get``, ``image.GetMetadata`` and ``time.now`` are
answered by what ``variables`` binds. What asks the network (``http``), gives another answer each time (``random``) or
is not known here is not declared, and so refused by name (https://kyverno.io/docs/policy-types/cel-libraries/).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from gateproof import cel
from gateproof.documents.instants import instant
from gateproof.documents.interface import Format
from gateproof.documents.reading import read
from gateproof.engines.kyverno import image_reference
from gateproof.engines.kyverno.answers import Answers, Request
from gateproof.engines.kyverno.scope import VariableError
from gateproof.errors import DocumentError
from gateproof.inputs.api_resources import resource_of

_ACCOUNT = "system:serviceaccount:"
_NANOSECONDS = 10**9
_ZERO_TIME = -62135596800 * _NANOSECONDS
"""The year 1, from which Go counts when it truncates."""
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class Image(cel.Opaque, frozen=True):
    """A reference to an image as a value."""

    cel_type: ClassVar[str] = "kyverno.image"
    reference: image_reference.ImageReference


class Library(cel.Opaque, frozen=True):
    """A variable whose methods, by their names in lower case, are a library."""

    cel_type: ClassVar[str] = "kyverno.library"
    methods: Mapping[str, Callable[..., Any]]


class Served(cel.Opaque, frozen=True):
    """``resource.ToGVR(…)``: apiVersion and resource."""

    cel_type: ClassVar[str] = "kyverno.gvr"
    version: str
    resource: str


def variables(answers: Answers, now: str, namespace: str | None = None) -> dict[str, Any]:
    """The variables of libraries, which answer from ``answers`` and ``now`` (RFC 3339 UTC).

    ``namespace``: of a namespaced policy, which looks up nothing elsewhere, and so does not say where.
    """
    own: tuple[Any, ...] = () if namespace is None else (namespace,)

    def get(*args: Any) -> Any:
        version, resource, *rest = _served(args)
        where, name = (*own, *rest)
        return _get(answers, version, resource, _text(where), _text(name))

    def several(*args: Any) -> Any:
        version, resource, *rest = _served(args)
        labels = rest.pop() if rest and isinstance(rest[-1], dict) else {}
        (where,) = (*own, *rest) or ("",)
        return _list(answers, version, resource, _text(where), labels)

    def served(version: Any, kind: Any) -> Served:
        return Served(_text(version), resource_of(_text(version).rpartition("/")[0], _text(kind)).plural)

    def entry(name: Any, projection: Any = "") -> Any:
        return _found(answers.global_context, f"{_text(name)}.{projection}" if projection else _text(name))

    return {
        "resource": Library({"get": get, "list": several, "togvr": served}),
        "globalContext": Library({"get": entry}),
        "image": Library({"getmetadata": lambda reference: _found(answers.image, _text(reference))}),
        "time": Library(
            {
                "now": lambda: cel.Timestamp(int(instant(now).timestamp()) * _NANOSECONDS),
                "truncate": _truncate,
                "tocron": _to_cron,
            }
        ),
        "json": Library({"marshal": _marshal, "unmarshal": _unmarshal}),
        "yaml": Library({"parse": _parse_yaml}),
        "exceptions": {"allowedImages": [], "allowedValues": []},
    }


def _method(name: str) -> cel.Function:
    def call(target: Any, *args: Any) -> Any:
        method = target.methods.get(name.lower()) if isinstance(target, Library) else None
        if method is None:
            raise cel.EvaluationError("no such overload")
        try:
            return method(*args)
        except (TypeError, ValueError):
            raise cel.EvaluationError("no such overload") from None

    return cel.Function(call)


def _of_image(part: Callable[[image_reference.ImageReference], Any]) -> cel.Function:
    def call(target: Any) -> Any:
        if not isinstance(target, Image):
            raise cel.EvaluationError("no such overload")
        return part(target.reference)

    return cel.Function(call, (1,))


def _parse_image(text: Any) -> Image:
    found = image_reference.parse(_text(text))
    if found is None:
        raise cel.EvaluationError(f"could not parse reference: {text}", hint="write registry/repository:tag")
    return Image(found)


def _hashed(name: str) -> cel.Function:
    return cel.Function(lambda text: hashlib.new(name, _text(text).encode(), usedforsecurity=False).hexdigest(), (1,))


def _round(number: Any, digits: Any) -> float:
    if type(number) is not float or type(digits) is not int or abs(digits) > 300:
        raise cel.EvaluationError("no such overload")
    shift = 10.0**digits
    scaled = abs(number * shift)
    # Go rounds halves away from zero.
    whole = int(scaled) + (scaled - int(scaled) >= 0.5) if scaled < 2**53 else scaled
    return (whole if number >= 0 else -whole) / shift


def _objects_to_map(keys: Any, values: Any, key: Any, value: Any) -> dict[str, Any]:
    if not isinstance(keys, list) or not isinstance(values, list) or len(keys) != len(values):
        raise cel.EvaluationError("listObjToMap needs two lists of one length")
    if not all(isinstance(one, dict) for one in (*keys, *values)):
        raise cel.EvaluationError("listObjToMap needs lists of maps")
    return {_text(one.get(key)): other.get(value) for one, other in zip(keys, values, strict=True)}


def _service_account(text: Any) -> dict[str, str]:
    user = _text(text)
    namespace, separator, name = user.removeprefix(_ACCOUNT).partition(":")
    known = user.startswith(_ACCOUNT) and separator
    return {"Namespace": namespace if known else "", "Name": name if known else ""}


def _truncate(when: Any, span: Any) -> cel.Timestamp:
    if type(when) is not cel.Timestamp or type(span) is not cel.Duration:
        raise cel.EvaluationError("no such overload")
    return when if span.nanos <= 0 else cel.Timestamp(when.nanos - (when.nanos - _ZERO_TIME) % span.nanos)


def _to_cron(when: Any) -> str:
    if type(when) is not cel.Timestamp:
        raise cel.EvaluationError("no such overload")
    at = datetime.fromtimestamp(when.nanos // _NANOSECONDS, UTC)
    return f"{at.minute} {at.hour} {at.day} {at.month} {at.isoweekday() % 7}"


def _marshal(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError):
        raise cel.EvaluationError("the value has no form in JSON", hint="convert what is no JSON type") from None
    return "".join(_ESCAPES.get(character, character) for character in text)


def _unmarshal(text: Any) -> Any:
    try:
        return json.loads(_text(text), parse_int=float)
    except (ValueError, RecursionError):
        raise cel.EvaluationError("the text is no JSON", hint="check it before it is read") from None


def _parse_yaml(text: Any) -> Any:
    try:
        documents = read(_text(text).encode(), Format.YAML)
    except DocumentError as error:
        raise cel.EvaluationError(f"the text is no YAML: {error.message}", hint="check it before it is read") from None
    return documents[0].value if documents else None


def _served(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Operands that begin with apiVersion and resource."""
    if type(args[0]) is Served:
        return (args[0].version, args[0].resource, *args[1:])
    return (_text(args[0]), _text(args[1]), *args[2:])


def _get(answers: Answers, version: str, resource: str, namespace: str, name: str) -> Any:
    """An object, or null where there are others of its kind and not this one."""
    try:
        return answers.api(Request("GET", f"{_url(version, resource, namespace)}/{name}"))
    except VariableError:
        _found(answers.api, Request("GET", _url(version, resource, "")))
        return None


def _list(answers: Answers, version: str, resource: str, namespace: str, labels: Any) -> Any:
    whole = _found(answers.api, Request("GET", _url(version, resource, "")))
    kept = []
    for one in whole["items"]:
        metadata = one.get("metadata") or {}
        if namespace and metadata.get("namespace") != namespace:
            continue
        found = metadata.get("labels") or {}
        if all(found.get(key) == value for key, value in labels.items()):
            kept.append(one)
    return {**whole, "items": kept}


def _url(version: str, resource: str, namespace: str) -> str:
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    return f"{root}/namespaces/{namespace}/{resource}" if namespace else f"{root}/{resource}"


def _found(look: Callable[[Any], Any], key: Any) -> Any:
    try:
        return look(key)
    except VariableError as error:
        raise cel.EvaluationError(str(error), hint="give the fact that has the answer") from None


def _text(value: Any) -> str:
    if type(value) is not str:
        raise cel.EvaluationError("no such overload")
    return value


VARIABLES = frozenset({"resource", "globalContext", "image", "time", "json", "yaml", "exceptions"})
FUNCTIONS: dict[str, cel.Function] = {
    **{name: _method(name) for name in ("Get", "get", "List", "list", "ToGVR", "toGVR")},
    **{name: _method(name) for name in ("GetMetadata", "getMetadata", "now", "truncate", "toCron")},
    **{name: _method(name) for name in ("marshal", "unmarshal", "parse")},
    **dict.fromkeys(("image", "parseImageReference"), cel.Function(_parse_image, (1,))),
    "isImage": cel.Function(lambda text: image_reference.parse(_text(text)) is not None, (1,)),
    "containsDigest": _of_image(lambda image: bool(image.digest)),
    "registry": _of_image(lambda image: image.registry),
    "repository": _of_image(lambda image: image.repository),
    "identifier": _of_image(lambda image: image.identifier),
    "tag": _of_image(lambda image: image.tag),
    "digest": _of_image(lambda image: image.digest),
    **{f"{prefix}{name}": _hashed(name) for name in ("md5", "sha1", "sha256") for prefix in ("", "hash.")},
    "math.round": cel.Function(_round, (2,)),
    **dict.fromkeys(("listObjToMap", "transform.listObjToMap"), cel.Function(_objects_to_map, (4,))),
    **dict.fromkeys(("parseServiceAccount", "user.parseServiceAccount"), cel.Function(_service_account, (1,))),
}
"""In policies of ``policies.kyverno.io``."""
