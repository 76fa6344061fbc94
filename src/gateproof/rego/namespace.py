"""The names that generated code can see: these, the program's own functions and its builtins."""

from __future__ import annotations

from typing import Any

from gateproof.rego import arithmetic, building, documents, runtime
from gateproof.rego.values import UNDEFINED


NAMESPACE: dict[str, Any] = {
    "UNDEFINED": UNDEFINED,
    "agree": building.agree,
    "always": runtime.always,
    "and_": runtime.operator(arithmetic.intersection),
    "at_least": runtime.at_least,
    "at_most": runtime.at_most,
    "charge": runtime.charge,
    "contribute": building.contribute,
    "contribute_member": building.contribute_member,
    "dict": dict,
    "int": int,
    "div_": runtime.operator(arithmetic.div),
    "document": documents.document,
    "get": runtime.get,
    "get_base": runtime.get_base,
    "greater": runtime.greater,
    "items": runtime.items,
    "iterable": runtime.iterable,
    "joined": runtime.joined,
    "key_of": runtime.key_of,
    "len": len,
    "less": runtime.less,
    "list": list,
    "lookup": documents.lookup,
    "made": building.made,
    "member": runtime.member,
    "missed": runtime.missed,
    "minus_": runtime.operator(arithmetic.minus),
    "mocked": runtime.mocked,
    "mul_": runtime.operator(arithmetic.mul),
    "or_": runtime.operator(arithmetic.union),
    "paid": runtime.paid,
    "plus_": runtime.operator(arithmetic.plus),
    "print_": runtime.print_,
    "put": building.put,
    "related": runtime.related,
    "rem_": runtime.operator(arithmetic.rem),
    "rendered": runtime.rendered,
    "replaced": documents.replaced,
    "same": runtime.same,
    "set_of": building.set_of,
    "single": building.single,
    "str": str,
    "type": type,
    "values": runtime.values,
}
