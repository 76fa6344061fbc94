"""Bytes → Input. The kind is told by what the documents say, never by a file's name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from gateproof.catalog.policy import InputKind
from gateproof.documents import Document, Format, collector, read, sniff
from gateproof.errors import DocumentError, GateproofError, InputError
from gateproof.inputs import admission, kubernetes
from gateproof.inputs.input import Input, Remark, Resource, Subject
from gateproof.inputs.plan import SHOW, check, is_plan, what_else
from gateproof.inputs.redact import Redactor


def parse(raw: bytes) -> Input:
    """Read ``raw`` as a Terraform plan, Kubernetes manifests, an AdmissionReview, a workflow of GitHub Actions or a
    Dockerfile.

    Values that are sensitive are replaced by commitments.

    Pure, and never raises for bad bytes: what cannot be judged gives an Input of kind UNKNOWN whose ``problem`` says
    what was found, where, and what to do next. A file's name is no part of it: the same bytes give the same Input.
    """
    hashed = hashlib.sha256(raw)
    subject = Subject(InputKind.UNKNOWN, f"sha256:{hashed.hexdigest()}", len(raw))
    try:
        with collector.paused():
            try:
                return _read(raw, subject, Redactor(hashed))
            except (DocumentError, _ForeignError):
                # Tried last, since little text is no Dockerfile: what is anything else has been told before.
                if sniff(raw, None) is not Format.DOCKERFILE:
                    raise
                return _dockerfile(raw, subject)
    except GateproofError as error:
        hint = _advice(raw) or error.hint
        problem = f"{error} ({hint})" if hint else str(error)
        return Input(subject, problem=problem, foreign=isinstance(error, _ForeignError))


def resources(subject: Input) -> tuple[Resource, ...]:
    """The resources of an input as policies see them; see ``terraform.resources`` and ``kubernetes.resources``.

    Their addresses differ: where an input names two alike, the later ones carry their count. Made when first asked for
    and kept with the Input; nothing in them may be changed. Empty when there are no documents. Raises LimitError when
    the references of a plan multiply beyond all measure.
    """
    made = vars(subject)
    if "resources" not in made:
        with collector.paused():
            made["resources"] = _distinct(_resources(subject))
    found: tuple[Resource, ...] = made["resources"]
    return found


def decode(encoded: bytes) -> Input:
    """``Input.encoded`` → the same Input, with the same encoding. Raises DocumentError when it is no such thing."""
    try:
        with collector.paused():
            decoded = msgspec.json.decode(encoded, type=Input)
            match decoded.subject.kind:
                case InputKind.TERRAFORM_PLAN:
                    check(*decoded.documents)
                case InputKind.GITHUB_WORKFLOW:
                    from gateproof.inputs import workflows

                    _one(decoded, workflows.is_workflow)
                case InputKind.DOCKERFILE:
                    from gateproof.inputs import dockerfiles

                    _one(decoded, dockerfiles.is_dockerfile)
                case _ if not all(map(kubernetes.is_object, decoded.documents)):
                    raise DocumentError("a document in it is no Kubernetes object")
                case _:
                    admission.check(decoded)
            return decoded
    except (msgspec.DecodeError, RecursionError, TypeError, UnicodeError, GateproofError) as error:
        raise DocumentError(
            f"the stored input cannot be read: {error}", hint="check the evidence store with `gateproof log fsck`"
        ) from None


def _read(raw: bytes, subject: Subject, redactor: Redactor) -> Input:
    stream = _stream(raw)
    documents = [document.value for document in stream]
    planned = any(map(is_plan, documents))
    manifests = any(map(kubernetes.is_object, documents))
    if planned and manifests:
        raise InputError("it is a Terraform plan and Kubernetes manifests at once", hint="pass them one by one")
    if manifests and any(map(admission.is_review, documents)):
        if len(documents) > 1:
            raise InputError("an AdmissionReview is judged alone", hint="pass them one by one")
        subject = msgspec.structs.replace(subject, kind=InputKind.KUBERNETES)
        return admission.read(stream[0], subject, redactor)
    if manifests:
        objects, places, notes = kubernetes.read(stream, redactor)
        subject = msgspec.structs.replace(subject, kind=InputKind.KUBERNETES)
        return Input(subject, objects, redactor.redactions, notes, places)
    if not planned and len(documents) == 1 and (workflow := _workflow(documents[0])) is not None:
        subject = msgspec.structs.replace(subject, kind=InputKind.GITHUB_WORKFLOW)
        remarks = tuple(Remark(0, note.path, note.message) for note in stream[0].notes)
        return Input(subject, (workflow,), remarks=remarks)
    if not planned:
        raise _unknown(documents)
    if stream[0].format is not Format.JSON:
        raise InputError("it looks like a Terraform plan, but Terraform writes plans as one JSON document", hint=SHOW)
    from gateproof.inputs import terraform

    subject = msgspec.structs.replace(subject, kind=InputKind.TERRAFORM_PLAN)
    plan = terraform.read(documents[0], subject, redactor)
    if not plan.redactions:
        plan.know_text(stream[0].text)
    return plan


def _workflow(document: Any) -> dict[str, Any] | None:
    from gateproof.inputs import workflows

    return workflows.named(document) if workflows.is_workflow(document) else None


def _dockerfile(raw: bytes, subject: Subject) -> Input:
    from gateproof.inputs import dockerfiles

    (document,) = read(raw, Format.DOCKERFILE)
    if not dockerfiles.is_dockerfile(document.value):
        raise InputError("it is a Dockerfile without FROM", hint="pass the whole file")
    return Input(msgspec.structs.replace(subject, kind=InputKind.DOCKERFILE), (document.value,))


def _one(decoded: Input, fits: Callable[[object], bool]) -> None:
    if len(decoded.documents) != 1 or not fits(decoded.documents[0]):
        raise DocumentError(f"it is no {decoded.subject.kind}")


def _stream(raw: bytes) -> tuple[Document, ...]:
    """Read JSON or YAML, told apart by the bytes alone, in any encoding.

    What starts like a JSON object is read as strictly as JSON is, unless lines of dashes, which JSON cannot hold, make
    it a YAML stream.
    """
    start = raw[:4096].translate(None, b"\x00\xef\xbb\xbf\xff\xfe \t\r\n")[:2]
    if start not in (b'{"', b"{}"):
        return read(raw, Format.YAML)
    try:
        return read(raw, Format.JSON)
    except DocumentError:
        if b"\n---" not in raw:
            raise
    return read(raw, Format.YAML)


def _advice(raw: bytes) -> str:
    """The next step for what is often passed by mistake and could not be read; empty when it is none of that."""
    if raw.startswith(b"PK\x03\x04"):
        return f"an archive is not judged; if it is a saved Terraform plan, {SHOW}"
    if raw.startswith(b'{"@level"'):
        return f"this is a log that Terraform printed: {SHOW}"
    format = sniff(raw, None)
    if format is not Format.JSON and b"{{" in raw[:65536]:
        return "templates are not judged, what they render is: pass what `helm template` prints"
    if format is Format.HCL:
        return f"Terraform source is not judged, its plan is: {SHOW}"
    if format is Format.TOML:
        return f"files like this one ({format}) are not judged: pass a Terraform plan or Kubernetes manifests"
    return ""


class _ForeignError(InputError):
    """The documents were read, and are nothing that is judged."""


def _unknown(documents: list[Any]) -> InputError:
    if not documents:
        return _ForeignError(
            "it is empty: there is nothing to judge", hint="check the command that should have written it"
        )
    found = next((text for document in documents if isinstance(document, dict) and (text := what_else(document))), "")
    return _ForeignError(
        found or "it is neither a Terraform plan, Kubernetes manifests, a workflow of GitHub Actions nor a Dockerfile",
        hint=SHOW if found else "pass `terraform show -json` output, or manifests with apiVersion and kind",
    )


def _resources(subject: Input) -> tuple[Resource, ...]:
    match subject.subject.kind:
        case InputKind.TERRAFORM_PLAN:
            from gateproof.inputs import terraform

            return terraform.resources(subject)
        case InputKind.KUBERNETES:
            return kubernetes.resources(subject)
        case InputKind.GITHUB_WORKFLOW:
            from gateproof.inputs import workflows

            return workflows.resources(subject)
        case InputKind.DOCKERFILE:
            from gateproof.inputs import dockerfiles

            return dockerfiles.resources(subject)
        case InputKind.UNKNOWN:
            return ()


def _distinct(found: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """Give every resource an address of its own, so that no result can take another's place."""
    taken = {resource.address for resource in found}
    if len(taken) == len(found):
        return found
    seen: dict[str, int] = {}
    distinct = []
    for resource in found:
        count = seen[resource.address] = seen.get(resource.address, 0) + 1
        if count == 1:
            distinct.append(resource)
            continue
        while (address := f"{resource.address} ({count})") in taken:
            count += 1
        taken.add(address)
        seen[resource.address] = count
        distinct.append(msgspec.structs.replace(resource, address=address))
    return tuple(distinct)
