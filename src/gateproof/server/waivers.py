"""Which of many waivers a review is shown: those that name what it is about. What they are worth, ``trust`` says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from gateproof.errors import TrustError
from gateproof.inputs import Input, resources
from gateproof.trust import dsse
from gateproof.trust.forms import DocumentKind, read_payload
from gateproof.trust.waiver import Waiver


class WaiverIndex:
    """Waivers (envelope bytes), found by the subject or the resources that they name.

    A waiver that names neither could never count. ``unreadable`` is the number of those that are no waivers.
    """

    def __init__(self, envelopes: Iterable[bytes]) -> None:
        self.size = 0
        self.unreadable = 0
        self._by_subject: defaultdict[str, list[bytes]] = defaultdict(list)
        self._by_head: defaultdict[int, defaultdict[str, list[bytes]]] = defaultdict(lambda: defaultdict(list))
        for raw in envelopes:
            self.size += 1
            try:
                waiver: Waiver = read_payload(
                    DocumentKind.WAIVER, dsse.payload_of(dsse.decode_single(raw, DocumentKind.WAIVER.payload_type))
                )
            except TrustError:
                self.unreadable += 1
                continue
            self._add(waiver, raw)

    def for_input(self, subject: Input) -> tuple[bytes, ...]:
        """The waivers that may cover something in ``subject``, each once, in the order in which they were given.

        A pattern is looked up by what precedes its first ``*``: of ten thousand, only those that begin alike are read.
        """
        found = dict.fromkeys(self._by_subject.get(subject.subject.digest, ()))
        for resource in resources(subject) if self._by_head else ():
            for length, heads in self._by_head.items():
                found.update(dict.fromkeys(heads.get(resource.address[:length], ())))
        return tuple(found)

    def _add(self, waiver: Waiver, raw: bytes) -> None:
        if not waiver.resources:
            self._by_subject[waiver.subject].append(raw)
        for pattern in waiver.resources:
            head = pattern.partition("*")[0]
            self._by_head[len(head)][head].append(raw)
