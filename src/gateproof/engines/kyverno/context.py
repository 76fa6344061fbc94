"""Context entries: variables of a rule that are computed, or are known from outside.

What is known from outside comes from Facts and from the manifests that are judged together, never from a network:
ConfigMaps from the manifests and from the snapshot of a cluster; answers of API servers and of registries, and global
context, from the fact ``kyverno-context``. Entries are loaded when an expression first speaks of them; what is not
there makes the rule an error, unless the entry has a default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from gateproof.engines.kyverno.answers import Request
from gateproof.engines.kyverno.jmespath import JmespathError, compile
from gateproof.engines.kyverno.scope import Load, Scope, UnansweredError, VariableError
from gateproof.engines.kyverno.variables import Document, TemplateError, compile_document

_KINDS = ("variable", "configMap", "apiCall", "globalReference", "imageRegistry")
_RESERVED = re.compile(r"request|serviceAccountName|serviceAccountNamespace|element(Index)?[0-9]*|images?|target|@")
_VARIABLE_KEYS = {"value", "jmesPath", "default"}
_CALL_KEYS = {"urlPath", "method", "data", "service", "jmesPath", "default"}
_NO_TEXT = Document("")
_NAMESPACED_PATH = re.compile(r"/apis?/.*?/namespaces/([^/]+)(?:/.*)?")


class ContextError(ValueError):
    """A context entry that cannot be read; the message says why."""


Entry = tuple[str, Load]
"""A variable and what loads it."""


def read_entries(raw: Any, namespace: str | None) -> tuple[Entry, ...]:
    """Read ``context``; ``namespace``: that of a Policy, which may look at no other. Raises ContextError."""
    if raw is None:
        return ()
    if not isinstance(raw, list):
        raise ContextError("context is a list of entries")
    return tuple(_entry(one, namespace) for one in raw)


def _entry(raw: Any, namespace: str | None) -> Entry:
    name = raw.get("name") if isinstance(raw, dict) else None
    kinds = [kind for kind in _KINDS if isinstance(raw, dict) and raw.get(kind) is not None]
    if not isinstance(name, str) or not name or len(kinds) != 1 or raw.keys() - {"name", kinds[0]}:
        raise ContextError(f"a context entry has a name and one of {', '.join(_KINDS)}")
    if _RESERVED.fullmatch(name):
        raise ContextError(f"the name {name!r} of a context entry is one of Kyverno's own")
    body = raw[kinds[0]]
    if not isinstance(body, dict):
        raise ContextError(f"context entry {name}: {kinds[0]} is an object")
    try:
        return name, _READERS[kinds[0]](name, body, namespace)
    except TemplateError as error:
        raise ContextError(f"context entry {name}: {error}") from None


def _known(name: str, body: Mapping[str, Any], keys: set[str]) -> None:
    if unknown := body.keys() - keys:
        raise ContextError(f"context entry {name}: unknown key {min(unknown)!r}")


def _document(body: Mapping[str, Any], key: str) -> Document | None:
    return compile_document(body[key]) if body.get(key) is not None else None


def _text(document: Document, scope: Scope, name: str) -> str:
    text = document.resolve(scope)
    if not isinstance(text, str):
        raise VariableError(f"context entry {name}: {text!r} is no text")
    return text


def _selected(path: str, value: Any, scope: Scope) -> Any:
    """What ``path`` selects of ``value``. Raises VariableError."""
    try:
        expression = compile(path)
        return expression.search(value, scope.ctx)
    except JmespathError as error:
        raise VariableError(str(error)) from None


def _variable(name: str, body: Mapping[str, Any], _: str | None) -> Load:
    _known(name, body, _VARIABLE_KEYS)
    path, value, default = (_document(body, key) for key in ("jmesPath", "value", "default"))

    def load(scope: Scope) -> Any:
        query = _text(path, scope, name) if path else ""
        otherwise = default.resolve(scope) if default else None
        found = otherwise
        if value:
            found = value.resolve(scope)
        if query:
            try:
                selected = _selected(query, found, scope) if value else scope.query_text(query)
            except UnansweredError:
                raise
            except VariableError:
                if otherwise is None:
                    raise
                selected = otherwise
            found = selected if value or selected is not None else otherwise
        if found is None:
            raise VariableError(f"context entry {name} is null")
        return found

    return load


def _config_map(name: str, body: Mapping[str, Any], namespace: str | None) -> Load:
    _known(name, body, {"name", "namespace"})
    of_name, of_namespace = _document(body, "name") or _NO_TEXT, _document(body, "namespace") or _NO_TEXT

    def load(scope: Scope) -> Any:
        where = _text(of_namespace, scope, name) or namespace or "default"
        if namespace is not None and where != namespace:
            raise UnansweredError(f"context entry {name}: a Policy of {namespace} may not read ConfigMaps of {where}")
        return scope.answers.config_map(where, _text(of_name, scope, name))

    return load


def _api_call(name: str, body: Mapping[str, Any], namespace: str | None) -> Load:
    _known(name, body, _CALL_KEYS)
    method = body.get("method") or "GET"
    if method not in ("GET", "POST"):
        raise ContextError(f"context entry {name}: the method {method!r} is neither GET nor POST")
    service = body.get("service")
    if (service is None) == (not body.get("urlPath")):
        raise ContextError(f"context entry {name}: apiCall has one of urlPath and service")
    url = compile_document(service.get("url") if isinstance(service, dict) else body.get("urlPath"))
    sent_with = body.get("data") or []
    if not isinstance(sent_with, list) or not all(isinstance(one, dict) for one in sent_with):
        raise ContextError(f"context entry {name}: data is a list of keys and values")
    data = [(str(one.get("key")), compile_document(one.get("value"))) for one in sent_with]
    path, default = _document(body, "jmesPath"), body.get("default")

    def load(scope: Scope) -> Any:
        where = _text(url, scope, name)
        if namespace is not None and not _is_within(where, namespace):
            raise UnansweredError(f"context entry {name}: a Policy of {namespace} may not ask for {where}")
        sent = {key: value.resolve(scope) for key, value in data} if method == "POST" else None
        try:
            answer = scope.answers.api(Request(method, where, sent))
        except VariableError:
            if default is None:
                raise
            return default
        return _selected(_text(path, scope, name), answer, scope) if path else answer

    return load


def _is_within(url: str, namespace: str) -> bool:
    found = _NAMESPACED_PATH.fullmatch(url)
    return found is not None and ".." not in url and found[1] == namespace


def _global_reference(name: str, body: Mapping[str, Any], _: str | None) -> Load:
    _known(name, body, {"name", "jmesPath"})
    of_name, path = _document(body, "name") or _NO_TEXT, _document(body, "jmesPath")

    def load(scope: Scope) -> Any:
        value = scope.answers.global_context(_text(of_name, scope, name))
        return _selected(_text(path, scope, name), value, scope) if path else value

    return load


def _image_registry(name: str, body: Mapping[str, Any], _: str | None) -> Load:
    _known(name, body, {"reference", "jmesPath", "imageRegistryCredentials"})
    reference, path = _document(body, "reference") or _NO_TEXT, _document(body, "jmesPath")

    def load(scope: Scope) -> Any:
        value = scope.answers.image(_text(reference, scope, name))
        return _selected(_text(path, scope, name), value, scope) if path else value

    return load


_READERS: dict[str, Callable[[str, Mapping[str, Any], str | None], Load]] = {
    "apiCall": _api_call,
    "configMap": _config_map,
    "globalReference": _global_reference,
    "imageRegistry": _image_registry,
    "variable": _variable,
}
