"""Service control policies and permission boundaries: statements of IAM, packed into documents that AWS takes.

Limits: 5,120 characters for a service control policy (quotas of AWS Organizations; white space counts when it comes by
the API), 6,144 without white space for a managed policy (quotas of IAM).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from gateproof.errors import UsageError
from gateproof.guardrails.guardrail import AwsGuardrail, Guardrail, Parameters, filled_in

SCP_LIMIT = 5_120
BOUNDARY_LIMIT = 6_144
ATTACHED = 5
"""So many service control policies can be attached to a root, a unit or an account; FullAWSAccess is one of them."""

Statement = dict[str, Any]
Document = dict[str, Any]


def service_control_policies(guardrails: Iterable[Guardrail], parameters: Parameters) -> tuple[Document, ...]:
    """The statements in as few documents as first-fit decreasing needs, each within the limit, always the same.

    Exempt roles are in every statement. Raises UsageError for a statement that is larger than a document.
    """
    statements = [_exempting(each, parameters.except_roles) for each in _statements(guardrails, parameters)]
    bins: list[list[int]] = []
    for index in sorted(range(len(statements)), key=lambda index: (-_size(statements[index]), index)):
        for held in bins:
            if len(compact(_document([statements[each] for each in (*held, index)]))) <= SCP_LIMIT:
                held.append(index)
                break
        else:
            if len(compact(_document([statements[index]]))) > SCP_LIMIT:
                raise UsageError(
                    f"statement {statements[index]['Sid']} alone is larger than {SCP_LIMIT} characters",
                    hint="give fewer regions, tags or exempt roles; wildcards in the names of roles help",
                )
            bins.append([index])
    return tuple(_document([statements[index] for index in sorted(held)]) for held in sorted(map(sorted, bins)))


def permission_boundary(guardrails: Iterable[Guardrail], parameters: Parameters) -> Document:
    """One document that allows everything but what the guardrails deny. Raises UsageError where that is too much."""
    everything = {"Sid": "WhatIsNotDenied", "Effect": "Allow", "Action": "*", "Resource": "*"}
    document = _document([everything, *_statements(guardrails, parameters)])
    if (size := len(compact(document))) > BOUNDARY_LIMIT:
        raise UsageError(
            f"the boundary has {size} characters, and a managed policy at most {BOUNDARY_LIMIT}",
            hint="choose fewer controls with --control; what holds for everybody belongs into a service control policy",
        )
    return document


def compact(document: Document) -> str:
    """The document as text without white space, as it is counted."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _statements(guardrails: Iterable[Guardrail], parameters: Parameters) -> list[Statement]:
    found = []
    for guardrail in guardrails:
        assert isinstance(guardrail, AwsGuardrail)  # noqa: S101 - the kind says so
        statements = filled_in(guardrail.statements, parameters)
        name = "".join(part.capitalize() for part in guardrail.id.split("-"))
        for number, statement in enumerate(statements, 1):
            found.append({"Sid": name + (str(number) if len(statements) > 1 else ""), **statement})
    return found


def _exempting(statement: Statement, roles: Sequence[str]) -> Statement:
    """The statement, but not for these roles. Conditions hold together, so that one more only narrows a denial."""
    if not roles:
        return statement
    conditions = statement.get("Condition", {})
    exempt = conditions.get("ArnNotLike", {}) | {"aws:PrincipalArn": list(roles)}
    return statement | {"Condition": conditions | {"ArnNotLike": exempt}}


def _document(statements: Sequence[Statement]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _size(statement: Statement) -> int:
    return len(compact(statement))
